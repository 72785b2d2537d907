import rhea from 'rhea';
import { lockTokenToUuid, uuidToLockToken } from './lock-token.ts';
import type { QueueHost } from './queue-host.ts';
import type { SettleOutcome } from './queue-types.ts';
import { maxMessageBytes } from './settings.ts';
import { asRecord, encodeForReceiver, readIncoming, withProperties } from './wire-message.ts';

export type ManagementResponse = {
  readonly statusCode: number;
  readonly statusDescription: string;
  readonly errorCondition: string | undefined;
  readonly body: unknown;
};

/**
 * Answers one request to a queue's `$management` node. The request is a client's: whatever it lacks or gets wrong is a 400.
 * Source: "AMQP 1.0 in Azure Service Bus: request-response-based operations".
 */
export async function manage(host: QueueHost, operation: unknown, requestBody: unknown): Promise<ManagementResponse> {
  const body = asRecord(requestBody);
  switch (operation) {
    case 'com.microsoft:renew-lock':
      return renewLocks(host, body);
    case 'com.microsoft:schedule-message':
      return await schedule(host, body);
    case 'com.microsoft:cancel-scheduled-message':
      return await cancelScheduled(host, body);
    case 'com.microsoft:peek-message':
      return peek(host, body);
    case 'com.microsoft:update-disposition':
      return await updateDisposition(host, body);
    case 'com.microsoft:receive-by-sequence-number':
      return await receiveDeferred(host, body);
    case 'com.microsoft:renew-session-lock':
      return renewSession(host, body);
    case 'com.microsoft:get-session-state':
      return getSessionState(host, body);
    case 'com.microsoft:set-session-state':
      return await setSessionState(host, body);
    default:
      return failure(501, 'amqp:not-implemented', `The operation ${String(operation)} is not implemented.`);
  }
}

function renewLocks(host: QueueHost, body: Record<string, unknown>): ManagementResponse {
  const lockTokens = listOf(body['lock-tokens'], uuidToLockToken);
  if (lockTokens === undefined) return badRequest('lock-tokens');
  const ends = host.renewLocks(lockTokens);
  if (ends === undefined) return failures.lockLost;
  return success({ expirations: rhea.types.wrap_array([...ends], 0x83, undefined) });
}

async function schedule(host: QueueHost, body: Record<string, unknown>): Promise<ManagementResponse> {
  if (!host.hasDeadLetters) return failures.notAllowed;
  const payloads = listOf(body['messages'], (entry) => asBuffer(asRecord(entry)['message']));
  if (payloads === undefined) return badRequest('messages');
  const totalBytes = payloads.reduce((sum, payload) => sum + payload.length, 0);
  if (totalBytes > maxMessageBytes) return failure(403, 'amqp:link:message-size-exceeded', sizeExceeded(totalBytes));
  const messages = listOf(payloads, tryRead);
  if (messages === undefined) return badRequest('messages');
  const outcome = await host.accept(messages);
  if (outcome.kind === 'quotaExceeded') return failure(403, 'amqp:resource-limit-exceeded', quotaExceeded);
  if (outcome.kind === 'sessionMissing') return failures.sessionMissing;
  return success({ 'sequence-numbers': rhea.types.wrap_array([...outcome.sequenceNumbers], 0x81, undefined) });
}

async function cancelScheduled(host: QueueHost, body: Record<string, unknown>): Promise<ManagementResponse> {
  const sequenceNumbers = listOf(body['sequence-numbers'], asInteger);
  if (sequenceNumbers === undefined) return badRequest('sequence-numbers');
  const outcome = await host.cancelScheduled(sequenceNumbers);
  return outcome === 'cancelled' ? success(undefined) : failures.messageNotFound;
}

function peek(host: QueueHost, body: Record<string, unknown>): ManagementResponse {
  const from = asInteger(body['from-sequence-number']);
  const limit = asInteger(body['message-count']);
  if (from === undefined || limit === undefined || limit < 1) return badRequest('from-sequence-number, message-count');
  const peeked = host.peek(from, limit, asText(body['session-id']));
  if (peeked.length === 0) return { statusCode: 204, statusDescription: 'No Content', errorCondition: undefined, body: undefined };
  return success({ messages: peeked.map(({ message, state }) => ({ message: encodeForReceiver(message, { kind: 'peeked', state }) })) });
}

async function receiveDeferred(host: QueueHost, body: Record<string, unknown>): Promise<ManagementResponse> {
  const sequenceNumbers = listOf(body['sequence-numbers'], asInteger);
  if (sequenceNumbers === undefined) return badRequest('sequence-numbers');
  if (body['receiver-settle-mode'] === 0) {
    const taken = await host.takeDeferred(sequenceNumbers);
    if (taken === undefined) return failures.messageNotFound;
    return success({
      messages: taken.map((message) => ({ message: encodeForReceiver(message, { kind: 'received', lockedUntil: undefined }) })),
    });
  }
  const locked = await host.lockDeferred(sequenceNumbers);
  if (locked === undefined) return failures.messageNotFound;
  const messages = locked.map(({ message, lockToken, lockedUntil }) => ({
    'lock-token': rhea.types.wrap_uuid(lockTokenToUuid(lockToken)),
    message: encodeForReceiver(message, { kind: 'received', lockedUntil }),
  }));
  return success({ messages });
}

function renewSession(host: QueueHost, body: Record<string, unknown>): ManagementResponse {
  const sessionId = asText(body['session-id']);
  if (sessionId === undefined) return badRequest('session-id');
  const lockedUntil = host.renewSession(sessionId);
  return lockedUntil === undefined ? failures.sessionLockLost : success({ expiration: rhea.types.wrap_timestamp(lockedUntil) });
}

function getSessionState(host: QueueHost, body: Record<string, unknown>): ManagementResponse {
  const sessionId = asText(body['session-id']);
  if (sessionId === undefined) return badRequest('session-id');
  if (!host.isSessionHeld(sessionId)) return failures.sessionLockLost;
  const state = host.sessionState(sessionId);
  return success({ 'session-state': state === undefined ? null : rhea.types.wrap_binary(state) });
}

async function setSessionState(host: QueueHost, body: Record<string, unknown>): Promise<ManagementResponse> {
  const sessionId = asText(body['session-id']);
  const state: unknown = body['session-state'];
  if (sessionId === undefined || (state !== null && state !== undefined && !Buffer.isBuffer(state)))
    return badRequest('session-id, session-state');
  if (!host.isSessionHeld(sessionId)) return failures.sessionLockLost;
  await host.setSessionState(sessionId, Buffer.isBuffer(state) ? state : undefined);
  return success(undefined);
}

async function updateDisposition(host: QueueHost, body: Record<string, unknown>): Promise<ManagementResponse> {
  const lockTokens = listOf(body['lock-tokens'], uuidToLockToken);
  if (lockTokens === undefined) return badRequest('lock-tokens');
  for (const lockToken of lockTokens) {
    const outcome = await dispose(host, lockToken, body);
    if (outcome !== 'settled') return outcome === undefined ? badRequest('disposition-status') : failures[outcome];
  }
  return success(undefined);
}

function dispose(host: QueueHost, lockToken: string, body: Record<string, unknown>): Promise<SettleOutcome> | undefined {
  const change = (payload: Buffer) => withProperties(payload, asRecord(body['properties-to-modify']));
  switch (body['disposition-status']) {
    case 'completed':
      return host.complete(lockToken);
    case 'abandoned':
      return host.abandon(lockToken, change);
    case 'defered':
      return host.defer(lockToken, change);
    case 'suspended': {
      const cause = { reason: asText(body['deadletter-reason']), description: asText(body['deadletter-description']) };
      return host.deadLetter(lockToken, cause, change);
    }
    default:
      return undefined;
  }
}

const quotaExceeded = 'The maximum entity size has been reached or exceeded.';

function sizeExceeded(bytes: number): string {
  return `The received message (size:${bytes} bytes) exceeds the limit (${maxMessageBytes} bytes) currently allowed on the link.`;
}

const failures = {
  lockLost: failure(
    410,
    'com.microsoft:message-lock-lost',
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  ),
  notAllowed: failure(400, 'amqp:not-allowed', 'The operation is not allowed on a dead-letter queue.'),
  sessionMissing: failure(400, 'amqp:not-allowed', 'The SessionId was not set on a message, and it cannot be sent to the entity.'),
  sessionLockLost: failure(410, 'com.microsoft:session-lock-lost', 'The session lock has expired on the message session.'),
  messageNotFound: failure(404, 'com.microsoft:message-not-found', 'The specified message does not exist.'),
};

function success(body: unknown): ManagementResponse {
  return { statusCode: 200, statusDescription: 'OK', errorCondition: undefined, body };
}

function badRequest(fields: string): ManagementResponse {
  return failure(400, 'com.microsoft:argument-error', `The request is not valid: ${fields}.`);
}

function failure(statusCode: number, errorCondition: string, statusDescription: string): ManagementResponse {
  return { statusCode, statusDescription, errorCondition, body: undefined };
}

function listOf<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const item of value) {
    const parsed = read(item);
    if (parsed === undefined) return undefined;
    items.push(parsed);
  }
  return items;
}

function tryRead(payload: unknown) {
  try {
    return Buffer.isBuffer(payload) ? readIncoming(payload) : undefined;
  } catch {
    return undefined;
  }
}

function asBuffer(value: unknown): Buffer | undefined {
  return Buffer.isBuffer(value) ? value : undefined;
}

function asInteger(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

import { randomUUID } from 'node:crypto';
import rhea from 'rhea';
import type { StoredMessage } from './queue-state.ts';
import type { IncomingMessage } from './queue-types.ts';
import type { DeadLetterCause } from './records.ts';

/** The message format of a batch: a message whose data sections are encoded messages. Source: the Service Bus AMQP protocol guide. */
export const batchMessageFormat = 0x80013700;

/** Source: the enumeration ServiceBusMessageState. */
const messageStates = { active: 0, deferred: 1, scheduled: 2 } as const;

const scheduledEnqueueTime = 'x-opt-scheduled-enqueue-time';

type Decoded = ReturnType<typeof rhea.message.decode>;

export type DeliveryFacts =
  | { readonly kind: 'received'; readonly lockedUntil: number | undefined }
  | { readonly kind: 'peeked'; readonly state: 'active' | 'scheduled' | 'deferred' };

/**
 * Reads what the queue must know of an encoded AMQP message. The bytes are a client's: throws when they are not a message.
 * A message without an id gets one, as Service Bus does; clients cannot settle a message that has none.
 */
export function readIncoming(payload: Buffer): IncomingMessage {
  const message = rhea.message.decode(payload);
  const annotations: unknown = message['message_annotations'];
  const messageId = messageIdKey(message['message_id']);
  const sessionId: unknown = message['group_id'];
  return {
    payload: messageId === undefined ? withNewMessageId(message) : payload,
    messageId,
    ttlMs: wholeNumber(message['ttl']),
    scheduledFor: instant(property(annotations, scheduledEnqueueTime)),
    sessionId: typeof sessionId === 'string' && sessionId !== '' ? sessionId : undefined,
  };
}

/** Takes a batch apart; throws when a content is not a message. */
export function readIncomingBatch(payload: Buffer): IncomingMessage[] {
  const body: unknown = rhea.message.decode(payload)['body'];
  const content = property(body, 'content');
  const parts: readonly unknown[] = Array.isArray(content) ? content : content === undefined ? [] : [content];
  return parts.map((part) => {
    if (!Buffer.isBuffer(part)) throw new TypeError('a batch holds data sections only');
    return readIncoming(part);
  });
}

/** The bytes that a receiver gets: the sender's message with the broker's header and annotations. */
export function encodeForReceiver(stored: StoredMessage, facts: DeliveryFacts): Buffer {
  const { types } = rhea;
  const message = rhea.message.decode(stored.payload);
  const annotations: Record<string, unknown> = {
    ...asRecord(message['message_annotations']),
    'x-opt-sequence-number': types.wrap_long(stored.sequenceNumber),
    'x-opt-enqueued-time': types.wrap_timestamp(stored.enqueuedAt),
    'x-opt-enqueue-sequence-number': types.wrap_long(0),
    'x-opt-message-state': types.wrap_int(messageStates[facts.kind === 'peeked' ? facts.state : 'active']),
  };
  if (facts.kind === 'received' && facts.lockedUntil !== undefined) {
    annotations['x-opt-locked-until'] = types.wrap_timestamp(facts.lockedUntil);
  }
  message['message_annotations'] = annotations;
  message['delivery_count'] = stored.deliveryCount;
  limitLife(message, stored.ttlMs);
  setProperties(message, deadLetterProperties(stored.deadLetter));
  return rhea.message.encode(message);
}

/** The message with application properties set or replaced, as abandon and dead-letter may ask. */
export function withProperties(payload: Buffer, properties: Readonly<Record<string, unknown>>): Buffer {
  const message = rhea.message.decode(payload);
  setProperties(message, properties);
  return rhea.message.encode(message);
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Where the queue shortens a life, the sender's own statement of its end moves too; clients believe that one first. */
function limitLife(message: Decoded, ttlMs: number | undefined): void {
  if (ttlMs === undefined || message['ttl'] === ttlMs) return;
  const created: unknown = message['creation_time'];
  message['ttl'] = ttlMs;
  if (created instanceof Date) message['absolute_expiry_time'] = new Date(created.getTime() + ttlMs);
}

function withNewMessageId(message: Decoded): Buffer {
  message['message_id'] = randomUUID().replaceAll('-', '');
  return rhea.message.encode(message);
}

function setProperties(message: Decoded, changes: Readonly<Record<string, unknown>>): void {
  if (Object.keys(changes).length === 0) return;
  message['application_properties'] = { ...asRecord(message['application_properties']), ...changes };
}

function deadLetterProperties(cause: DeadLetterCause | undefined): Record<string, unknown> {
  return {
    ...(cause?.reason === undefined ? {} : { DeadLetterReason: cause.reason }),
    ...(cause?.description === undefined ? {} : { DeadLetterErrorDescription: cause.description }),
  };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Message ids of different AMQP types are different ids. */
function messageIdKey(messageId: unknown): string | undefined {
  if (typeof messageId === 'string') return `string:${messageId}`;
  if (typeof messageId === 'number') return `ulong:${messageId}`;
  if (Buffer.isBuffer(messageId)) return `bytes:${messageId.toString('hex')}`;
  return undefined;
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function instant(value: unknown): number | undefined {
  const milliseconds = value instanceof Date ? value.getTime() : value;
  return typeof milliseconds === 'number' && Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
}

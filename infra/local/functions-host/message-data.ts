import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { TypedData } from './core-types.ts';
import { asciiLower } from './request-target.ts';

/** A body that the cloud's host cannot hand to a function either; the message is abandoned, and at last dead-lettered. */
export class UnreadableBody extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'UnreadableBody';
  }
}

/**
 * The message as the host hands it to the worker. The metadata has the names of the extension's binding data
 * (`ServiceBusTriggerBindingStrategy`), which the library turns to camel case. As in the cloud, **the members of a JSON body become
 * metadata too and win over the message's own of the same name** (`Utility.ApplyBindingData`), and the delivery count starts at 1.
 * Throws `UnreadableBody`.
 */
export function messageData(
  message: ServiceBusReceivedMessage,
  binary: boolean,
): { readonly data: TypedData; readonly metadata: Readonly<Record<string, TypedData>> } {
  if (binary) {
    return { data: { bytes: bytesOf(message.body) }, metadata: Object.fromEntries(ownMetadata(message)) };
  }
  const text = textOf(message.body);
  return { data: { string: text }, metadata: Object.fromEntries(withMembers(ownMetadata(message), text)) };
}

/** The sender's trace: W3C's name, or the one that Azure's clients write. */
export function traceParentOf(message: ServiceBusReceivedMessage): string | undefined {
  const { traceparent, ['Diagnostic-Id']: diagnosticId } = message.applicationProperties ?? {};
  return [traceparent, diagnosticId].find((value) => typeof value === 'string');
}

function ownMetadata(message: ServiceBusReceivedMessage): Map<string, TypedData> {
  const properties =
    message.applicationProperties === undefined ? undefined : JSON.stringify(message.applicationProperties, withoutBigInts);
  const entries: readonly (readonly [string, TypedData | undefined])[] = [
    ['DeliveryCount', { json: String((message.deliveryCount ?? 0) + 1) }],
    ['DeadLetterSource', asText(message.deadLetterSource)],
    ['LockToken', asText(message.lockToken)],
    ['ExpiresAtUtc', asDateTime(message.expiresAtUtc, '')],
    ['ExpiresAt', asDateTime(message.expiresAtUtc, '+00:00')],
    ['EnqueuedTimeUtc', asDateTime(message.enqueuedTimeUtc, '')],
    ['EnqueuedTime', asDateTime(message.enqueuedTimeUtc, '+00:00')],
    ['MessageId', asText(message.messageId)],
    ['ContentType', asText(message.contentType)],
    ['ReplyTo', asText(message.replyTo)],
    ['SequenceNumber', message.sequenceNumber === undefined ? undefined : { json: message.sequenceNumber.toString() }],
    ['To', asText(message.to)],
    ['Subject', asText(message.subject)],
    ['Label', asText(message.subject)],
    ['CorrelationId', asText(message.correlationId)],
    ['ApplicationProperties', { json: properties ?? '{}' }],
    ['UserProperties', { json: properties ?? '{}' }],
    ['SessionId', asText(message.sessionId)],
    ['ReplyToSessionId', asText(message.replyToSessionId)],
    ['PartitionKey', asText(message.partitionKey)],
  ];
  return new Map(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

/** Arrays and nulls are left out; a value that is no object arrives as a string. */
function withMembers(metadata: Map<string, TypedData>, text: string): Map<string, TypedData> {
  const names = new Map([...metadata.keys()].map((name) => [asciiLower(name), name]));
  for (const [member, value] of Object.entries(parseObject(text))) {
    if (value === null || Array.isArray(value)) {
      continue;
    }
    const name = names.get(asciiLower(member)) ?? member;
    names.set(asciiLower(member), name);
    metadata.set(name, typeof value === 'object' ? { json: JSON.stringify(value) } : { string: netString(value) });
  }
  return metadata;
}

function parseObject(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function netString(value: unknown): string {
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  return String(value);
}

function asText(value: string | number | Buffer | undefined): TypedData | undefined {
  return value === undefined || value === null ? undefined : { string: String(value) };
}

/** No `DateTime` is later; a message that lives for ever expires then. */
const lastOfNet = new Date('9999-12-31T23:59:59.999Z');

/** .NET writes no needless digits, and no zone for a `DateTime` of unspecified kind, which the names ending in Utc are. */
function asDateTime(time: Date | undefined, zone: string): TypedData | undefined {
  if (time === undefined || Number.isNaN(time.getTime())) {
    return undefined;
  }
  const digits = time > lastOfNet ? '9999-12-31T23:59:59.9999999' : time.toISOString().replace(/(?:\.0+|0+)?Z$/, '');
  return { json: JSON.stringify(`${digits}${zone}`) };
}

function withoutBigInts(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) {
    return body;
  }
  return Buffer.from(textOf(body), 'utf8');
}

function textOf(body: unknown): string {
  if (typeof body === 'string') {
    return body;
  }
  if (!(body instanceof Uint8Array)) {
    throw new UnreadableBody('The body is neither bytes nor text.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new UnreadableBody('The body is not UTF-8.');
  }
}

import { createHash } from 'node:crypto';
import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import { readQueueMessage } from '../../shared/contracts/queue-message.ts';
import { type QueueName, queueNames, setAsideQueue } from '../../shared/contracts/queues.ts';

/** Where messages lie that nobody could handle: the dead letters of a queue, or what the functions have set aside. */
export type Place = QueueName | typeof setAsideQueue.name;

export const places: readonly Place[] = [...queueNames, setAsideQueue.name];

/** What a person is told of a dead letter. The body of what is not ours may hold anything, so that only its size and digest are told. */
export type Letter = {
  /** `PLACE/SEQUENCE-NUMBER`: how commands name it. */
  readonly id: string;
  /** Where it came from and is sent again; undefined where that is no queue of ours. */
  readonly queue: QueueName | undefined;
  readonly messageId: string;
  readonly reason: string;
  readonly description: string;
  /** How often it was delivered before it died, and since. */
  readonly deliveryCount: number;
  readonly enqueuedAt: string;
  readonly ageSeconds: number;
  readonly redriveCount: number;
  readonly bodyBytes: number;
  readonly bodyDigest: string;
  readonly content:
    | { readonly kind: 'ours'; readonly operationId: string; readonly purpose: string; readonly sequence: number; readonly attempt: number }
    | { readonly kind: 'other'; readonly problem: string };
};

const redriveSuffix = /\.redrive-(\d{1,6})$/;
/** What to send, and to which queue. */
export type RedrivenCopy = { readonly queue: QueueName; readonly copy: ServiceBusMessage };

/** The longest message id that Service Bus takes. */
const longestMessageId = 128;

/** Reads a dead letter that was received or peeked with its body left as bytes; `nowMs` is milliseconds since the epoch. */
export function letterOf(place: Place, message: ServiceBusReceivedMessage, nowMs: number): Letter {
  const body = bytesOf(message);
  const { queue, messageId, reason, description } = originOf(place, message);
  const parsed = queue === undefined ? unknownQueue : readQueueMessage(queue, message.contentType, message.body);
  const enqueuedAt = message.enqueuedTimeUtc ?? new Date(nowMs);
  return {
    id: idOf(place, message),
    queue,
    messageId,
    reason,
    description,
    deliveryCount: message.deliveryCount ?? 0,
    enqueuedAt: enqueuedAt.toISOString(),
    ageSeconds: Math.max(0, Math.round((nowMs - enqueuedAt.getTime()) / 1000)),
    redriveCount: redriveCountOf(messageId),
    bodyBytes: body?.length ?? 0,
    bodyDigest: body === undefined ? '' : `sha256:${createHash('sha256').update(body).digest('hex')}`,
    content: parsed.ok ? oursOf(parsed.message) : { kind: 'other', problem: parsed.problem },
  };
}

export function idOf(place: Place, { sequenceNumber }: ServiceBusReceivedMessage): string {
  return `${place}/${sequenceNumber?.toString() ?? '0'}`;
}

/**
 * The message as it is sent once more, and to where. Its id is new, since the queue drops an id that it remembers, and the same for the same letter: whoever is
 * interrupted between sending and settling, and does it again, sends nothing twice while the queue remembers. Undefined where the body is no bytes or
 * the queue is unknown, as with no message of ours.
 */
export function redrivenCopy(place: Place, message: ServiceBusReceivedMessage): RedrivenCopy | undefined {
  const body = bytesOf(message);
  const { queue, messageId } = originOf(place, message);
  if (body === undefined || queue === undefined) return undefined;
  const { DeadLetterReason: _reason, DeadLetterErrorDescription: _description, ...properties } = message.applicationProperties ?? {};
  const copy = {
    body,
    messageId: redrivenId(messageId),
    ...(place === setAsideQueue.name ? {} : { applicationProperties: properties }),
    ...(message.contentType === undefined ? {} : { contentType: message.contentType }),
    ...(message.subject === undefined ? {} : { subject: message.subject }),
    ...(message.correlationId === undefined ? {} : { correlationId: message.correlationId }),
  };
  return { queue, copy };
}

function redrivenId(messageId: string): string {
  const suffix = `.redrive-${redriveCountOf(messageId) + 1}`;
  const original = messageId.replace(redriveSuffix, '');
  if (original.length + suffix.length <= longestMessageId) return `${original}${suffix}`;
  return `${createHash('sha256').update(original).digest('hex')}${suffix}`;
}

/** The id is what a message keeps on every way that it can take. */
function redriveCountOf(messageId: string): number {
  return Number(redriveSuffix.exec(messageId)?.[1] ?? 0);
}

type Origin = Pick<Letter, 'queue' | 'messageId' | 'reason' | 'description'>;

/** What was set aside carries what the functions knew of it; a dead letter what Service Bus knows. */
function originOf(place: Place, message: ServiceBusReceivedMessage): Origin {
  if (place !== setAsideQueue.name) {
    const { messageId, deadLetterReason: reason = 'unknown', deadLetterErrorDescription: description = '' } = message;
    return { queue: place, messageId: String(messageId ?? ''), reason, description };
  }
  const { queue, messageId, reason } = message.applicationProperties ?? {};
  return {
    queue: queueNames.find((name) => name === queue),
    messageId: String(messageId ?? ''),
    reason: String(reason ?? 'unknown'),
    description: '',
  };
}

const unknownQueue = { ok: false, problem: 'queue: unknown' } as const;

function oursOf({ operationId, purpose, sequence, attempt }: Extract<ReturnType<typeof readQueueMessage>, { ok: true }>['message']) {
  return { kind: 'ours', operationId, purpose, sequence, attempt } as const;
}

function bytesOf({ body }: ServiceBusReceivedMessage): Buffer | undefined {
  const value: unknown = body;
  return value instanceof Uint8Array ? Buffer.from(value) : undefined;
}

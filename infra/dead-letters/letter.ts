import { createHash } from 'node:crypto';
import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import { readQueueMessage } from '../../shared/contracts/queue-message.ts';
import type { QueueName } from '../../shared/contracts/queues.ts';

/** What a person is told of a dead letter. The body of what is not ours may hold anything, so that only its size and digest are told. */
export type Letter = {
  /** `QUEUE/SEQUENCE-NUMBER`: how commands name it. */
  readonly id: string;
  readonly queue: QueueName;
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

const redriveCountProperty = 'redriveCount';
const redriveSuffix = /\.redrive-\d+$/;
/** The longest message id that Service Bus takes. */
const longestMessageId = 128;

/** Reads a dead letter that was received or peeked with its body left as bytes; `nowMs` is milliseconds since the epoch. */
export function letterOf(queue: QueueName, message: ServiceBusReceivedMessage, nowMs: number): Letter {
  const body = bytesOf(message);
  const parsed = readQueueMessage(queue, message.contentType, message.body);
  const enqueuedAt = message.enqueuedTimeUtc ?? new Date(nowMs);
  return {
    id: `${queue}/${message.sequenceNumber?.toString() ?? '0'}`,
    queue,
    messageId: String(message.messageId ?? ''),
    reason: message.deadLetterReason ?? 'unknown',
    description: message.deadLetterErrorDescription ?? '',
    deliveryCount: message.deliveryCount ?? 0,
    enqueuedAt: enqueuedAt.toISOString(),
    ageSeconds: Math.max(0, Math.round((nowMs - enqueuedAt.getTime()) / 1000)),
    redriveCount: redriveCountOf(message),
    bodyBytes: body?.length ?? 0,
    bodyDigest: body === undefined ? '' : `sha256:${createHash('sha256').update(body).digest('hex')}`,
    content: parsed.ok ? oursOf(parsed.message) : { kind: 'other', problem: parsed.problem },
  };
}

/**
 * The message as it is sent once more. Its id is new, since the queue drops an id that it remembers, and the same for the same letter: whoever is
 * interrupted between sending and settling, and does it again, sends nothing twice while the queue remembers. Undefined where the body is no bytes,
 * which no message of ours is.
 */
export function redrivenCopy(message: ServiceBusReceivedMessage): ServiceBusMessage | undefined {
  const body = bytesOf(message);
  if (body === undefined) return undefined;
  const count = redriveCountOf(message) + 1;
  const { DeadLetterReason: _reason, DeadLetterErrorDescription: _description, ...properties } = message.applicationProperties ?? {};
  return {
    body,
    messageId: redrivenId(String(message.messageId ?? ''), count),
    applicationProperties: { ...properties, [redriveCountProperty]: count },
    ...(message.contentType === undefined ? {} : { contentType: message.contentType }),
    ...(message.subject === undefined ? {} : { subject: message.subject }),
    ...(message.correlationId === undefined ? {} : { correlationId: message.correlationId }),
  };
}

function redrivenId(messageId: string, count: number): string {
  const suffix = `.redrive-${count}`;
  const original = messageId.replace(redriveSuffix, '');
  if (original.length + suffix.length <= longestMessageId) return `${original}${suffix}`;
  return `${createHash('sha256').update(original).digest('hex')}${suffix}`;
}

function redriveCountOf({ applicationProperties }: ServiceBusReceivedMessage): number {
  const count: unknown = applicationProperties?.[redriveCountProperty];
  return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0;
}

function oursOf({ operationId, purpose, sequence, attempt }: Extract<ReturnType<typeof readQueueMessage>, { ok: true }>['message']) {
  return { kind: 'ours', operationId, purpose, sequence, attempt } as const;
}

function bytesOf({ body }: ServiceBusReceivedMessage): Buffer | undefined {
  const value: unknown = body;
  return value instanceof Uint8Array ? Buffer.from(value) : undefined;
}

import { z } from 'zod';

/** Why a message is a dead letter: what the receiver said, or what the broker says when it moves the message itself. */
export type DeadLetterCause = { readonly reason: string | undefined; readonly description: string | undefined };

/**
 * Everything that changes a queue, as it is kept. Locks are recorded without token or end: they do not survive a restart,
 * but a delivery that was cut short by one still counts.
 */
export type QueueRecord =
  | { readonly kind: 'counter'; readonly next: number }
  | { readonly kind: 'seen'; readonly messageId: string; readonly at: number }
  | {
      readonly kind: 'enqueued';
      readonly sequenceNumber: number;
      readonly payload: Buffer;
      readonly enqueuedAt: number;
      readonly ttlMs: number | undefined;
      readonly scheduledFor: number | undefined;
      readonly deliveryCount: number;
      readonly deadLetter: DeadLetterCause | undefined;
      readonly sessionId?: string;
      readonly deferred?: true;
    }
  | { readonly kind: 'activated'; readonly sequenceNumber: number; readonly as: number; readonly at: number }
  | { readonly kind: 'locked'; readonly sequenceNumber: number }
  | { readonly kind: 'unlocked'; readonly sequenceNumber: number; readonly counted: boolean; readonly payload: Buffer | undefined }
  | { readonly kind: 'deferred'; readonly sequenceNumber: number; readonly payload: Buffer | undefined }
  | { readonly kind: 'sessionState'; readonly sessionId: string; readonly payload: Buffer | undefined }
  | { readonly kind: 'removed'; readonly sequenceNumber: number }
  | {
      readonly kind: 'deadLettered';
      readonly sequenceNumber: number;
      readonly counted: boolean;
      readonly cause: DeadLetterCause;
      readonly payload: Buffer | undefined;
    };

/** One record and the key of the queue or dead-letter queue that it belongs to. */
export type JournalRecord = { readonly queue: string; readonly record: QueueRecord };

const count = z.number().int().nonnegative();
const sequenceNumber = z.number().int().positive();
const instant = z.number().int();
const payload = z.base64().transform((text) => Buffer.from(text, 'base64'));
const deadLetterCause = z.strictObject({ reason: z.string().optional(), description: z.string().optional() }).transform((cause) => ({
  reason: cause.reason,
  description: cause.description,
}));

const queueRecord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('counter'), next: sequenceNumber }),
  z.strictObject({ kind: z.literal('seen'), messageId: z.string(), at: instant }),
  z
    .strictObject({
      kind: z.literal('enqueued'),
      sequenceNumber,
      payload,
      enqueuedAt: instant,
      ttlMs: count.optional(),
      scheduledFor: instant.optional(),
      deliveryCount: count,
      deadLetter: deadLetterCause.optional(),
      sessionId: z.string().exactOptional(),
      deferred: z.literal(true).exactOptional(),
    })
    .transform((record) => ({ ...record, ttlMs: record.ttlMs, scheduledFor: record.scheduledFor, deadLetter: record.deadLetter })),
  z.strictObject({ kind: z.literal('activated'), sequenceNumber, as: sequenceNumber, at: instant }),
  z.strictObject({ kind: z.literal('locked'), sequenceNumber }),
  z
    .strictObject({ kind: z.literal('unlocked'), sequenceNumber, counted: z.boolean(), payload: payload.optional() })
    .transform((record) => ({ ...record, payload: record.payload })),
  z
    .strictObject({ kind: z.literal('deferred'), sequenceNumber, payload: payload.optional() })
    .transform((record) => ({ ...record, payload: record.payload })),
  z
    .strictObject({ kind: z.literal('sessionState'), sessionId: z.string(), payload: payload.optional() })
    .transform((record) => ({ ...record, payload: record.payload })),
  z.strictObject({ kind: z.literal('removed'), sequenceNumber }),
  z
    .strictObject({
      kind: z.literal('deadLettered'),
      sequenceNumber,
      counted: z.boolean(),
      cause: deadLetterCause,
      payload: payload.optional(),
    })
    .transform((record) => ({ ...record, payload: record.payload })),
]);

const journalRecords = z.array(z.strictObject({ queue: z.string(), record: queueRecord }));

/** One line of JSON for records that must become durable together; payloads are base64. */
export function encodeRecords(records: readonly JournalRecord[]): string {
  return JSON.stringify(records, function replace(this: unknown, key: string, value: unknown): unknown {
    if (key !== 'payload') return value;
    const original: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : undefined;
    return Buffer.isBuffer(original) ? original.toString('base64') : value;
  });
}

/** Decodes what `encodeRecords` wrote. Throws when the text is anything else. */
export function decodeRecords(text: string): JournalRecord[] {
  return journalRecords.parse(JSON.parse(text));
}

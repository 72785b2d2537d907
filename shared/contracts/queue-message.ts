import { z } from 'zod';
import { type Digest, isDigest } from '../domain/digest.ts';
import { epochMsOf } from '../domain/instant.ts';
import { JsonError, type JsonValue, parseJson } from '../domain/json.ts';
import { isOperationId, type OperationId } from '../domain/operation.ts';
import { parseTraceParent } from '../domain/trace-parent.ts';
import { type Announcement, purposes } from '../ports/announcer.ts';
import { type QueueName, queueOf } from './queues.ts';

const body = z
  .strictObject({
    version: z.literal(1),
    operationId: z.custom<OperationId>((value) => typeof value === 'string' && isOperationId(value), 'not an operation id'),
    purpose: z.enum(purposes),
    sequence: z.int().min(1).max(99_999_999),
    commit: z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest'),
    attempt: z.int().min(0).max(1_000_000),
    /** What is not exactly a `traceparent` is not carried on. */
    traceparent: z
      .string()
      .refine((text) => parseTraceParent(text) !== undefined)
      .exactOptional(),
  })
  .readonly();

/** Body of a message, version 1. It names what to look at and nothing else: what is true is read from the store. */
export type QueueMessage = z.output<typeof body>;

/** A message as the Service Bus client takes it. */
export type EncodedMessage = {
  readonly body: QueueMessage;
  /** Operation, purpose, sequence, commit and attempt: duplicate detection drops repeats of the same announcement and nothing else. */
  readonly messageId: string;
  readonly contentType: 'application/json';
  readonly applicationProperties: Readonly<Record<string, string>>;
  readonly scheduledEnqueueTimeUtc?: Date;
};

/** Throws RangeError for an announcement that {@link parseQueueMessage} would refuse: such a message could only become a dead letter. */
export function encodeQueueMessage(announcement: Announcement): EncodedMessage {
  const { operationId, purpose, sequence, commit, attempt, notBefore } = announcement;
  const traceparent = parseTraceParent(announcement.traceparent) === undefined ? undefined : announcement.traceparent;
  const parsed = parseQueueMessage({
    version: 1,
    operationId,
    purpose,
    sequence,
    commit,
    attempt,
    ...(traceparent === undefined ? {} : { traceparent }),
  });
  if (!parsed.ok) throw new RangeError(`not an announcement: ${parsed.problem}`);
  return {
    body: parsed.message,
    messageId: `${operationId}.${purpose}.${sequence}.${commit.slice('sha256:'.length, 'sha256:'.length + 32)}.${attempt}`,
    contentType: 'application/json',
    applicationProperties: traceparent === undefined ? {} : { traceparent, 'Diagnostic-Id': traceparent },
    ...(notBefore === undefined ? {} : { scheduledEnqueueTimeUtc: new Date(epochMsOf(notBefore)) }),
  };
}

export type ParsedQueueMessage = { readonly ok: true; readonly message: QueueMessage } | { readonly ok: false; readonly problem: string };

/** Parses a hostile message body, JSON already parsed. The problem names fields and types, never what they hold. */
export function parseQueueMessage(value: unknown): ParsedQueueMessage {
  const parsed = body.safeParse(value);
  if (parsed.success) return { ok: true, message: parsed.data };
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.code}`);
  return { ok: false, problem: problems.join('; ') };
}

/** Longer than any message of ours; what is longer is not even read. */
export const maxQueueBodyBytes = 4096;

/** Values, lists and objects that a message of ours has at most, and then some. */
const maxQueueBodyValues = 32;

/**
 * Reads a hostile message as it came from a queue: its bytes, and the content type that its sender gave. It must be JSON by its own account, short, and about
 * something that this queue carries. The problem never says what the body holds.
 */
export function readQueueMessage(queue: QueueName, contentType: unknown, body: unknown): ParsedQueueMessage {
  if (contentType !== 'application/json') return { ok: false, problem: 'contentType: not application/json' };
  if (!(body instanceof Uint8Array)) return { ok: false, problem: 'body: not bytes' };
  if (body.length > maxQueueBodyBytes) return { ok: false, problem: `body: more than ${maxQueueBodyBytes} bytes` };
  const value = parseOrProblem(body);
  if (value instanceof JsonError) return { ok: false, problem: `body: ${value.code}` };
  const parsed = parseQueueMessage(value);
  if (parsed.ok && queueOf(parsed.message.purpose) !== queue) return { ok: false, problem: 'purpose: of another queue' };
  return parsed;
}

function parseOrProblem(body: Uint8Array): JsonValue | JsonError {
  try {
    return parseJson(body, maxQueueBodyValues);
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
}

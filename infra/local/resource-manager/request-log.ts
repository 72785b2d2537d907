import { createHash } from 'node:crypto';
import { appendFileSync, truncateSync } from 'node:fs';
import { z } from 'zod';
import { readIfPresent, writePrivately } from '../private-files.ts';

const loggedRequest = z.object({
  /** From 1, without gaps, across restarts. */
  sequence: z.int().positive(),
  receivedAt: z.iso.datetime(),
  method: z.string(),
  /** The request target exactly as it came. */
  url: z.string(),
  /** Object id of the caller, or null where the token did not verify. */
  principalId: z.string().nullable(),
  /** Null where the connection broke before anything was done. */
  status: z.int().nullable(),
  /** What it did, or null where it changed nothing. */
  effect: z.object({ kind: z.enum(['write', 'delete', 'action']), resourceId: z.string() }).nullable(),
  clientRequestId: z.string().nullable(),
  correlationId: z.string(),
  requestId: z.string(),
  /** Bodies may hold secrets: only their digest (hexadecimal SHA-256, null for an empty body) and size are kept. */
  bodySha256: z.string().nullable(),
  bodySizeBytes: z.int().nonnegative(),
  /** The long-running operation that it began, or null; its effect comes only when that succeeds. */
  operationId: z.string().nullable().default(null),
  /** The names of the faults that it met, in order; the client may have seen another answer than `status`, or none. */
  faults: z.array(z.string()).default([]),
});
export type LoggedRequest = z.infer<typeof loggedRequest>;

export type RequestLog = {
  /** The entry is in the file before this returns. */
  readonly append: (entry: Omit<LoggedRequest, 'sequence'>) => LoggedRequest;
  /** Those with a sequence above `after`, in order. */
  readonly after: (after: number) => readonly LoggedRequest[];
};

/** Opens the log kept in the file, one JSON object a line; a last line that a crash tore is dropped. */
export function openRequestLog(path: string): RequestLog {
  const text = readIfPresent(path);
  if (text === undefined) {
    writePrivately(path, '');
  }
  const whole = (text ?? '').slice(0, (text ?? '').lastIndexOf('\n') + 1);
  if (text !== undefined && whole.length < text.length) {
    truncateSync(path, Buffer.byteLength(whole));
  }
  const lines = whole.split('\n').filter((line) => line !== '');
  const entries = lines.map((line) => loggedRequest.parse(JSON.parse(line)));
  return {
    append: (entry) => {
      const logged = { sequence: entries.length + 1, ...entry };
      appendFileSync(path, `${JSON.stringify(logged)}\n`);
      entries.push(logged);
      return logged;
    },
    after: (after) => entries.slice(Math.max(0, after)),
  };
}

export function bodyDigest(body: Buffer): string | null {
  return body.length === 0 ? null : createHash('sha256').update(body).digest('hex');
}

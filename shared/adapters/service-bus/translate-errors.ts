import { AnnounceError } from '../../ports/announcer.ts';

/** How long one call may take with all repeats that the SDK makes by itself. */
const callTimeoutMs = 30_000;

/** Options of every call: the SDK on its own repeats for minutes while somebody waits for an answer. */
export function bounded(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(callTimeoutMs) };
}

export function announceErrorOf(error: unknown): AnnounceError {
  return new AnnounceError('the queues did not take the messages', { cause: error });
}

/** Raised where the dead letters cannot be counted. */
export class DeadLetterCountError extends Error {
  constructor(queue: string, options?: ErrorOptions) {
    super(`the dead letters of ${queue} cannot be counted`, options);
    this.name = 'DeadLetterCountError';
  }
}

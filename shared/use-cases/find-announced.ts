import { plusMs } from '../domain/instant.ts';
import type { Announcement, Announcer } from '../ports/announcer.ts';
import { type OperationStore, type StoredOperation, StoreError } from '../ports/operation-store.ts';
import type { Clock, Log, Pause } from '../ports/system.ts';

/** How long a message waits for the commit that it announced, by attempt; after the last one that commit is taken to have failed. */
export const putOffMs = [250, 1_000, 5_000, 30_000, 120_000] as const;

/**
 * A message usually overtakes the commit that it announced by some milliseconds, which is too soon to send it round again: it would cost a message, and the
 * operation a quarter of a second at each step.
 */
const momentsMs = [10, 20, 40, 80] as const;

export type FindAnnouncedDeps = {
  readonly store: OperationStore;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
  readonly pause: Pause;
};

/** What is stored of an operation is damaged: its chain is broken. No repetition mends that; it is for a person to see. */
export class OperationDamagedError extends Error {
  constructor(id: string, options: ErrorOptions) {
    super(`what is stored of ${id} is damaged`, options);
    this.name = 'OperationDamagedError';
  }
}

/** The operation that a message speaks of never came to be: whoever announced it did not get to its first commit, or the message is nobody's. */
export class OperationUnknownError extends Error {
  constructor(id: string) {
    super(`there is no operation ${id}`);
    this.name = 'OperationUnknownError';
  }
}

/**
 * The operation that a message speaks of, once the commit that the message announced is there; undefined where the message is settled:
 * put off until the commit may have come, or dropped because it never will. Throws {@link OperationDamagedError}, and {@link OperationUnknownError} where there is no operation even then.
 */
export async function findAnnounced(deps: FindAnnouncedDeps, message: Announcement): Promise<StoredOperation | undefined> {
  const stored = await readAfterMoments(deps, message);
  const announced = stored?.events[message.sequence - 1];
  if (stored !== undefined && announced !== undefined) {
    if (announced.hash === message.commit) return stored;
    deps.log.info('dropped a message whose commit lost to another', { operationId: message.operationId, purpose: message.purpose });
    return undefined;
  }
  const delayMs = putOffMs[message.attempt];
  if (delayMs === undefined) {
    deps.log.warn('dropped a message whose commit never came', { operationId: message.operationId, purpose: message.purpose });
    if (stored === undefined) throw new OperationUnknownError(message.operationId);
    return undefined;
  }
  await putOff(deps, message, delayMs);
  return undefined;
}

/** What comes again has waited long enough. */
async function readAfterMoments(deps: FindAnnouncedDeps, message: Announcement): Promise<StoredOperation | undefined> {
  let stored = await readSound(deps, message);
  for (const momentMs of message.attempt === 0 ? momentsMs : []) {
    if (stored?.events[message.sequence - 1] !== undefined) break;
    await deps.pause(momentMs);
    stored = await readSound(deps, message);
  }
  return stored;
}

async function readSound({ store, log }: FindAnnouncedDeps, { operationId, purpose }: Announcement): Promise<StoredOperation | undefined> {
  try {
    return await store.read(operationId);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'corrupt') throw error;
    log.error('what is stored of an operation is damaged; nothing is done about it any more', { operationId, purpose });
    throw new OperationDamagedError(operationId, { cause: error });
  }
}

/** Sends the same message again, to be delivered later. */
export async function putOff(deps: Pick<FindAnnouncedDeps, 'announcer' | 'clock'>, message: Announcement, delayMs: number): Promise<void> {
  await deps.announcer.announce([{ ...message, attempt: message.attempt + 1, notBefore: plusMs(deps.clock.now(), delayMs) }]);
}

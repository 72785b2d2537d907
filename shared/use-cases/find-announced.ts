import { plusMs } from '../domain/instant.ts';
import type { Announcement, Announcer } from '../ports/announcer.ts';
import type { OperationStore, StoredOperation } from '../ports/operation-store.ts';
import type { Clock, Log } from '../ports/system.ts';

/** How long a message waits for the commit that it announced, by attempt; after the last one that commit is taken to have failed. */
export const putOffMs = [250, 1_000, 5_000, 30_000, 120_000] as const;

export type FindAnnouncedDeps = { readonly store: OperationStore; readonly announcer: Announcer; readonly clock: Clock; readonly log: Log };

/**
 * The operation that a message speaks of, once the commit that the message announced is there; undefined where the message is settled:
 * put off until the commit may have come, or dropped because it never will.
 */
export async function findAnnounced(deps: FindAnnouncedDeps, message: Announcement): Promise<StoredOperation | undefined> {
  const stored = await deps.store.read(message.operationId);
  const announced = stored?.events[message.sequence - 1];
  if (stored !== undefined && announced !== undefined) {
    if (announced.hash === message.commit) return stored;
    deps.log.info('dropped a message whose commit lost to another', { operationId: message.operationId, purpose: message.purpose });
    return undefined;
  }
  const delayMs = putOffMs[message.attempt];
  if (delayMs === undefined) {
    deps.log.warn('dropped a message whose commit never came', { operationId: message.operationId, purpose: message.purpose });
    return undefined;
  }
  await putOff(deps, message, delayMs);
  return undefined;
}

/** Sends the same message again, to be delivered later. */
export async function putOff(deps: Pick<FindAnnouncedDeps, 'announcer' | 'clock'>, message: Announcement, delayMs: number): Promise<void> {
  await deps.announcer.announce([{ ...message, attempt: message.attempt + 1, notBefore: plusMs(deps.clock.now(), delayMs) }]);
}

import { notableEvents, noticeOf } from '../domain/notice.ts';
import type { Announcement } from '../ports/announcer.ts';
import { NoticeError, type NoticeProgress, type NoticeReceiver } from '../ports/notices.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { Chance } from '../ports/system.ts';
import { type FindAnnouncedDeps, findAnnounced, putOff } from './find-announced.ts';

export type DeliverNoticesDeps = FindAnnouncedDeps & {
  readonly receiver: NoticeReceiver;
  readonly progress: NoticeProgress;
  readonly chance: Chance;
};

const firstWaitsMs = [5_000, 30_000, 2 * 60_000, 10 * 60_000, 30 * 60_000] as const;
const hourMs = 60 * 60_000;

/** The last attempt is three days after the first. */
export const noticeAttempts = firstWaitsMs.length + 73;

/** How long after an attempt the next one comes; undefined after the last. */
export function waitAfterAttemptMs(attempt: number): number | undefined {
  return attempt + 1 < noticeAttempts ? (firstWaitsMs[attempt] ?? hourMs) : undefined;
}

/**
 * Tells the receiver what it was not told yet of an operation, in the order in which it happened: at least once, since a process may die between telling and noting it.
 * What it does not take comes again later, with all that follows it; `givenUp` after the last time. Nothing of the operation waits for it.
 */
export function makeDeliverNotices(deps: DeliverNoticesDeps): (message: Announcement) => Promise<'settled' | 'givenUp'> {
  return async (message) => {
    const stored = await findAnnounced(deps, message);
    if (stored === undefined) return 'settled';
    try {
      await tellWhatIsNew(deps, stored, message.sequence);
      return 'settled';
    } catch (error) {
      if (!(error instanceof NoticeError)) throw error;
      return await tryLater(deps, message, error);
    }
  };
}

async function tellWhatIsNew(deps: DeliverNoticesDeps, { operation, events }: StoredOperation, upTo: number): Promise<void> {
  const told = await deps.progress.toldUpTo(operation.id);
  const untold = notableEvents(events.slice(0, upTo)).filter(({ sequence }) => sequence > told);
  for (const event of untold) {
    await deps.receiver.deliver(noticeOf(operation, event));
    await deps.progress.markTold(operation.id, event.sequence);
  }
}

async function tryLater(deps: DeliverNoticesDeps, message: Announcement, error: NoticeError): Promise<'settled' | 'givenUp'> {
  const waitMs = waitAfterAttemptMs(message.attempt);
  const fields = { operationId: message.operationId, attempt: message.attempt, reason: error.message };
  if (waitMs === undefined) {
    deps.log.error('a receiver never took a notice', fields);
    return 'givenUp';
  }
  deps.log.warn('a receiver did not take a notice; it is told again later', fields);
  const leastMs = Math.max(waitMs, Math.min(error.retryAfterMs ?? 0, hourMs));
  await putOff(deps, message, leastMs + Math.floor((deps.chance() * leastMs) / 4));
  return 'settled';
}

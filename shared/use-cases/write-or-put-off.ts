import type { Actor, EventDetail } from '../domain/event.ts';
import { advance } from '../domain/history.ts';
import { epochMsOf, type Instant } from '../domain/instant.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { OperationDocument, StoredOperation } from '../ports/operation-store.ts';
import { appendAnnounced } from './announce-then-commit.ts';
import { type FindAnnouncedDeps, putOff } from './find-announced.ts';

const actor: Actor = { kind: 'countersign', role: 'executor' };

/** Writes what a check found; where somebody else wrote first, the check comes once more. */
export async function writeOrPutOff(
  deps: FindAnnouncedDeps,
  message: Announcement,
  stored: StoredOperation,
  detail: EventDetail,
  documents: readonly OperationDocument[] = [],
): Promise<void> {
  const next = advance(stored.operation.id, stored.operation, [{ actor, at: deps.clock.now(), detail }]);
  if ((await appendAnnounced(deps, stored, next, documents)) === 'conflict') await putOff(deps, message, 1_000);
}

/**
 * Whether a message came before its time, as it may where the clock of Service Bus runs ahead of ours; then it comes once more, since no other
 * message may know of the deadline.
 */
export async function isEarly(deps: FindAnnouncedDeps, message: Announcement, dueAt: Instant): Promise<boolean> {
  const earlyMs = epochMsOf(dueAt) - epochMsOf(deps.clock.now());
  if (earlyMs > 0) await putOff(deps, message, earlyMs);
  return earlyMs > 0;
}

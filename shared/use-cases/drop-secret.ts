import { advance } from '../domain/history.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import { appendAnnounced } from './announce-then-commit.ts';
import { type FindAnnouncedDeps, putOff } from './find-announced.ts';
import { isEarly } from './write-or-put-off.ts';

/** Deletes an encrypted value that its agent did not fetch in time. Does nothing where it is gone already. */
export async function dropSecret(deps: FindAnnouncedDeps, message: Announcement, stored: StoredOperation): Promise<void> {
  const { operation } = stored;
  if (operation.status !== 'succeeded' || operation.handover?.standing !== 'waiting') return;
  if (await isEarly(deps, message, operation.handover.until)) return;
  const isThere = (await deps.store.readDocument(operation.id, 'handover').catch(() => null)) !== undefined;
  const actor = { kind: 'countersign', role: 'executor' } as const;
  const next = advance(operation.id, operation, [{ actor, at: deps.clock.now(), detail: { kind: 'secretDropped' } }]);
  if ((await appendAnnounced(deps, stored, next, [], [], isThere ? ['handover'] : [])) === 'conflict') await putOff(deps, message, 1_000);
}

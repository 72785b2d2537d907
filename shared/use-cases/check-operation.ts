import type { Approved, AwaitingApproval, Executing } from '../domain/operation.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import { announceOutcome } from './announce-standing.ts';
import { type CheckAcceptedDeps, checkAccepted } from './check-accepted.ts';
import { type CheckLeaseDeps, checkLease } from './check-lease.ts';
import { type CheckReadBackDeps, checkReadBack } from './check-read-back.ts';
import { dropSecret } from './drop-secret.ts';
import { type FindAnnouncedDeps, findAnnounced } from './find-announced.ts';
import { accessNeverCame } from './request-access.ts';
import { makeRevokeAccess, type RevokeAccessDeps } from './revoke-access.ts';
import { isEarly, writeOrPutOff } from './write-or-put-off.ts';

export type CheckDeps = FindAnnouncedDeps & RevokeAccessDeps & CheckAcceptedDeps & CheckLeaseDeps & CheckReadBackDeps;

/** Looks at an operation when something should have happened by now: a deadline, the end of a lease, the next poll or reading back. Does nothing where it has. */
export function makeCheckOperation(deps: CheckDeps): (message: Announcement) => Promise<void> {
  const revokeAccess = makeRevokeAccess(deps);
  return async (message) => {
    if (message.purpose === 'revokeAccess') return await revokeAccess(message);
    const stored = await findAnnounced(deps, message);
    if (stored === undefined) return;
    const { operation } = stored;
    if (message.purpose === 'dropSecret') return await dropSecret(deps, message, stored);
    if (message.purpose === 'checkDeadline' && (operation.status === 'awaitingApproval' || operation.status === 'approved'))
      return await checkDeadline(deps, message, stored, operation);
    if (operation.status === 'executing') return await checkExecuting(deps, message, stored, operation);
    // An end that was written while nobody could be told of it must not leave a right behind.
    if (operation.grants.length > 0) await announceOutcome(deps, message, operation);
  };
}

async function checkExecuting(deps: CheckDeps, message: Announcement, stored: StoredOperation, operation: Executing): Promise<void> {
  switch (operation.phase) {
    case 'claimed':
    case 'calling':
      return message.purpose === 'checkLease' ? await checkLease(deps, message, stored, operation) : undefined;
    case 'awaitingAccess':
      return await checkAccess(deps, message, stored, operation);
    case 'polling':
      return await checkAccepted(deps, message, stored, operation);
    case 'readingBack':
      return await checkReadBack(deps, message, stored, operation);
  }
}

async function checkDeadline(
  deps: CheckDeps,
  message: Announcement,
  stored: StoredOperation,
  operation: AwaitingApproval | Approved,
): Promise<void> {
  const [waitingFor, deadline] =
    operation.status === 'approved' ? (['execution', operation.executeBy] as const) : (['approval', operation.expiresAt] as const);
  if (await isEarly(deps, message, deadline)) return;
  await writeOrPutOff(deps, message, stored, { kind: 'expired', waitingFor });
}

/** A right that nobody looks for any more has not come: nothing was sent, and what was granted is taken back. */
async function checkAccess(
  deps: CheckDeps,
  message: Announcement,
  stored: StoredOperation,
  operation: Extract<Executing, { phase: 'awaitingAccess' }>,
): Promise<void> {
  if (await isEarly(deps, message, operation.accessUntil)) return;
  await writeOrPutOff(deps, message, stored, accessNeverCame(operation));
}

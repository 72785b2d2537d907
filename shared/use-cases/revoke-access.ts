import { assignmentName } from '../domain/access/assignment-name.ts';
import type { Actor, EventDetail } from '../domain/event.ts';
import { advance } from '../domain/history.ts';
import type { HeldGrant, Operation, OperationId } from '../domain/operation.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { CredentialBroker } from '../ports/azure.ts';
import { type AccessControl, lookAgainMs, type WithAccess } from './access-control.ts';
import { appendAnnounced } from './announce-then-commit.ts';
import { type FindAnnouncedDeps, findAnnounced, putOff } from './find-announced.ts';
import { allows } from './request-access.ts';

export type RevokeAccessDeps = FindAnnouncedDeps & WithAccess & { readonly broker: CredentialBroker };

const actor: Actor = { kind: 'countersign', role: 'executor' };

/** So many looks, of half a minute each, a right may act on after it was deleted, before another right of the same identity is taken to cover it. */
const looksForItsEnd = 40;
/** After so many the scheduled check for leftovers is the one that goes on. */
const mostLooks = 200;

/** Takes back what an operation was given: deletes the role assignments of its past attempts, and looks until Azure says that they act no longer. */
export function makeRevokeAccess(deps: RevokeAccessDeps): (message: Announcement) => Promise<void> {
  return async (message) => {
    const stored = await findAnnounced(deps, message);
    if (stored === undefined) return;
    const { id } = stored.operation;
    const over = stored.operation.grants.filter((grant) => isOver(stored.operation, grant));
    if (over.length === 0) return;
    if (deps.access === undefined) {
      deps.log.error('rights of an operation are left, and this app may not remove them', { operationId: id });
      return;
    }
    let left = 0;
    for (const grant of over) if (!(await revoke(deps, deps.access, id, grant, message.attempt))) left += 1;
    if (left === 0) return;
    if (message.attempt < mostLooks) await putOff(deps, message, lookAgainMs(message.attempt));
    else deps.log.error('rights of an operation could not be removed yet; the check for leftovers goes on', { operationId: id, left });
  };
}

/** The attempt that runs needs its right; every other attempt is past. */
function isOver(operation: Operation, { attempt }: HeldGrant): boolean {
  return operation.status !== 'executing' || attempt !== operation.attempts;
}

/** One step further; true where the right is known to be gone, or to be covered by another one that is not ours to take. */
async function revoke(
  deps: RevokeAccessDeps,
  { granter }: AccessControl,
  id: OperationId,
  grant: HeldGrant,
  looks: number,
): Promise<boolean> {
  const { attempt } = grant;
  if (grant.standing !== 'removed') {
    if (!isOwnName(id, grant)) {
      deps.log.error('a stored right does not bear the name of its operation, and was left', { operationId: id, attempt });
      return true;
    }
    if ((await granter.remove(grant.assignmentId)) !== 'removed') return false;
    await writeOfGrant(deps, id, attempt, { kind: 'accessRemoved', attempt });
  }
  const acting = await allows(deps, granter, { id }, grant);
  if (acting === 'unclear' || (acting === 'yes' && looks < looksForItsEnd)) return false;
  await writeOfGrant(deps, id, attempt, { kind: 'accessRevoked', attempt, confirmed: acting === 'no' });
  return true;
}

/** Who can write to the table must not have the rights of others removed by it. */
function isOwnName(operationId: OperationId, { assignmentId, attempt }: HeldGrant): boolean {
  return assignmentId.endsWith(`/providers/Microsoft.Authorization/roleAssignments/${assignmentName({ operationId, attempt })}`);
}

/** Writes what befell a grant, whatever else happens to the operation meanwhile; nothing where another delivery wrote it first. */
async function writeOfGrant(deps: RevokeAccessDeps, id: OperationId, attempt: number, detail: EventDetail): Promise<void> {
  for (;;) {
    const stored = await deps.store.read(id);
    const held = stored?.operation.grants.find((grant) => grant.attempt === attempt);
    if (stored === undefined || held === undefined) return;
    if (detail.kind === 'accessRemoved' && held.standing === 'removed') return;
    const next = advance(id, stored.operation, [{ actor, at: deps.clock.now(), detail }]);
    if ((await appendAnnounced(deps, stored, next)) === 'committed') return;
  }
}

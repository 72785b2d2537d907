import { assignmentName, grantOwnerIn } from '../domain/access/assignment-name.ts';
import type { Actor } from '../domain/event.ts';
import { advance } from '../domain/history.ts';
import { epochMsOf } from '../domain/instant.ts';
import type { Operation, OperationId } from '../domain/operation.ts';
import type { FoundGrant } from '../ports/azure.ts';
import { StoreError } from '../ports/operation-store.ts';
import type { Clock, Log } from '../ports/system.ts';
import type { WithAccess } from './access-control.ts';
import { appendAnnounced, type CommitDeps } from './announce-then-commit.ts';

export type LeftoverDeps = CommitDeps & WithAccess & { readonly clock: Clock; readonly log: Log };

/** `foreign`: rights of our identities that no operation was given. They are told of and left: who made them must say why. */
export type LeftoverCounts = { readonly seen: number; readonly removed: number; readonly stuck: number; readonly foreign: number };

const actor: Actor = { kind: 'countersign', role: 'executor' };

/** Younger assignments are left to the operation that made them, which removes them itself. */
const youngMs = 15 * 60_000;

/**
 * Finds role assignments that outlived their operation: a crash between a grant and its record, a removal that never got through, an executor that woke up late and
 * granted once more. Throws AzureError `unreadable` where the list is not whole.
 */
export function makeRemoveLeftoverGrants(deps: LeftoverDeps): () => Promise<LeftoverCounts> {
  return async () => {
    const counts = { seen: 0, removed: 0, stuck: 0, foreign: 0 };
    if (deps.access === undefined) return counts;
    const { granter, rules } = deps.access;
    for (const found of await granter.list(Object.values(rules.principals))) {
      counts.seen += 1;
      const owner = grantOwnerIn(found.description);
      if (owner === undefined) {
        counts.foreign += 1;
        deps.log.error('an identity of operations holds a right that no operation was given', { assignmentId: found.assignmentId });
        continue;
      }
      if (isYoung(deps.clock, found)) continue;
      const operation = await readEvenBroken(deps, owner.operationId);
      const isNamed = found.assignmentId.toLowerCase().endsWith(`/${assignmentName(owner)}`);
      if (isNamed && isNeeded(operation, owner.attempt)) continue;
      if ((await granter.remove(found.assignmentId)) !== 'removed') {
        counts.stuck += 1;
        continue;
      }
      counts.removed += 1;
      deps.log.warn('a right that outlived its operation was removed', {
        assignmentId: found.assignmentId,
        operationId: owner.operationId,
      });
      if (operation !== undefined) await record(deps, owner.operationId, found.assignmentId);
    }
    return counts;
  };
}

function isYoung(clock: Clock, { createdAt }: FoundGrant): boolean {
  return createdAt !== undefined && epochMsOf(clock.now()) - epochMsOf(createdAt) < youngMs;
}

function isNeeded(operation: Operation | undefined, attempt: number): boolean {
  return operation?.status === 'executing' && operation.attempts === attempt;
}

/** An operation whose chain is broken runs no more, so that nobody needs its right. */
async function readEvenBroken({ store }: LeftoverDeps, id: OperationId): Promise<Operation | undefined> {
  try {
    return (await store.read(id))?.operation;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'corrupt') return undefined;
    throw error;
  }
}

async function record(deps: LeftoverDeps, id: OperationId, assignmentId: string): Promise<void> {
  for (;;) {
    const stored = await deps.store.read(id);
    if (stored === undefined) return;
    const next = advance(id, stored.operation, [{ actor, at: deps.clock.now(), detail: { kind: 'leftoverAccessRemoved', assignmentId } }]);
    if ((await appendAnnounced(deps, stored, next)) === 'committed') return;
  }
}

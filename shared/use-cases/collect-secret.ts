import { advance } from '../domain/history.ts';
import { property } from '../domain/json.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { Clock } from '../ports/system.ts';
import { appendAnnounced, type CommitDeps } from './announce-then-commit.ts';

export type CollectSecretDeps = CommitDeps & { readonly clock: Clock };

/** What an agent gets of a value that waits for it, with the operation as it stands after that. */
export type Collected = { readonly operation: StoredOperation['operation']; readonly jwe: string };

/**
 * Hands the encrypted value to its agent, once: it is deleted in the transaction that records it, and only whoever wrote that transaction has it. Undefined where there is
 * none, or not any more; whoever calls it has settled that the caller is the agent that asked.
 */
export async function collectSecret(deps: CollectSecretDeps, stored: StoredOperation): Promise<Collected | undefined> {
  const { operation } = stored;
  if (operation.status !== 'succeeded' || operation.handover?.standing !== 'waiting') return undefined;
  const at = deps.clock.now();
  if (at >= operation.handover.until) return undefined;
  const jwe = property(await deps.store.readDocument(operation.id, 'handover'), 'jwe');
  if (typeof jwe !== 'string') return undefined;
  const { id, name } = operation.agent;
  const next = advance(operation.id, operation, [{ actor: { kind: 'agent', id, name }, at, detail: { kind: 'secretCollected' } }]);
  if ((await appendAnnounced(deps, stored, next, [], [], ['handover'])) === 'conflict') return undefined;
  return { operation: next.operation, jwe };
}

import type { Actor } from '../domain/event.ts';
import { advance } from '../domain/history.ts';
import type { Operation, OperationId } from '../domain/operation.ts';
import { RequestError } from '../domain/request-error.ts';
import type { Clock } from '../ports/system.ts';
import type { Caller } from '../ports/token-verifier.ts';
import { appendAnnounced, type CommitDeps } from './announce-then-commit.ts';
import { type AuthorizeDeps, authorizeAgent } from './authorize-caller.ts';

export type CancelDeps = AuthorizeDeps & CommitDeps & { readonly clock: Clock };

const attemptsOnConflict = 5;

/** The agent takes back what has not begun to run. Cancelling what is cancelled answers with it again. Throws {@link RequestError}. */
export function makeCancelOperation(deps: CancelDeps): (caller: Caller, id: OperationId) => Promise<Operation> {
  return async (caller, id) => {
    const { agent } = await authorizeAgent(deps, caller);
    const actor: Actor = { kind: 'agent', id: agent.objectId, name: agent.name };
    for (let attempt = 0; attempt < attemptsOnConflict; attempt += 1) {
      const stored = await deps.store.read(id);
      const operation = stored?.operation;
      if (
        stored === undefined ||
        operation === undefined ||
        operation.agent.id !== agent.objectId ||
        operation.agent.tenantId !== agent.tenantId
      ) {
        throw new RequestError('OperationNotFound', 'There is no such operation.');
      }
      if (operation.status === 'cancelled') return operation;
      if (operation.status !== 'awaitingApproval' && operation.status !== 'approved') {
        throw new RequestError('NotCancellable', `The operation is ${operation.status}: there is nothing left to cancel.`);
      }
      const next = advance(id, operation, [{ actor, at: deps.clock.now(), detail: { kind: 'cancelled' } }]);
      if ((await appendAnnounced(deps, stored, next)) === 'committed') return next.operation;
    }
    throw new RequestError('ConcurrentChange', 'Too many changes at once. Try again.', { retryAfterSeconds: 1 });
  };
}

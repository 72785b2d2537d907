import type { EventDetail } from '../domain/event.ts';
import type { Executing } from '../domain/operation.ts';
import type { AgentRegistry } from '../ports/agent-registry.ts';
import { type DeferDeps, deferredUntilRoom } from './defer-execution.ts';
import type { LimitKeeper } from './keep-limits.ts';

export type AdmitDeletionDeps = DeferDeps & { readonly agents: AgentRegistry; readonly limitKeeper: Pick<LimitKeeper, 'admitExecution'> };

/**
 * What stands in the way of a deletion that may otherwise run: its agent has deleted enough for today, also by what was approved yesterday. It waits where there will
 * be room while it may still run, and otherwise ends with the reason, with nothing sent. Undefined where it may run, and then it is counted.
 */
export async function findDeletionLimit(deps: AdmitDeletionDeps, operation: Executing): Promise<EventDetail | undefined> {
  const agent = deps.agents.find(operation.agent.tenantId, operation.agent.id);
  if (agent === undefined) return undefined;
  const over = await deps.limitKeeper.admitExecution(agent, operation);
  if (over === undefined) return undefined;
  const reason = `${agent.name} may execute ${over.limit.most} deletes in 24 hours (delete.executedPerDay), and has.`;
  return (
    deferredUntilRoom(deps, operation, over.retryAfterMs, reason) ?? {
      kind: 'executionStopped',
      code: 'limitReached',
      end: 'expired',
      detail: `${reason} There is no room while this may still run. Submit it again later.`,
    }
  );
}

import { epochMsOf } from '../domain/instant.ts';
import { actionOfTarget } from '../domain/target-request.ts';
import type { Ids } from '../ports/system.ts';
import type { Caller } from '../ports/token-verifier.ts';
import { type AuthorizeDeps, authorizeAgent } from './authorize-caller.ts';
import { type JudgeDeps, type Judgement, judge } from './judge-request.ts';
import { type LimitKeeper, limitRefusal } from './keep-limits.ts';
import { type NormalizeDeps, normalize, type Submission } from './submit-operation.ts';

export type AssessDeps = AuthorizeDeps &
  JudgeDeps &
  NormalizeDeps & { readonly ids: Pick<Ids, 'operationId'>; readonly limitKeeper: Pick<LimitKeeper, 'admitAssessment'> };

/** Dry run: what would be assessed and decided now. Sends nothing, and stores nothing but that one was made. Throws RequestError. */
export function makeAssessOperation(deps: AssessDeps): (caller: Caller, submission: Submission) => Promise<Judgement> {
  return async (caller, submission) => {
    const { agent } = await authorizeAgent(deps, caller);
    const parsed = normalize(deps, submission.target);
    const over = await deps.limitKeeper.admitAssessment(agent, { id: deps.ids.operationId(), action: actionOfTarget(parsed) });
    if (over !== undefined) throw limitRefusal(agent.name, over, epochMsOf(deps.clock.now()));
    return await judge(deps, agent, parsed);
  };
}

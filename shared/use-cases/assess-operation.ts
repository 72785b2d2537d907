import type { Caller } from '../ports/token-verifier.ts';
import { type AuthorizeDeps, authorizeAgent } from './authorize-caller.ts';
import { type JudgeDeps, type Judgement, judge } from './judge-request.ts';
import { type NormalizeDeps, normalize, type Submission } from './submit-operation.ts';

/** Dry run: what would be assessed and decided now. Stores and sends nothing. Throws RequestError. */
export function makeAssessOperation(
  deps: AuthorizeDeps & JudgeDeps & NormalizeDeps,
): (caller: Caller, submission: Submission) => Promise<Judgement> {
  return async (caller, submission) => {
    const { agent } = await authorizeAgent(deps, caller);
    return await judge(deps, agent, normalize(deps, submission.target));
  };
}

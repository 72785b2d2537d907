import type { ArmRequest } from '../domain/arm-request.ts';
import { worst } from '../domain/assessment.ts';
import { assess } from '../domain/risk/assess.ts';
import type { RegisteredAgent } from '../ports/agent-registry.ts';
import type { Clock } from '../ports/system.ts';
import type { JudgeDeps, Judgement } from './judge-request.ts';

export type JudgeResolvedDeps = Pick<JudgeDeps, 'policies' | 'scripts'> & { readonly clock: Clock };

/**
 * Whether a request with values in the places of its references is still the one that was judged without them. A value that nobody saw could be the name of what no
 * agent may touch, an open network or a script. Answers with why it must not be sent, else with undefined; the reason holds nothing of the value, nor what was found in it.
 */
export function findHiddenBySecrets(
  { policies, scripts, clock }: JudgeResolvedDeps,
  agent: RegisteredAgent,
  { path, action, reading, assessment }: Judgement,
  resolved: ArmRequest,
): string | undefined {
  const itself = assess(resolved, path, action, reading.facts, scripts);
  const known = new Set(assessment.factors.map(({ code }) => code));
  const isWorse = worst(itself.level, assessment.level) !== assessment.level;
  if (isWorse || itself.factors.some(({ code }) => !known.has(code)))
    return 'With what its secrets hold, the request is riskier than what was judged and shown. Nothing was sent.';
  const { outcome } = policies.decide({ agent, request: resolved, path, action, assessment, facts: reading.facts, now: clock.now() });
  return outcome === 'deny' ? 'With what its secrets hold, the policies refuse the request. Nothing was sent.' : undefined;
}

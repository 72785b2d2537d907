import type { Operation } from '../domain/operation.ts';
import type { ParsedTarget } from '../domain/target-request.ts';
import type { RegisteredAgent } from '../ports/agent-registry.ts';
import { type AuthorizeDeps, findAgentRefusal } from './authorize-caller.ts';
import { type JudgeDeps, type Judgement, judge } from './judge-request.ts';

export type RejudgeDeps = JudgeDeps & Pick<AuthorizeDeps, 'agents' | 'directory'>;

export type Rejudgement = { readonly refusal: string } | (Judgement & { readonly refusal: undefined });

/** Judges a stored operation by what is true now: its agent first, since an agent whose owner is gone asks for nothing. */
export async function rejudge(deps: RejudgeDeps, operation: Operation, parsed: ParsedTarget): Promise<Rejudgement> {
  const agent = deps.agents.find(operation.agent.tenantId, operation.agent.id);
  if (agent === undefined) return { refusal: 'The agent is no longer registered.' };
  const refusal = await findAgentRefusal(deps, agent);
  switch (refusal) {
    case 'frozen':
      return { refusal: 'The agent is frozen.' };
    case 'expired':
      return { refusal: "The agent's registration has expired." };
    case 'ownerGone':
      return { refusal: `The account of the agent's owner is disabled or gone.${successorAdvice(agent)}` };
    case undefined:
      return { ...(await judge(deps, agent, parsed)), refusal: undefined };
  }
}

/** Who may give an agent a new owner, where the register names them. */
function successorAdvice({ sponsorGroup }: RegisteredAgent): string {
  return sponsorGroup === undefined ? '' : ` The group ${sponsorGroup} may name another.`;
}

import { justification } from '../support/api-client.ts';
import type { AzureBefore } from './azure-before.ts';
import type { ChaosApi } from './chaos-api.ts';
import type { Kind } from './kinds.ts';
import type { PlannedRequest } from './plan-requests.ts';

/** What an agent was answered, which Countersign must hold itself to. */
export type PlayedRequest = {
  readonly index: number;
  readonly kind: Kind;
  /** Every id under which the one request was accepted; there must be one. */
  readonly ids: readonly string[];
  /** Answers that no agent should get, such as a refusal of a request that is in order. */
  readonly surprises: readonly string[];
};

const voters = ['approver-1', 'approver-2'] as const;
const lookEveryMs = 200;
const mostLooks = 600;

/** One request with everything that agents and people do about it, until nobody has anything more to do but wait. */
export async function playRequest(plan: PlannedRequest, api: ChaosApi, azure: AzureBefore): Promise<PlayedRequest> {
  await azure.ensure(plan.needs);
  const surprises: string[] = [];
  const ids = new Set<string>();
  const submit = async (): Promise<void> => {
    const body = { target: { kind: 'arm', ...plan.target }, justification };
    const answer = await api.insist(plan.agent, 'POST', '/operations', body, { 'repeatability-request-id': plan.repeatabilityId });
    if (answer.status === 200 || answer.status === 202) ids.add(answer.operation().id);
    else surprises.push(`submission: ${answer.status} ${answer.errorCode()}`);
  };
  await Promise.all(Array.from({ length: plan.nervousness === 'asksAtOnce' ? 3 : 1 }, submit));
  const [id] = ids;
  if (id !== undefined) {
    if (plan.cancels) surprises.push(...(await cancel(plan, id, api)));
    else if (plan.people !== 'nothing') surprises.push(...(await vote(id, plan.people, api)));
    if (plan.nervousness === 'asksAgain') await submit();
  }
  return { index: plan.index, kind: plan.kind, ids: [...ids], surprises };
}

/** It may have ended already, where an earlier attempt was heard and not answered, or where it was denied or ran. */
async function cancel({ agent }: PlannedRequest, id: string, api: ChaosApi): Promise<readonly string[]> {
  const answer = await api.insist(agent, 'POST', `/operations/${id}/cancel`);
  return answer.status === 200 || answer.status === 409 ? [] : [`cancellation: ${answer.status} ${answer.errorCode()}`];
}

/** Approvers look until there is something to vote on, and vote until nobody waits for them any more. */
async function vote(id: string, decision: 'approve' | 'reject', api: ChaosApi): Promise<readonly string[]> {
  const surprises: string[] = [];
  for (const voter of voters) {
    const digest = await awaitDigest(id, voter, api);
    if (digest === undefined) return surprises;
    const answer = await api.insist(voter, 'POST', `/operations/${id}/decisions`, { decision, digest, reason: 'chaos' });
    if (answer.status !== 200 && answer.status !== 409) surprises.push(`vote: ${answer.status} ${answer.errorCode()}`);
  }
  return surprises;
}

/** The digest of what is shown; undefined where nobody is asked any more. */
async function awaitDigest(id: string, voter: string, api: ChaosApi): Promise<string | undefined> {
  for (let look = 1; look <= mostLooks; look += 1) {
    const answer = await api.insist(voter, 'GET', `/operations/${id}`);
    const { status, decision } = answer.operation();
    if (status !== 'awaitingApproval') return undefined;
    if (decision.approval?.digest !== undefined) return decision.approval.digest;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  throw new Error(`Operation ${id} never showed anybody what to vote on.`);
}

import { justification } from '../support/api-client.ts';
import type { AzureBefore } from './azure-before.ts';
import type { ChaosApi } from './chaos-api.ts';
import type { ChaosVaults } from './chaos-vaults.ts';
import type { Kind } from './kinds.ts';
import type { PlannedRequest } from './plan-requests.ts';
import type { PlantedValues } from './planted-values.ts';
import type { SecretAim } from './targets.ts';

/** What an agent was answered, which Countersign must hold itself to. */
export type PlayedRequest = {
  readonly index: number;
  readonly kind: Kind;
  /** Every id under which the one request was accepted; there must be one. */
  readonly ids: readonly string[];
  /** Answers that no agent should get, such as a refusal of a request that is in order. */
  readonly surprises: readonly string[];
  readonly secret?: SecretAim;
  /** What its agent was given as the value of a secret, each time; never a value that belongs there. */
  readonly collected?: readonly string[];
};

/** Where a request meets Azure and its vaults. */
export type Surroundings = { readonly azure: AzureBefore; readonly vaults: ChaosVaults; readonly planted: PlantedValues };

const voters = ['approver-1', 'approver-2'] as const;
const lookEveryMs = 200;
const mostLooks = 600;
const mostLooksForValue = 150;

/** One request with everything that agents and people do about it, until nobody has anything more to do but wait. */
export async function playRequest(plan: PlannedRequest, api: ChaosApi, { azure, vaults, planted }: Surroundings): Promise<PlayedRequest> {
  await azure.ensure(plan.needs);
  await vaults.ensure(plan);
  const target = await vaults.targetOf(plan);
  const surprises: string[] = [];
  const ids = new Set<string>();
  const submit = async (): Promise<void> => {
    const body = { target, justification };
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
  const { index, kind, secret } = plan;
  if (secret === undefined) return { index, kind, ids: [...ids], surprises };
  const values = id !== undefined && secret.method === 'reveal' ? await collect(plan, id, api, vaults) : [];
  const own = planted.valueOf(index, 'beforehand');
  const collected = values.map((value) => (value === own ? 'the value itself' : 'something else'));
  return { index, kind, ids: [...ids], surprises, secret, collected };
}

/** The agent looks for the value that it asked for until there is nothing more to come, or it has enough of waiting; who has no patience asks several times at once. */
async function collect({ agent, nervousness }: PlannedRequest, id: string, api: ChaosApi, vaults: ChaosVaults): Promise<readonly string[]> {
  const values: string[] = [];
  for (let look = 1; look <= mostLooksForValue; look += 1) {
    const asked = Array.from({ length: nervousness === 'calm' ? 1 : 3 }, () => api.insist(agent, 'GET', `/operations/${id}`));
    const handed = await Promise.all((await Promise.all(asked)).map(({ text }) => vaults.openHanded(text)));
    values.push(...handed.flatMap(({ value }) => value ?? []));
    if (handed.some(({ over }) => over)) return values;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return values;
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

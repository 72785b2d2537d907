import type { ArmRequest } from '../../shared/domain/arm-request.ts';
import type { CallOutcome, PollOutcome } from '../../shared/ports/azure.ts';
import type { World } from './world.ts';

/** One call that changed something, under the id that the caller gave. */
export type AzureEffect = { readonly method: string; readonly clientRequestId: string };

export type LivingAzure = {
  /** Every call that came in, in order, whether it had an effect or not. */
  readonly calls: readonly AzureEffect[];
  readonly effects: readonly AzureEffect[];
};

export type AzureManners = {
  /** What the first calls come to instead of having their effect. */
  readonly before?: readonly CallOutcome[];
  /** Takes what changes something and goes on with it for so many polls. */
  readonly pendingPolls?: number;
  /** The effect of the first call comes, and its answer does not. */
  readonly losesFirstAnswer?: boolean;
  /** What it took stands still for ever, or it knows nothing of it any more; either way nobody can tell what came of it. */
  readonly afterTaking?: 'standsStill' | 'forgets';
};

const polled = (clientRequestId: string): string => `https://management.example/operations/${clientRequestId}`;

/** Lets the world's Azure live: what is deleted is gone, what is put is there, and the activity log knows every effect by its client request id. */
export function letAzureLive(
  world: World,
  { before = [], pendingPolls, losesFirstAnswer = false, afterTaking }: AzureManners = {},
): LivingAzure {
  const { azure } = world;
  const calls: AzureEffect[] = [];
  const effects: AzureEffect[] = [];
  const toCome = [...before];
  let polls = 0;
  const recorded = (request: ArmRequest): void => {
    if (request.method === 'DELETE') azure.remove(request.path);
    if (request.method === 'PUT' && request.body !== undefined) azure.set(request.path, request.body);
  };
  azure.caller.callOnce = async (request, _credential, clientRequestId): Promise<CallOutcome> => {
    world.effects.push(`call ${request.method}`);
    calls.push({ method: request.method, clientRequestId });
    const instead = toCome.shift();
    if (instead !== undefined) return instead;
    if (request.method === 'GET') return { kind: 'answered', answer: { status: 200, body: { name: 'stshop' } } };
    effects.push({ method: request.method, clientRequestId });
    recorded(request);
    if (losesFirstAnswer && effects.length === 1) return { kind: 'doubtful', reason: 'The connection broke.' };
    if (pendingPolls === undefined && afterTaking === undefined)
      return { kind: 'answered', answer: { status: 200, body: { properties: { adminPassword: 'hunter2-hunter2' } } } };
    return { kind: 'accepted', status: 202, pollUrl: polled(clientRequestId), pollStyle: 'asyncOperation', retryAfterMs: 10_000 };
  };
  azure.caller.poll = async (pollUrl): Promise<PollOutcome> => {
    const isKnown = effects.some(({ clientRequestId }) => polled(clientRequestId) === pollUrl);
    if (!isKnown || afterTaking === 'forgets') return { kind: 'gone', reason: 'Nobody knows the operation.' };
    if (afterTaking === 'standsStill') return { kind: 'pending', retryAfterMs: 8 * 3_600_000 };
    polls += 1;
    if (polls <= (pendingPolls ?? 0)) return { kind: 'pending', retryAfterMs: 60_000 };
    return { kind: 'answered', answer: { status: 200, body: undefined }, succeeded: true };
  };
  azure.activityLog.find = async ({ clientRequestId }) => {
    if (!effects.some((effect) => effect.clientRequestId === clientRequestId)) return { outcome: 'nothing' };
    return { outcome: afterTaking === undefined ? 'succeeded' : 'goingOn' };
  };
  return { calls, effects };
}

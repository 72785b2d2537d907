import { grantDescription } from '../domain/access/assignment-name.ts';
import type { EventDetail } from '../domain/event.ts';
import type { VerifiedRequest } from '../domain/execution.ts';
import { plusMs } from '../domain/instant.ts';
import type { Executing } from '../domain/operation.ts';
import { AzureError, type CredentialBroker } from '../ports/azure.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import { type AccessControl, accessForMs, type WithAccess } from './access-control.ts';
import type { ExecutionPace } from './execution-pace.ts';
import { grantedTierOf, isCalledFor, type PlanAccessDeps, planAccess } from './plan-access.ts';
import { type WriteClaimedDeps, writeClaimed, writeClaimedAndRead } from './write-claimed.ts';

export type RequestAccessDeps = WriteClaimedDeps &
  WithAccess &
  PlanAccessDeps & { readonly broker: CredentialBroker; readonly pace: ExecutionPace };

/**
 * `ready`: the call may be prepared now. `propagated`: the right has come, after time in which much may have changed: the claim is verified again.
 * `over`: a message looks again, or it has ended.
 */
export type Access =
  | { readonly kind: 'ready' }
  | { readonly kind: 'propagated'; readonly claimed: StoredOperation }
  | { readonly kind: 'over' };

const over: Access = { kind: 'over' };

/** Sees to it that the identity that will make the call may make it, and nothing else. The grant is durable as an intent before Azure hears of it. */
export async function requestAccess(deps: RequestAccessDeps, claimed: StoredOperation, verified: VerifiedRequest): Promise<Access> {
  const { access } = deps;
  const { operation } = claimed;
  if (access === undefined || operation.status !== 'executing') return { kind: 'ready' };
  const tier = grantedTierOf(verified, operation);
  if (tier === undefined) return { kind: 'ready' };
  if (operation.grants.some(({ attempt, standing }) => attempt === operation.attempts && standing === 'propagated'))
    return { kind: 'ready' };
  const plan = await planAccess(deps, operation, verified, tier, access.rules);
  if (!plan.ok) {
    await writeClaimed(deps, claimed, [failed(plan.reason)]);
    return over;
  }
  const requested: EventDetail = { kind: 'accessRequested', grant: plan.grant, accessUntil: plusMs(deps.clock.now(), accessForMs) };
  const awaiting = await writeClaimedAndRead(deps, claimed, [requested]);
  const stored = awaiting === undefined ? undefined : await pursueAccess(deps, access, awaiting, verified);
  return stored === undefined ? over : { kind: 'propagated', claimed: stored };
}

/**
 * Makes the role assignment and asks Azure once whether it acts; the claim that may go on, or undefined where it is not there yet or never will be. `verified` is the
 * request, verified a moment ago; without it no assignment is made.
 */
export async function pursueAccess(
  deps: RequestAccessDeps,
  { granter, rules }: AccessControl,
  awaiting: StoredOperation,
  verified: VerifiedRequest | undefined,
): Promise<StoredOperation | undefined> {
  const { operation } = awaiting;
  if (operation.status !== 'executing' || operation.phase !== 'awaitingAccess') return undefined;
  const grant = operation.grants.find(({ attempt }) => attempt === operation.attempts);
  if (grant === undefined) return undefined;
  if (deps.clock.now() >= operation.accessUntil) {
    await writeClaimed(deps, awaiting, [accessNeverCame(operation)]);
    return undefined;
  }
  const { attempt, tier, scope, needs } = grant;
  let stored = awaiting;
  if (grant.standing === 'requested') {
    if (verified === undefined) return undefined;
    if (!(await isCalledFor(deps, operation, verified, grant, rules))) {
      const detail = 'The right that is stored is not the one that the request calls for.';
      await writeClaimed(deps, stored, [{ kind: 'executionStopped', code: 'digestMismatch', end: 'denied', detail }]);
      return undefined;
    }
    const outcome = await granter.grant(grant, grantDescription({ operationId: operation.id, attempt }));
    if (outcome.kind === 'refused') {
      await writeClaimed(deps, stored, [failed(`The right to make the call was refused. ${outcome.reason} Nothing was sent.`)]);
      return undefined;
    }
    if (outcome.kind !== 'granted') return undefined;
    const granted = await writeClaimedAndRead(deps, stored, [{ kind: 'accessGranted', attempt }]);
    if (granted === undefined) return undefined;
    stored = granted;
  }
  if ((await allows(deps, granter, operation, { tier, scope, needs })) !== 'yes') return undefined;
  return await writeClaimedAndRead(deps, stored, [
    { kind: 'accessPropagated', attempt, leaseUntil: plusMs(deps.clock.now(), deps.pace.leaseMs) },
  ]);
}

/** Asks with the identity itself: nobody else knows what it may do. */
export async function allows(
  { broker }: { readonly broker: CredentialBroker },
  granter: AccessControl['granter'],
  { id }: { readonly id: Executing['id'] },
  { tier, scope, needs }: Pick<Executing['grants'][number], 'tier' | 'scope' | 'needs'>,
): Promise<'yes' | 'no' | 'unclear'> {
  try {
    return await granter.allows(await broker.obtain(tier, id), scope, needs);
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    return 'unclear';
  }
}

export function accessNeverCame({ grants, attempts }: Executing): EventDetail {
  const role = grants.find(({ attempt }) => attempt === attempts)?.role.name ?? 'a role';
  const minutes = accessForMs / 60_000;
  return failed(`The right to make the call (${role}) did not come to act within ${minutes} minutes. Nothing was sent. Submit it again.`);
}

function failed(detail: string): EventDetail {
  return { kind: 'executionFinished', outcome: 'failed', detail, result: { masked: [] } };
}

import { grantDescription } from '../domain/access/assignment-name.ts';
import { type GrantQuestion, planGrant } from '../domain/access/plan-grant.ts';
import { tierOf } from '../domain/access/tier-of.ts';
import { isGrantedTier } from '../domain/access/tiers.ts';
import { parseArmPath } from '../domain/arm-path.ts';
import type { ArmRequest } from '../domain/arm-request.ts';
import type { EventDetail } from '../domain/event.ts';
import type { VerifiedRequest } from '../domain/execution.ts';
import { plusMs } from '../domain/instant.ts';
import type { Executing } from '../domain/operation.ts';
import { AzureError, type AzureReader, type CredentialBroker } from '../ports/azure.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import { type AccessControl, accessForMs, type WithAccess } from './access-control.ts';
import type { ExecutionPace } from './execution-pace.ts';
import { type WriteClaimedDeps, writeClaimed, writeClaimedAndRead } from './write-claimed.ts';

export type RequestAccessDeps = WriteClaimedDeps &
  WithAccess & { readonly broker: CredentialBroker; readonly reader: AzureReader; readonly pace: ExecutionPace };

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
export async function requestAccess(deps: RequestAccessDeps, claimed: StoredOperation, { request }: VerifiedRequest): Promise<Access> {
  const { access } = deps;
  const { operation } = claimed;
  if (access === undefined || operation.status !== 'executing') return { kind: 'ready' };
  const tier = tierOf(request, operation.assessment);
  if (!isGrantedTier(tier)) return { kind: 'ready' };
  if (operation.grants.some(({ attempt, standing }) => attempt === operation.attempts && standing === 'propagated'))
    return { kind: 'ready' };
  const path = parseArmPath(request.path);
  const current = await readCurrent(deps, request, path.type);
  const owner = { operationId: operation.id, attempt: operation.attempts };
  const plan = planGrant({ owner, action: operation.action, request, path, tier, current }, access.rules);
  if (!plan.ok) {
    await writeClaimed(deps, claimed, [failed(plan.reason)]);
    return over;
  }
  const requested: EventDetail = { kind: 'accessRequested', grant: plan.grant, accessUntil: plusMs(deps.clock.now(), accessForMs) };
  const awaiting = await writeClaimedAndRead(deps, claimed, [requested]);
  const stored = awaiting === undefined ? undefined : await pursueAccess(deps, access, awaiting);
  return stored === undefined ? over : { kind: 'propagated', claimed: stored };
}

/** What the plan must know of the target: whether a PUT creates it, and what an assignment that is deleted gives. */
async function readCurrent(deps: RequestAccessDeps, request: ArmRequest, type: string): Promise<GrantQuestion['current']> {
  if (request.method !== 'PUT' && type !== 'microsoft.authorization/roleassignments') return 'unread';
  const outcome = await deps.reader.read(request.path, request.apiVersion);
  switch (outcome.state) {
    case 'present':
      return outcome.body;
    case 'absent':
      return undefined;
    case 'unreadable':
      return 'unread';
  }
}

/** Makes the role assignment and asks Azure once whether it acts; the claim that may go on, or undefined where it is not there yet or never will be. */
export async function pursueAccess(
  deps: RequestAccessDeps,
  { granter }: AccessControl,
  awaiting: StoredOperation,
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

import { type GrantPlan, type GrantQuestion, type GrantRules, planGrant } from '../domain/access/plan-grant.ts';
import { tierOf } from '../domain/access/tier-of.ts';
import { type GrantedTier, isGrantedTier } from '../domain/access/tiers.ts';
import { actionOf } from '../domain/action.ts';
import { parseArmCall } from '../domain/arm-call.ts';
import { parseArmPath } from '../domain/arm-path.ts';
import type { ArmRequest } from '../domain/arm-request.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { VerifiedRequest } from '../domain/execution.ts';
import type { Executing, HeldGrant } from '../domain/operation.ts';
import type { AzureReader } from '../ports/azure.ts';

export type PlanAccessDeps = { readonly reader: AzureReader };

/** The tier that needs a right for this call; undefined for what only reads, and for calls of a vault, whose rights stand. */
export function grantedTierOf({ request }: VerifiedRequest, { assessment }: Executing): GrantedTier | undefined {
  if (request.kind !== 'arm') return undefined;
  const tier = tierOf(request, assessment);
  return isGrantedTier(tier) ? tier : undefined;
}

/** The right that a verified call needs now. */
export async function planAccess(
  deps: PlanAccessDeps,
  operation: Executing,
  verified: VerifiedRequest,
  tier: GrantedTier,
  rules: GrantRules,
): Promise<GrantPlan> {
  const { request } = verified;
  if (request.kind !== 'arm') return { ok: false, reason: 'A call of a vault needs no right for one operation.' };
  return planGrant(questionOf(operation, request, tier, await readCurrent(deps, request)), rules);
}

/**
 * Whether a stored grant is the one that the verified request calls for: who can write to the table must not be given rights by it. Whether a target existed may have
 * changed since; both are what the request calls for.
 */
export async function isCalledFor(
  deps: PlanAccessDeps,
  operation: Executing,
  verified: VerifiedRequest,
  { standing: _, ...grant }: HeldGrant,
  rules: GrantRules,
): Promise<boolean> {
  const { request } = verified;
  const tier = grantedTierOf(verified, operation);
  if (tier === undefined || request.kind !== 'arm') return false;
  const stored = canonicalJson(grant);
  for (const current of [undefined, await readCurrent(deps, request), 'unread' as const]) {
    const plan = planGrant(questionOf(operation, request, tier, current), rules);
    if (plan.ok && canonicalJson(plan.grant) === stored) return true;
  }
  return false;
}

function questionOf(operation: Executing, request: ArmRequest, tier: GrantedTier, current: GrantQuestion['current']): GrantQuestion {
  const path = parseArmCall(request.method, request.path);
  const owner = { operationId: operation.id, attempt: operation.attempts };
  return { owner, action: actionOf(request.method, path), request, path, tier, current };
}

/** What the plan must know of the target: whether a PUT creates it, and what an assignment that is deleted gives. */
async function readCurrent({ reader }: PlanAccessDeps, request: ArmRequest): Promise<GrantQuestion['current']> {
  if (request.method !== 'PUT' && parseArmPath(request.path).type !== 'microsoft.authorization/roleassignments') return 'unread';
  const outcome = await reader.read(request.path, request.apiVersion);
  switch (outcome.state) {
    case 'present':
      return outcome.body;
    case 'absent':
      return undefined;
    case 'unreadable':
      return 'unread';
  }
}

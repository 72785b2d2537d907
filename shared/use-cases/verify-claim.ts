import { type ApprovalRequirements, stricterRequirements } from '../domain/decision.ts';
import { type Stop, type Verification, type VerifiedRequest, verifyForExecution, votesSuffice } from '../domain/execution.ts';
import type { Approved } from '../domain/operation.ts';
import { hasDrifted, previewOf } from '../domain/preview.ts';
import type { GroupRegistry } from '../ports/agent-registry.ts';
import type { Masker } from '../ports/masker.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import { groupsOf, ownsAgent } from './authorize-caller.ts';
import { openRequest } from './open-request.ts';
import { type RejudgeDeps, type Rejudgement, rejudge } from './rejudge.ts';
import { tellRequest } from './tell-request.ts';
import { type WriteClaimedDeps, writeClaimed } from './write-claimed.ts';

export type VerifyClaimDeps = WriteClaimedDeps & RejudgeDeps & { readonly groups: GroupRegistry; readonly masker: Masker };

/** Everything that was true when it was approved must be true now; otherwise it ends here, with nothing sent. */
export async function verifyClaim(
  deps: VerifyClaimDeps,
  claimed: StoredOperation,
  approved: Approved,
): Promise<VerifiedRequest | undefined> {
  const verification = await checkStoredAndLive(deps, approved);
  if (verification.ok) return verification.verified;
  await writeClaimed(deps, claimed, [{ kind: 'executionStopped', ...verification.stop }]);
  return undefined;
}

async function checkStoredAndLive(deps: VerifyClaimDeps, approved: Approved): Promise<Verification> {
  const request = await openRequest(deps.store, approved.id);
  if (request === undefined)
    return { ok: false, stop: { code: 'digestMismatch', end: 'denied', detail: 'The stored request cannot be opened.' } };
  const told = await tellRequest(deps.masker, request.sealed.request);
  const verification = verifyForExecution(approved, request.sealed, told, deps.clock.now());
  if (!verification.ok) return verification;
  const stop = await findStop(deps, approved, await rejudge(deps, approved, request.parsed), request.sealed.salt);
  return stop === undefined ? verification : { ok: false, stop };
}

/** The live checks at the claim: agent, policy, voters, target. */
async function findStop(deps: VerifyClaimDeps, operation: Approved, now: Rejudgement, salt: string): Promise<Stop | undefined> {
  if (now.refusal !== undefined) return { code: 'agentRefused', end: 'denied', detail: now.refusal };
  if (now.decision.outcome === 'deny') return { code: 'policyRefuses', end: 'denied', detail: now.decision.reasons.join(' ') };
  if (operation.decision.outcome !== 'requireApproval') {
    if (now.decision.outcome === 'allow') return undefined;
    return { code: 'votesInsufficient', end: 'expired', detail: 'The policies now require an approval. Submit it again.' };
  }
  const then = operation.decision.requirements;
  const requirements = now.decision.outcome === 'requireApproval' ? stricterRequirements(now.decision.requirements, then) : then;
  const entitled = await findEntitled(deps, operation, requirements);
  if (!votesSuffice(operation.votes, requirements, entitled)) {
    return {
      code: 'voterNoLongerMember',
      end: 'expired',
      detail: 'The votes no longer suffice: a voter left the group, or the policies ask for more. Submit it again.',
    };
  }
  const preview = previewOf(now.reading.target, salt, deps.clock.now());
  if (operation.shown !== undefined && hasDrifted(operation.shown.preview, preview)) {
    return { code: 'drifted', end: 'expired', detail: 'The target is no longer what the approvers saw. Submit it again.' };
  }
  return undefined;
}

/** Those of the voters whose votes would count if they were cast now. */
async function findEntitled(deps: VerifyClaimDeps, operation: Approved, { groups }: ApprovalRequirements): Promise<ReadonlySet<string>> {
  const entitled = new Set<string>();
  for (const { voter } of operation.votes) {
    const person = { id: voter.id, groups: await groupsOf(deps, voter.id) };
    const inGroup = person.groups.some((group) => groups.includes(group));
    if (inGroup && !ownsAgent(deps, operation, voter.id) && deps.policies.mayApprove(person, operation, deps.clock.now()))
      entitled.add(voter.id);
  }
  return entitled;
}

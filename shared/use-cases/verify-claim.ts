import { type ApprovalRequirements, stricterRequirements } from '../domain/decision.ts';
import type { TargetBefore } from '../domain/event.ts';
import { type Stop, type VerifiedRequest, verifyForExecution, votesSuffice } from '../domain/execution.ts';
import type { Approved } from '../domain/operation.ts';
import { hasDrifted, previewOf } from '../domain/preview.ts';
import { targetBefore } from '../domain/read-back.ts';
import { secretBefore } from '../domain/secrets/read-back-secret.ts';
import type { SecretState } from '../domain/secrets/secret-state.ts';
import { changedPaths } from '../domain/stable-state.ts';
import type { GroupRegistry } from '../ports/agent-registry.ts';
import type { AzureReader } from '../ports/azure.ts';
import type { Masker } from '../ports/masker.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { Log } from '../ports/system.ts';
import { findDeletionLimit } from './admit-deletion.ts';
import { groupsOf, ownsAgent } from './authorize-caller.ts';
import { type DeferDeps, deferredByOutage, isOutage } from './defer-execution.ts';
import type { Judgement } from './judge-request.ts';
import type { LimitKeeper } from './keep-limits.ts';
import { openRequest } from './open-request.ts';
import { type RejudgeDeps, rejudge } from './rejudge.ts';
import { tellRequest } from './tell-request.ts';
import { type WriteClaimedDeps, writeClaimed } from './write-claimed.ts';

export type VerifyClaimDeps = WriteClaimedDeps &
  RejudgeDeps &
  DeferDeps & {
    readonly groups: GroupRegistry;
    readonly masker: Masker;
    readonly log: Log;
    readonly limitKeeper: Pick<LimitKeeper, 'admitExecution'>;
  };

/** What may be sent, and what its target was when that was verified. */
export type VerifiedClaim = VerifiedRequest & {
  readonly before: TargetBefore;
  /** The secret as it stood, where the call changes or reveals one. */
  readonly secret: SecretState | undefined;
  /** By what is true now. */
  readonly judgement: Judgement;
};

type ClaimVerification = { readonly ok: true; readonly verified: VerifiedClaim } | { readonly ok: false; readonly stop: Stop };

/**
 * Everything that was true when it was approved must be true now; otherwise it ends here, with nothing sent. Where that cannot be asked it is put off, which costs no
 * attempt and does not wait for the end of the lease.
 */
export async function verifyClaim(deps: VerifyClaimDeps, claimed: StoredOperation, approved: Approved): Promise<VerifiedClaim | undefined> {
  try {
    const looking = noting(deps);
    const verification = await checkStoredAndLive(looking.deps, approved);
    if (verification.ok) {
      const over = claimed.operation.status === 'executing' ? await findDeletionLimit(deps, claimed.operation) : undefined;
      if (over === undefined) return verification.verified;
      await writeClaimed(deps, claimed, [over]);
      return undefined;
    }
    // What was judged without having been read was judged as the worst; that ends nothing while it may pass.
    const { operation } = claimed;
    const mayPass = looking.wasAway() && operation.status === 'executing';
    if (!mayPass && isForged(verification.stop)) {
      deps.log.error('alarm: an approval does not hold', { operationId: operation.id, code: verification.stop.code });
    }
    await writeClaimed(deps, claimed, [mayPass ? deferredByOutage(deps, operation) : { kind: 'executionStopped', ...verification.stop }]);
  } catch (error) {
    if (!isOutage(error) || claimed.operation.status !== 'executing') throw error;
    deps.log.warn('a claim could not be verified and was put off', { operationId: approved.id });
    await writeClaimed(deps, claimed, [deferredByOutage(deps, claimed.operation)]);
  }
  return undefined;
}

const forged: ReadonlySet<Stop['code']> = new Set(['digestMismatch', 'chainBroken', 'votesInsufficient']);

/** What no part of Countersign leaves behind by itself: somebody wrote to the storage past it. */
function isForged({ code, end }: Stop): boolean {
  return end === 'denied' && forged.has(code);
}

/** The same, and whether anything of Azure could not be read for a reason that may pass. */
function noting(deps: VerifyClaimDeps): { readonly deps: VerifyClaimDeps; readonly wasAway: () => boolean } {
  let away = false;
  const read: AzureReader['read'] = async (...asked) => {
    const outcome = await deps.reader.read(...asked);
    if (outcome.state === 'unreadable' && outcome.passing === true) away = true;
    return outcome;
  };
  return { deps: { ...deps, reader: { read } }, wasAway: () => away };
}

async function checkStoredAndLive(deps: VerifyClaimDeps, approved: Approved): Promise<ClaimVerification> {
  const request = await openRequest(deps.store, approved.id);
  if (request === undefined)
    return { ok: false, stop: { code: 'digestMismatch', end: 'denied', detail: 'The stored request cannot be opened.' } };
  const { sealed, parsed } = request;
  const told = await tellRequest(deps.masker, sealed.request);
  const verification = verifyForExecution(approved, sealed, told, deps.clock.now());
  if (!verification.ok) return verification;
  const now = await rejudge(deps, approved, parsed);
  if (now.refusal !== undefined) return { ok: false, stop: { code: 'agentRefused', end: 'denied', detail: now.refusal } };
  const stop = await findStop(deps, approved, now, sealed.salt);
  if (stop !== undefined) return { ok: false, stop };
  return { ok: true, verified: { ...verification.verified, ...foundOf(now, sealed.salt), judgement: now } };
}

function foundOf({ parsed, reading }: Judgement, salt: string): Pick<VerifiedClaim, 'before' | 'secret'> {
  if (parsed.path !== undefined) return { before: targetBefore(reading.target, salt, parsed.request.body), secret: undefined };
  const { secret } = reading;
  return { before: secret === undefined ? { state: 'unreadable' } : secretBefore(secret), secret };
}

/** The live checks at the claim: policy, voters, target. */
async function findStop(deps: VerifyClaimDeps, operation: Approved, now: Judgement, salt: string): Promise<Stop | undefined> {
  if (now.path.resourceId !== operation.target.resourceId) {
    const detail = 'The target is no longer where it was among the resources of Azure. Submit it again.';
    return { code: 'movedElsewhere', end: 'expired', detail };
  }
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
    const changed = await describeChange(deps, operation, now);
    return { code: 'drifted', end: 'expired', detail: `The target is no longer what the approvers saw${changed}. Submit it again.` };
  }
  return undefined;
}

const namedChanges = 5;

/** Which properties of the target changed since it was shown; both states are masked, and only names are told. */
async function describeChange(deps: VerifyClaimDeps, { id, target }: Approved, { reading }: Judgement): Promise<string> {
  if (reading.target.state === 'absent') return ': it is gone';
  if (reading.target.state === 'unreadable') return ', or nobody can say: it cannot be read now';
  const shown = await deps.store.readDocument(id, 'preview').catch(() => undefined);
  if (shown === undefined) return '';
  const read = { part: 'answer', action: `${target.type}/read`, path: target.path } as const;
  const { value } = await deps.masker.mask(reading.target.body, read);
  const paths = changedPaths(shown, value, namedChanges + 1);
  const more = paths.length > namedChanges ? ' and more' : '';
  return paths.length === 0 ? ': a masked value changed' : `: ${paths.slice(0, namedChanges).join(', ')}${more} changed`;
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

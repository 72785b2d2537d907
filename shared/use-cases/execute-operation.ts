import { stricterRequirements } from '../domain/decision.ts';
import type { Actor, EventDetail, Happening } from '../domain/event.ts';
import { mayBeRepeated, type Stop, type VerifiedRequest, verifyForExecution, votesSuffice } from '../domain/execution.ts';
import { advance } from '../domain/history.ts';
import { plusMs } from '../domain/instant.ts';
import type { Approved, Executing } from '../domain/operation.ts';
import { hasDrifted, previewOf } from '../domain/preview.ts';
import { readSealedRequest } from '../domain/sealed-request.ts';
import type { GroupRegistry } from '../ports/agent-registry.ts';
import type { Announcement } from '../ports/announcer.ts';
import { type AzureCaller, AzureError, type Credential, type CredentialBroker, type Tier } from '../ports/azure.ts';
import type { OperationDocument, StoredOperation } from '../ports/operation-store.ts';
import { appendAnnounced } from './announce-then-commit.ts';
import { groupsOf } from './authorize-caller.ts';
import { type FindAnnouncedDeps, findAnnounced } from './find-announced.ts';
import { finishedBy } from './record-outcome.ts';
import { type RejudgeDeps, type Rejudgement, rejudge } from './rejudge.ts';

export type ExecuteDeps = FindAnnouncedDeps &
  RejudgeDeps & { readonly groups: GroupRegistry; readonly broker: CredentialBroker; readonly caller: AzureCaller };

/** How long an executor may take from its claim to the outcome before somebody else looks; longer than the longest call (its timeout is 2 min). */
export const leaseMs = 5 * 60 * 1000;
/** How long Azure may go on with a call that it accepted. */
export const pollForMs = 24 * 60 * 60 * 1000;
/** So often a call that was certainly not sent, or that has no effect, is tried. */
export const maxAttempts = 3;

const actor: Actor = { kind: 'countersign', role: 'executor' };

/**
 * Runs an approved operation: claim, verify, credential, intent, one call, outcome. Each step is durable before the next; whoever loses a race stops.
 * What is found executing already belongs to another delivery of the message, or to the check at the end of its lease.
 */
export function makeExecuteOperation(deps: ExecuteDeps): (message: Announcement) => Promise<void> {
  return async (message) => {
    const found = await findAnnounced(deps, message);
    if (found?.operation.status !== 'approved') return;
    const claimed = await claim(deps, found, found.operation);
    if (claimed === undefined) return;
    const verified = await verify(deps, claimed, found.operation);
    if (verified === undefined) return;
    const calling = await prepareCall(deps, claimed, verified);
    if (calling === undefined) return;
    await callAndRecord(deps, calling.stored, verified, calling.credential);
  };
}

/** Appends and reads back what is now stored; undefined where somebody else wrote first. */
async function write(
  deps: ExecuteDeps,
  stored: StoredOperation,
  details: readonly EventDetail[],
  documents: readonly OperationDocument[] = [],
  also: Parameters<typeof appendAnnounced>[4] = [],
): Promise<StoredOperation | undefined> {
  const at = deps.clock.now();
  const happenings = details.map((detail): Happening => ({ actor, at, detail }));
  const next = advance(stored.operation.id, stored.operation, happenings);
  if ((await appendAnnounced(deps, stored, next, documents, also)) === 'conflict') return undefined;
  return await deps.store.read(stored.operation.id);
}

async function claim(deps: ExecuteDeps, stored: StoredOperation, operation: Approved): Promise<StoredOperation | undefined> {
  const now = deps.clock.now();
  if (now >= operation.executeBy) {
    await write(deps, stored, [{ kind: 'expired', waitingFor: 'execution' }]);
    return undefined;
  }
  return await write(deps, stored, [{ kind: 'executionStarted', attempt: operation.attempts + 1, leaseUntil: plusMs(now, leaseMs) }]);
}

/** Everything that was true when it was approved must be true now; otherwise it ends here, with nothing sent. */
async function verify(deps: ExecuteDeps, claimed: StoredOperation, approved: Approved): Promise<VerifiedRequest | undefined> {
  const { sealed, parsed } = readSealedRequest(await deps.store.readDocument(approved.id, 'request'));
  const verification = verifyForExecution(approved, sealed, deps.clock.now());
  const stop = verification.ok ? await findStop(deps, approved, await rejudge(deps, approved, parsed), sealed.salt) : verification.stop;
  if (stop !== undefined) await write(deps, claimed, [{ kind: 'executionStopped', ...stop }]);
  return stop === undefined && verification.ok ? verification.verified : undefined;
}

/** The live checks at the claim: agent, policy, voters, target. */
async function findStop(deps: ExecuteDeps, operation: Approved, now: Rejudgement, salt: string): Promise<Stop | undefined> {
  if (now.refusal !== undefined) return { code: 'agentRefused', end: 'denied', detail: now.refusal };
  if (now.decision.outcome === 'deny') return { code: 'policyRefuses', end: 'denied', detail: now.decision.reasons.join(' ') };
  if (operation.decision.outcome !== 'requireApproval') {
    if (now.decision.outcome === 'allow') return undefined;
    return { code: 'votesInsufficient', end: 'expired', detail: 'The policies now require an approval. Submit it again.' };
  }
  const entitled = new Set<string>();
  const then = operation.decision.requirements;
  const requirements = now.decision.outcome === 'requireApproval' ? stricterRequirements(now.decision.requirements, then) : then;
  for (const { voter } of operation.votes) {
    const groups = await groupsOf(deps, voter.id);
    if (groups.some((group) => requirements.groups.includes(group))) entitled.add(voter.id);
  }
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

/** Obtains the credential and makes the intent durable; after this the call may have happened. */
async function prepareCall(
  deps: ExecuteDeps,
  claimed: StoredOperation,
  { request }: VerifiedRequest,
): Promise<{ stored: StoredOperation; credential: Credential } | undefined> {
  const tier: Tier = mayBeRepeated(request) ? 'reader' : 'operator';
  const credential = await obtain(deps, claimed, tier);
  if (credential === undefined) return undefined;
  const stored = await write(deps, claimed, [
    { kind: 'credentialIssued', tier, identity: credential.identity, expiresAt: credential.expiresAt },
    { kind: 'callStarted', digest: claimed.operation.digest, leaseUntil: plusMs(deps.clock.now(), leaseMs) },
  ]);
  return stored === undefined ? undefined : { stored, credential };
}

async function obtain(deps: ExecuteDeps, claimed: StoredOperation, tier: Tier): Promise<Credential | undefined> {
  try {
    return await deps.broker.obtain(tier, claimed.operation.id);
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    await giveBack(deps, claimed, 'No credential could be had.');
    return undefined;
  }
}

async function callAndRecord(
  deps: ExecuteDeps,
  stored: StoredOperation,
  { request }: VerifiedRequest,
  credential: Credential,
): Promise<void> {
  const { operation } = stored;
  const outcome = await deps.caller.callOnce(request, credential, operation.id);
  switch (outcome.kind) {
    case 'answered': {
      const { detail, documents } = finishedBy(outcome.answer);
      await write(deps, stored, [detail], documents);
      return;
    }
    case 'accepted': {
      const now = deps.clock.now();
      const polling: OperationDocument = {
        name: 'polling',
        value: { url: outcome.pollUrl, style: outcome.pollStyle, tier: credential.tier },
      };
      const accepted: EventDetail = { kind: 'callAccepted', status: outcome.status, pollUntil: plusMs(now, pollForMs) };
      await write(deps, stored, [accepted], [polling], [{ purpose: 'poll', notBefore: plusMs(now, outcome.retryAfterMs) }]);
      return;
    }
    case 'notSent':
      await giveBack(deps, stored, outcome.reason);
      return;
    case 'doubtful':
      if (mayBeRepeated(request)) await giveBack(deps, stored, outcome.reason);
      else
        await write(deps, stored, [
          { kind: 'executionFinished', outcome: 'outcomeUnknown', detail: outcome.reason, result: { masked: [] } },
        ]);
      return;
  }
}

/** Gives the claim back, to be tried again; after {@link maxAttempts} it has failed. */
async function giveBack(deps: ExecuteDeps, stored: StoredOperation, reason: string): Promise<void> {
  const { operation } = stored;
  if (operation.status !== 'executing') return;
  await write(deps, stored, [releasedOrFailed(operation, reason)]);
}

export function releasedOrFailed(operation: Executing, reason: string): EventDetail {
  if (operation.attempts < maxAttempts) return { kind: 'executionReleased', reason };
  return { kind: 'executionFinished', outcome: 'failed', detail: `Tried ${operation.attempts} times. ${reason}`, result: { masked: [] } };
}

import { type ApprovalRequirements, stricterRequirements } from '../domain/decision.ts';
import type { Actor, EventDetail, Happening } from '../domain/event.ts';
import {
  mayBeRepeated,
  type Stop,
  type Verification,
  type VerifiedRequest,
  verifyForExecution,
  votesSuffice,
} from '../domain/execution.ts';
import { type Advance, advance } from '../domain/history.ts';
import { plusMs } from '../domain/instant.ts';
import type { Approved, Executing, Operation } from '../domain/operation.ts';
import { hasDrifted, previewOf } from '../domain/preview.ts';
import type { GroupRegistry } from '../ports/agent-registry.ts';
import type { Announcement } from '../ports/announcer.ts';
import { type AzureCaller, AzureError, type Credential, type CredentialBroker, type Tier } from '../ports/azure.ts';
import type { Masker } from '../ports/masker.ts';
import type { OperationDocument, StoredOperation } from '../ports/operation-store.ts';
import { appendAnnounced } from './announce-then-commit.ts';
import { groupsOf, ownsAgent } from './authorize-caller.ts';
import { type FindAnnouncedDeps, findAnnounced } from './find-announced.ts';
import { openRequest } from './open-request.ts';
import { finishedBy, recordOutcome } from './record-outcome.ts';
import { type RejudgeDeps, type Rejudgement, rejudge } from './rejudge.ts';
import { tellRequest } from './tell-request.ts';

export type ExecuteDeps = FindAnnouncedDeps &
  RejudgeDeps & {
    readonly groups: GroupRegistry;
    readonly broker: CredentialBroker;
    readonly caller: AzureCaller;
    readonly masker: Masker;
  };

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

/**
 * Writes what befell the claim; undefined where the claim is no longer this executor's. A refused vote or a dead letter that was written meanwhile
 * takes the claim from nobody: the operation is read and written again, so that no outcome is lost to it.
 */
async function write(
  deps: ExecuteDeps,
  from: StoredOperation,
  details: readonly EventDetail[],
  documents: readonly OperationDocument[] = [],
  also: Parameters<typeof appendAnnounced>[4] = [],
): Promise<Advance | undefined> {
  const { id } = from.operation;
  let stored: StoredOperation | undefined = from;
  while (stored !== undefined && isSameClaim(from.operation, stored.operation)) {
    const at = deps.clock.now();
    const next = advance(
      id,
      stored.operation,
      details.map((detail): Happening => ({ actor, at, detail })),
    );
    if ((await appendAnnounced(deps, stored, next, documents, also)) === 'committed') return next;
    stored = await deps.store.read(id);
  }
  return undefined;
}

/** As {@link write}, and what is then stored; undefined where somebody else has gone on with it already. */
async function writeAndRead(
  deps: ExecuteDeps,
  from: StoredOperation,
  details: readonly EventDetail[],
): Promise<StoredOperation | undefined> {
  const written = await write(deps, from, details);
  const stored = written === undefined ? undefined : await deps.store.read(written.operation.id);
  return written !== undefined && stored !== undefined && isSameClaim(written.operation, stored.operation) ? stored : undefined;
}

/** Each claim counts one attempt, so that two claims of one operation are never taken for each other. */
function isSameClaim(before: Operation, now: Operation): boolean {
  if (before.status === 'approved') return now.status === 'approved' && now.attempts === before.attempts;
  if (before.status !== 'executing' || now.status !== 'executing') return false;
  return now.phase === before.phase && now.attempts === before.attempts;
}

async function claim(deps: ExecuteDeps, stored: StoredOperation, operation: Approved): Promise<StoredOperation | undefined> {
  const now = deps.clock.now();
  if (now >= operation.executeBy) {
    await write(deps, stored, [{ kind: 'expired', waitingFor: 'execution' }]);
    return undefined;
  }
  return await writeAndRead(deps, stored, [
    { kind: 'executionStarted', attempt: operation.attempts + 1, leaseUntil: plusMs(now, leaseMs) },
  ]);
}

/** Everything that was true when it was approved must be true now; otherwise it ends here, with nothing sent. */
async function verify(deps: ExecuteDeps, claimed: StoredOperation, approved: Approved): Promise<VerifiedRequest | undefined> {
  const verification = await checkStoredAndLive(deps, approved);
  if (verification.ok) return verification.verified;
  await write(deps, claimed, [{ kind: 'executionStopped', ...verification.stop }]);
  return undefined;
}

async function checkStoredAndLive(deps: ExecuteDeps, approved: Approved): Promise<Verification> {
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
async function findStop(deps: ExecuteDeps, operation: Approved, now: Rejudgement, salt: string): Promise<Stop | undefined> {
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
async function findEntitled(deps: ExecuteDeps, operation: Approved, { groups }: ApprovalRequirements): Promise<ReadonlySet<string>> {
  const entitled = new Set<string>();
  for (const { voter } of operation.votes) {
    const person = { id: voter.id, groups: await groupsOf(deps, voter.id) };
    const inGroup = person.groups.some((group) => groups.includes(group));
    if (inGroup && !ownsAgent(deps, operation, voter.id) && deps.policies.mayApprove(person, operation, deps.clock.now()))
      entitled.add(voter.id);
  }
  return entitled;
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
  const stored = await writeAndRead(deps, claimed, [
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
    case 'answered':
      await recordOutcome(await finishedBy(deps.masker, stored.operation, outcome.answer), ({ detail, documents }) =>
        write(deps, stored, [detail], documents),
      );
      return;
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

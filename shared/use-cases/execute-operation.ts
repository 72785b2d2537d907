import { plusMs } from '../domain/instant.ts';
import type { Approved, Executing } from '../domain/operation.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import { lookAgainMs } from './access-control.ts';
import { announceOutcome } from './announce-standing.ts';
import { isOutage, msUntil } from './defer-execution.ts';
import type { ExecutionPace } from './execution-pace.ts';
import { type FindAnnouncedDeps, findAnnounced, putOff } from './find-announced.ts';
import { giveBackAfterOutage } from './give-back-after-outage.ts';
import { type MakeCallDeps, makeCall } from './make-call.ts';
import { type PrepareCallDeps, type PreparedCall, prepareCall } from './prepare-call.ts';
import { pursueAccess, type RequestAccessDeps, requestAccess } from './request-access.ts';
import { fetchSecrets, type SecretsInUse, type UseSecretsDeps } from './use-secrets.ts';
import { type VerifiedClaim, type VerifyClaimDeps, verifyClaim } from './verify-claim.ts';
import { type WriteClaimedDeps, writeClaimed, writeClaimedAndRead } from './write-claimed.ts';

export type ExecuteDeps = FindAnnouncedDeps & VerifyClaimDeps & RequestAccessDeps & PrepareCallDeps & MakeCallDeps & UseSecretsDeps;

/**
 * Runs an approved operation: claim, verify, credential, intent, one call, outcome. Each step is durable before the next; whoever loses a race stops.
 * What is found executing already belongs to another delivery of the message, or to the check at the end of its lease.
 */
export function makeExecuteOperation(deps: ExecuteDeps): (message: Announcement) => Promise<void> {
  return async (message) => {
    const found = await findAnnounced(deps, message);
    if (found === undefined) return;
    const { operation } = found;
    if (message.purpose === 'pursueAccess' && operation.status === 'executing' && operation.phase === 'awaitingAccess') {
      return await goOnWithAccess(deps, message, found, operation);
    }
    if (message.purpose !== 'execute' || operation.status !== 'approved') return await announceOutcome(deps, message, operation);
    const waitMs = operation.notBefore === undefined ? 0 : msUntil(deps, operation.notBefore);
    if (waitMs > 0) return await putOff(deps, message, waitMs);
    const claimed = await claim(deps, found, operation);
    if (claimed !== undefined) await goOn(deps, claimed, operation);
  };
}

async function goOn(deps: ExecuteDeps, claimed: StoredOperation, approved: Approved): Promise<void> {
  const ready = await prepareOrGiveBack(deps, claimed, approved);
  if (ready !== undefined) await makeCall(deps, ready.prepared, ready.verified, ready.secrets);
}

type Ready = { readonly prepared: PreparedCall; readonly verified: VerifiedClaim; readonly secrets: SecretsInUse };

/** Up to the call an outage costs neither the attempt nor the time of the lease: nothing was sent, and here that is known. */
async function prepareOrGiveBack(deps: ExecuteDeps, claimed: StoredOperation, approved: Approved): Promise<Ready | undefined> {
  try {
    return await prepare(deps, claimed, approved);
  } catch (error) {
    if (isOutage(error)) await giveBackAfterOutage(deps, claimed);
    throw error;
  }
}

async function prepare(deps: ExecuteDeps, claimed: StoredOperation, approved: Approved): Promise<Ready | undefined> {
  const verified = await verifyClaim(deps, claimed, approved);
  if (verified === undefined) return undefined;
  const access = await requestAccess(deps, claimed, verified);
  if (access.kind === 'over') return undefined;
  if (access.kind === 'propagated') return await prepare(deps, access.claimed, approved);
  const secrets = await fetchSecrets(deps, claimed, verified);
  if (secrets === undefined) return undefined;
  const prepared = await prepareCall(deps, claimed, verified, secrets);
  return prepared === undefined ? undefined : { prepared, verified, secrets };
}

/** Looks once more whether the right has come that an attempt waits for, and goes on with the attempt if so. */
async function goOnWithAccess(
  deps: ExecuteDeps,
  message: Announcement,
  found: StoredOperation,
  operation: Extract<Executing, { phase: 'awaitingAccess' }>,
): Promise<void> {
  const requested = found.events[message.sequence - 1]?.detail;
  if (requested?.kind !== 'accessRequested' || requested.grant.attempt !== operation.attempts) return;
  const approved: Approved = { ...operation, status: 'approved', notBefore: undefined };
  const isMade = operation.grants.every(({ attempt, standing }) => attempt !== operation.attempts || standing !== 'requested');
  const verified = isMade ? undefined : await verifyClaim(deps, found, approved);
  if (!isMade && verified === undefined) return;
  const claimed = deps.access === undefined ? undefined : await pursueAccess(deps, deps.access, found, verified);
  if (claimed === undefined) return await putOff(deps, message, lookAgainMs(message.attempt));
  await goOn(deps, claimed, approved);
}

async function claim(
  deps: WriteClaimedDeps & { readonly pace: ExecutionPace },
  stored: StoredOperation,
  operation: Approved,
): Promise<StoredOperation | undefined> {
  const now = deps.clock.now();
  if (now >= operation.executeBy) {
    await writeClaimed(deps, stored, [{ kind: 'expired', waitingFor: 'execution' }]);
    return undefined;
  }
  return await writeClaimedAndRead(deps, stored, [
    { kind: 'executionStarted', attempt: operation.attempts + 1, leaseUntil: plusMs(now, deps.pace.leaseMs) },
  ]);
}

import { plusMs } from '../domain/instant.ts';
import type { Approved } from '../domain/operation.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { ExecutionPace } from './execution-pace.ts';
import { type FindAnnouncedDeps, findAnnounced } from './find-announced.ts';
import { type MakeCallDeps, makeCall } from './make-call.ts';
import { type PrepareCallDeps, prepareCall } from './prepare-call.ts';
import { type VerifyClaimDeps, verifyClaim } from './verify-claim.ts';
import { type WriteClaimedDeps, writeClaimed, writeClaimedAndRead } from './write-claimed.ts';

export type ExecuteDeps = FindAnnouncedDeps & VerifyClaimDeps & PrepareCallDeps & MakeCallDeps;

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
    const verified = await verifyClaim(deps, claimed, found.operation);
    if (verified === undefined) return;
    const prepared = await prepareCall(deps, claimed, verified);
    if (prepared === undefined) return;
    await makeCall(deps, prepared, verified);
  };
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

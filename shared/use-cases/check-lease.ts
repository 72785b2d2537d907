import type { EventDetail } from '../domain/event.ts';
import { mayBeRepeated } from '../domain/execution.ts';
import type { Executing } from '../domain/operation.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import { outcomeDoubted } from './doubt-outcome.ts';
import type { ExecutionPace } from './execution-pace.ts';
import type { FindAnnouncedDeps } from './find-announced.ts';
import { releasedOrFailed } from './write-claimed.ts';
import { isEarly, writeOrPutOff } from './write-or-put-off.ts';

export type CheckLeaseDeps = FindAnnouncedDeps & { readonly pace: ExecutionPace };

/**
 * A claim whose executor has not come back. Before the intent nothing was sent; after it only what has no effect may be tried again, and of everything else the
 * outcome is in doubt. The event tells the method truly, which was verified before the intent; reading the request itself could fail, and leave the operation
 * without an end.
 */
export async function checkLease(
  deps: CheckLeaseDeps,
  message: Announcement,
  stored: StoredOperation,
  operation: Extract<Executing, { phase: 'claimed' | 'calling' }>,
): Promise<void> {
  if (await isEarly(deps, message, operation.leaseUntil)) return;
  const gone = 'The executor did not come back before its lease ended.';
  const harmless = operation.phase === 'claimed' || mayBeRepeated(operation.target);
  const detail: EventDetail = harmless
    ? releasedOrFailed(operation, gone)
    : outcomeDoubted(deps.pace, { reason: gone, accepted: false }, deps.clock.now());
  await writeOrPutOff(deps, message, stored, detail);
}

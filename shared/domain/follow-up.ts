import { type Instant, plusMs } from './instant.ts';
import type { Approved, Operation } from './operation.ts';

/** What must happen next because of a step, known before the step is committed. */
export type FollowUp =
  | { readonly purpose: 'requestApproval' | 'project' }
  | { readonly purpose: 'execute'; readonly notBefore?: Instant }
  | { readonly purpose: 'checkDeadline' | 'checkLease'; readonly notBefore: Instant };

/** How long a claim that was given back waits before it is tried again, by the number of attempts so far; what refused it may need as long. */
const retryAfterMs = [2_000, 30_000] as const;

function executeAgain(before: Operation | undefined, after: Approved): FollowUp {
  if (before?.status !== 'executing') return { purpose: 'execute' };
  const delayMs = retryAfterMs[after.attempts - 1] ?? retryAfterMs[retryAfterMs.length - 1] ?? 0;
  return { purpose: 'execute', notBefore: plusMs(after.updatedAt, delayMs) };
}

/**
 * The messages that a step from `before` to `after` must announce, so that no operation is ever left where nothing knows about it:
 * whatever waits has a message that wakes it, whatever runs has one that looks whether it still does.
 */
export function followUps(before: Operation | undefined, after: Operation): readonly FollowUp[] {
  const project: FollowUp = { purpose: 'project' };
  switch (after.status) {
    case 'awaitingApproval': {
      const moved = before?.status !== 'awaitingApproval' || before.expiresAt !== after.expiresAt;
      const deadline: FollowUp = { purpose: 'checkDeadline', notBefore: after.expiresAt };
      return [...(before === undefined ? [{ purpose: 'requestApproval' } as const] : []), ...(moved ? [deadline] : []), project];
    }
    case 'approved': {
      if (before?.status === 'approved') return [project];
      return [executeAgain(before, after), { purpose: 'checkDeadline', notBefore: after.executeBy }, project];
    }
    case 'executing': {
      if (after.phase === 'polling') return [{ purpose: 'checkLease', notBefore: after.pollUntil }, project];
      return [{ purpose: 'checkLease', notBefore: after.leaseUntil }, project];
    }
    case 'succeeded':
    case 'failed':
    case 'outcomeUnknown':
    case 'denied':
    case 'rejected':
    case 'expired':
    case 'cancelled':
      return [project];
  }
}

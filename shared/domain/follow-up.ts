import { type Instant, plusMs } from './instant.ts';
import type { Approved, Executing, Operation } from './operation.ts';

/** What must happen next because of a step, known before the step is committed. */
export type FollowUp =
  | { readonly purpose: 'requestApproval' | 'project' | 'revokeAccess' }
  | { readonly purpose: 'execute'; readonly notBefore?: Instant }
  | { readonly purpose: 'checkDeadline' | 'checkLease' | 'pursueAccess' | 'readBack' | 'dropSecret'; readonly notBefore: Instant };

function executeNext({ notBefore }: Approved): FollowUp {
  return { purpose: 'execute', ...(notBefore === undefined ? {} : { notBefore }) };
}

/**
 * The messages that a step from `before` to `after` must announce, so that no operation is ever left where nothing knows about it:
 * whatever waits has a message that wakes it, whatever runs has one that looks whether it still does.
 */
export function followUps(before: Operation | undefined, after: Operation): readonly FollowUp[] {
  const ended = before?.status === 'executing' && after.status !== 'executing';
  // The right must go whatever became of the call, and somebody must know of it before anybody learns that the call has ended.
  return [...stepsAfter(before, after), ...(ended && after.grants.length > 0 ? [{ purpose: 'revokeAccess' } as const] : [])];
}

function stepsAfter(before: Operation | undefined, after: Operation): readonly FollowUp[] {
  const project: FollowUp = { purpose: 'project' };
  switch (after.status) {
    case 'awaitingApproval': {
      const moved = before?.status !== 'awaitingApproval' || before.expiresAt !== after.expiresAt;
      const deadline: FollowUp = { purpose: 'checkDeadline', notBefore: after.expiresAt };
      return [...(before === undefined ? [{ purpose: 'requestApproval' } as const] : []), ...(moved ? [deadline] : []), project];
    }
    case 'approved': {
      if (before?.status === 'approved') return [project];
      return [executeNext(after), { purpose: 'checkDeadline', notBefore: after.executeBy }, project];
    }
    case 'executing':
      return [...whileExecuting(before, after), project];
    case 'succeeded':
      if (after.handover?.standing === 'waiting' && before?.status !== 'succeeded')
        return [{ purpose: 'dropSecret', notBefore: after.handover.until }, project];
      return [project];
    case 'failed':
    case 'outcomeUnknown':
    case 'denied':
    case 'rejected':
    case 'expired':
    case 'cancelled':
      return [project];
  }
}

/** How soon it is first asked whether a right has come to act. */
const pursueAfterMs = 2_000;

function whileExecuting(before: Operation | undefined, after: Executing): readonly FollowUp[] {
  switch (after.phase) {
    case 'claimed':
    case 'calling':
      return [{ purpose: 'checkLease', notBefore: after.leaseUntil }];
    case 'awaitingAccess':
      if (before?.status === 'executing' && before.phase === 'awaitingAccess') return [];
      return [
        { purpose: 'pursueAccess', notBefore: plusMs(after.updatedAt, pursueAfterMs) },
        { purpose: 'checkLease', notBefore: after.accessUntil },
      ];
    case 'polling':
      return [{ purpose: 'checkLease', notBefore: after.pollUntil }];
    case 'readingBack':
      return [
        { purpose: 'readBack', notBefore: after.readAt },
        { purpose: 'checkLease', notBefore: after.readUntil },
      ];
  }
}

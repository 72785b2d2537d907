import type { RoleGrant } from './access/role-grant.ts';
import type { Preview, Vote, Voter } from './approval.ts';
import type { Assessment } from './assessment.ts';
import type { Decision } from './decision.ts';
import type { Digest } from './digest.ts';
import type { Agent, CardReference, Finding, ResultSummary, TargetSummary } from './event.ts';
import type { ChainHead } from './event-chain.ts';
import type { Instant } from './instant.ts';

/** `op_` and 26 characters of lower-case base32: 128 bits. */
export type OperationId = string;

const idShape = /^op_[a-z2-7]{26}$/;

export function isOperationId(text: string): text is OperationId {
  return idShape.test(text);
}

/** What every operation has, whatever became of it. */
export type OperationCore = {
  readonly id: OperationId;
  readonly head: ChainHead;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly agent: Agent;
  /** Object id of the person who answers for the agent; never votes on its operations. */
  readonly ownerId: string;
  readonly target: TargetSummary;
  readonly action: string;
  readonly digest: Digest;
  readonly requestMac: string;
  readonly justification: string;
  readonly traceparent: string | undefined;
  readonly assessment: Assessment;
  readonly decision: Decision;
  /** Cards that show this operation. */
  readonly cards: readonly CardReference[];
  /** Recorded votes, oldest first. */
  readonly votes: readonly Vote[];
  /** Refused votes so far; what is over the limit is not recorded. */
  readonly refusedVotes: number;
  /** What the approvers were shown, once it is stored. */
  readonly shown: { readonly preview: Preview; readonly approvalDigest: Digest } | undefined;
  /** Role assignments that were made for this operation, or may have been, and are not known to be gone. */
  readonly grants: readonly HeldGrant[];
};

/** How far a grant is: only what is `removed` is certainly deleted, and even that may act for some minutes. */
export type HeldGrant = RoleGrant & { readonly standing: 'requested' | 'granted' | 'propagated' | 'removed' };

/**
 * How far an execution got, in the order of its danger: `calling` leaves open whether Azure was called. `readingBack` looks for the outcome of a call whose
 * answer is lost; `accepted` where Azure had taken it.
 */
export type ExecutionPhase =
  | { readonly phase: 'claimed'; readonly leaseUntil: Instant }
  /** Nothing was sent: the right to make the call is on its way. */
  | { readonly phase: 'awaitingAccess'; readonly accessUntil: Instant }
  | { readonly phase: 'calling'; readonly leaseUntil: Instant }
  | { readonly phase: 'polling'; readonly pollUntil: Instant }
  | {
      readonly phase: 'readingBack';
      readonly accepted: boolean;
      /** Why the outcome is in doubt. */
      readonly doubt: string;
      readonly doubtedAt: Instant;
      readonly readAt: Instant;
      readonly readUntil: Instant;
    };

/** What a transaction of the first step passes through; never stored on its own. */
export type Draft =
  | ({ readonly status: 'submitted' } & Omit<OperationCore, 'assessment' | 'decision'>)
  | ({ readonly status: 'assessed' } & Omit<OperationCore, 'decision'>);

/** What one person found, and when it was recorded. */
export type RecordedFinding = { readonly by: Voter; readonly found: Finding; readonly note: string; readonly at: Instant };

type Turns = {
  readonly executeBy: Instant;
  /** Claims so far. */
  readonly attempts: number;
  /** Those of them that were put off for a reason that was not theirs. */
  readonly deferrals: number;
};

export type AwaitingApproval = OperationCore & { readonly status: 'awaitingApproval'; readonly expiresAt: Instant };
export type Approved = OperationCore &
  Turns & {
    readonly status: 'approved';
    /** Not to be claimed before, where an earlier claim was given back; undefined for at once. */
    readonly notBefore: Instant | undefined;
  };
export type Executing = OperationCore & Turns & { readonly status: 'executing' } & ExecutionPhase;
export type ReadingBack = Extract<Executing, { phase: 'readingBack' }>;
export type Finished = OperationCore & {
  readonly status: 'succeeded' | 'failed' | 'outcomeUnknown';
  readonly detail: string;
  readonly result: ResultSummary;
  /** When the outcome was recorded; events may follow it. */
  readonly finishedAt: Instant;
  /** What people found who looked where the outcome is unknown, oldest first. */
  readonly findings: readonly RecordedFinding[];
  /** What became of a value that was encrypted to the agent's key; absent where none was. */
  readonly handover?: Handover;
};

/** `until`: when it is deleted, collected or not. */
export type Handover = { readonly standing: 'waiting' | 'collected' | 'dropped'; readonly until: Instant };

export type Ended = OperationCore & { readonly status: 'denied' | 'rejected' | 'expired' | 'cancelled'; readonly detail: string };

/** One request by one agent to do one thing to one target, by where it stands. */
export type Operation = AwaitingApproval | Approved | Executing | Finished | Ended;
export type OperationStatus = Operation['status'];

export const operationStatuses = [
  'awaitingApproval',
  'approved',
  'executing',
  'succeeded',
  'failed',
  'outcomeUnknown',
  'denied',
  'rejected',
  'expired',
  'cancelled',
] as const satisfies readonly OperationStatus[];

export function isTerminal(operation: Operation): operation is Finished | Ended {
  return hasEnded(operation.status);
}

export function hasEnded(status: OperationStatus): boolean {
  switch (status) {
    case 'awaitingApproval':
    case 'approved':
    case 'executing':
      return false;
    case 'succeeded':
    case 'failed':
    case 'outcomeUnknown':
    case 'denied':
    case 'rejected':
    case 'expired':
    case 'cancelled':
      return true;
  }
}

export type NextStep = 'wait' | 'resubmit' | 'done' | 'stop';

/** What an agent should do next, so that it need not interpret prose. */
export function nextStep(status: OperationStatus): NextStep {
  switch (status) {
    case 'awaitingApproval':
    case 'approved':
    case 'executing':
      return 'wait';
    case 'succeeded':
    case 'failed':
      return 'done';
    case 'denied':
    case 'rejected':
    case 'cancelled':
    case 'outcomeUnknown':
      return 'stop';
    case 'expired':
      return 'resubmit';
  }
}

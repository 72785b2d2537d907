import type { Assessment } from './assessment.ts';
import type { ApprovalRequirements } from './decision.ts';
import { type Digest, digestOf } from './digest.ts';
import type { Instant } from './instant.ts';

/** A person who may countersign. `id` is the directory's object id. */
export type Voter = { readonly id: string; readonly name: string };

export type Vote = {
  readonly voter: Voter;
  readonly decision: 'approve' | 'reject';
  /** The approval digest that the voter saw. */
  readonly digest: Digest;
  readonly reason: string;
  /** Where it was cast. */
  readonly channel: 'teams' | 'api';
  readonly at: Instant;
};

/** The target as it was when the approver was shown it, or why it could not be read. */
export type Preview =
  | { readonly state: 'present'; readonly digest: Digest; readonly readAt: Instant }
  | { readonly state: 'absent'; readonly readAt: Instant }
  | { readonly state: 'unreadable'; readonly reason: string; readonly readAt: Instant };

/** What an approval is bound to: change any of it and the digest, hence every vote, is void. */
export type ApprovalSubject = {
  readonly requestDigest: Digest;
  readonly assessment: Assessment;
  readonly policyVersion: string;
  readonly requirements: ApprovalRequirements;
  readonly preview: Preview;
};

export function approvalDigest(subject: ApprovalSubject): Digest {
  const { preview } = subject;
  return digestOf({
    request: subject.requestDigest,
    assessment: {
      level: subject.assessment.level,
      environment: subject.assessment.environment,
      factors: subject.assessment.factors.map((factor) => ({ ...factor })),
    },
    policyVersion: subject.policyVersion,
    requirements: { ...subject.requirements },
    preview: { ...preview },
  });
}

/** Why a vote does not count. */
export const voteRefusals = [
  'wrongDigest',
  'notInGroup',
  'ownRequest',
  'alreadyVoted',
  'tooLate',
  'notWaiting',
  'notPreviewed',
  'notAPerson',
] as const;
export type VoteRefusal = (typeof voteRefusals)[number];

export function approvalsReceived(votes: readonly Vote[]): number {
  return new Set(votes.filter((vote) => vote.decision === 'approve').map((vote) => vote.voter.id)).size;
}

/** One rejection ends the matter; approvals of as many different people as are required let it run. */
export function quorum(votes: readonly Vote[], requirements: ApprovalRequirements): 'waiting' | 'approved' | 'rejected' {
  if (votes.some((vote) => vote.decision === 'reject')) return 'rejected';
  return approvalsReceived(votes) >= Math.max(1, requirements.required) ? 'approved' : 'waiting';
}

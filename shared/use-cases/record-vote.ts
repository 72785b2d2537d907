import { quorum, type Vote, type VoteRefusal, type Voter } from '../domain/approval.ts';
import { equalInConstantTime, isDigest } from '../domain/digest.ts';
import type { Actor, Happening } from '../domain/event.ts';
import { advance } from '../domain/history.ts';
import { type Instant, plusMs } from '../domain/instant.ts';
import type { Operation, OperationId } from '../domain/operation.ts';
import { RequestError } from '../domain/request-error.ts';
import type { AgentRegistry } from '../ports/agent-registry.ts';
import type { Masker } from '../ports/masker.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { PersonInGroups, PolicyEngine } from '../ports/policy-engine.ts';
import type { Clock } from '../ports/system.ts';
import { appendAnnounced, type CommitDeps } from './announce-then-commit.ts';
import { ownsAgent } from './authorize-caller.ts';
import { executeWithinMs } from './submit-operation.ts';
import { tellText } from './tell-request.ts';

export type RecordVoteDeps = CommitDeps & {
  readonly agents: AgentRegistry;
  readonly policies: PolicyEngine;
  readonly clock: Clock;
  readonly masker: Masker;
};

/** A vote as it was cast, hostile: the digest is compared, never trusted. */
export type CastVote = {
  readonly operationId: OperationId;
  readonly decision: 'approve' | 'reject';
  readonly digest: string;
  readonly reason: string;
  readonly channel: 'teams' | 'api';
};

/** Who cast it. A person whose groups were asked of the directory just now, or an agent, which never counts. */
export type VotingCaller = (PersonInGroups & { readonly kind: 'person'; readonly name: string }) | (Voter & { readonly kind: 'agent' });

export type RecordVote = (caller: VotingCaller, cast: CastVote) => Promise<Operation>;

/** So many refused votes of one operation are recorded; more are refused without a trace, so that nobody can fill the store. */
export const recordedRefusals = 20;
const attemptsOnConflict = 5;

/** Counts one person's vote and, on the quorum, lets the operation run or ends it. Throws {@link RequestError}: a refused vote is also an event. */
export function makeRecordVote(deps: RecordVoteDeps): RecordVote {
  return async (caller, unmasked) => {
    const cast = { ...unmasked, reason: await tellText(deps.masker, unmasked.reason) };
    for (let attempt = 0; attempt < attemptsOnConflict; attempt += 1) {
      const stored = await deps.store.read(cast.operationId);
      if (stored === undefined) throw caller.kind === 'agent' ? onlyPeopleVote() : notFound();
      const at = deps.clock.now();
      const refusal = findVoteRefusal(deps, stored.operation, caller, cast, at);
      const happenings =
        refusal === undefined ? countedVote(stored.operation, caller, cast, at) : refusedVote(stored, caller, cast, refusal, at);
      const next = happenings.length === 0 ? undefined : advance(cast.operationId, stored.operation, happenings);
      const outcome = next === undefined ? 'committed' : await appendAnnounced(deps, stored, next);
      if (outcome === 'conflict') continue;
      if (refusal !== undefined) throw refusalError(deps, stored.operation, caller, refusal);
      return next?.operation ?? stored.operation;
    }
    throw new RequestError('ConcurrentChange', 'Too many changes at once. Try again.', { retryAfterSeconds: 1 });
  };
}

/** Why a vote does not count; one named check a line, undefined where it counts. */
function findVoteRefusal(
  deps: RecordVoteDeps,
  operation: Operation,
  caller: VotingCaller,
  cast: CastVote,
  now: Instant,
): VoteRefusal | undefined {
  if (caller.kind === 'agent') return 'notAPerson';
  if (ownsAgent(deps, operation, caller.id)) return 'ownRequest';
  if (!deps.policies.mayApprove(caller, operation, now)) return 'notInGroup';
  if (operation.decision.outcome === 'requireApproval' && !inAnyOf(caller, operation.decision.requirements.groups)) return 'notInGroup';
  if (operation.votes.some((vote) => vote.voter.id === caller.id)) return 'alreadyVoted';
  if (operation.status === 'expired') return 'tooLate';
  if (operation.status !== 'awaitingApproval') return 'notWaiting';
  if (now >= operation.expiresAt) return 'tooLate';
  if (operation.shown === undefined) return 'notPreviewed';
  if (!isDigest(cast.digest) || !equalInConstantTime(cast.digest, operation.shown.approvalDigest)) return 'wrongDigest';
  return undefined;
}

function inAnyOf(person: PersonInGroups, groups: readonly string[]): boolean {
  return person.groups.some((group) => groups.includes(group));
}

function countedVote(operation: Operation, caller: VotingCaller, cast: CastVote, at: Instant): readonly Happening[] {
  if (operation.status !== 'awaitingApproval' || operation.shown === undefined || operation.decision.outcome !== 'requireApproval')
    return [];
  const voter: Voter = { id: caller.id, name: caller.name };
  const actor: Actor = { kind: 'person', ...voter };
  const vote: Vote = {
    voter,
    decision: cast.decision,
    digest: operation.shown.approvalDigest,
    reason: cast.reason,
    channel: cast.channel,
    at,
  };
  const counted: Happening = { actor, at, detail: { kind: 'voteRecorded', vote } };
  switch (quorum([...operation.votes, vote], operation.decision.requirements)) {
    case 'waiting':
      return [counted];
    case 'approved':
      return [counted, { actor: byUs, at, detail: { kind: 'approved', executeBy: plusMs(at, executeWithinMs) } }];
    case 'rejected':
      return [counted, { actor: byUs, at, detail: { kind: 'rejected', by: voter, reason: vote.reason } }];
  }
}

const byUs: Actor = { kind: 'countersign', role: 'approvals' };

function refusedVote(
  { operation }: StoredOperation,
  caller: VotingCaller,
  cast: CastVote,
  refusal: VoteRefusal,
  at: Instant,
): readonly Happening[] {
  if (operation.refusedVotes >= recordedRefusals) return [];
  const voter: Voter = { id: caller.id, name: caller.name };
  const actor: Actor = { kind: caller.kind, ...voter };
  return [{ actor, at, detail: { kind: 'voteRefused', voter, refusal, channel: cast.channel } }];
}

/** The same whether there is such an operation or not: what is another agent's does not exist for this one. */
function onlyPeopleVote(): RequestError {
  return new RequestError('PersonRequired', 'Only people vote: a token of an agent was presented.');
}

function notFound(): RequestError {
  return new RequestError('OperationNotFound', 'There is no such operation.');
}

/** What the voter is told; whoever may not even read the operation is told that there is none. */
function refusalError(deps: RecordVoteDeps, operation: Operation, caller: VotingCaller, refusal: VoteRefusal): RequestError {
  if (caller.kind === 'agent') return onlyPeopleVote();
  if (refusal === 'notInGroup' && !deps.policies.mayRead(caller, operation, deps.clock.now())) return notFound();
  switch (refusal) {
    case 'notAPerson':
      return onlyPeopleVote();
    case 'notInGroup':
      return new RequestError('VoterNotInGroup', 'You are in none of the groups whose votes count for this operation.');
    case 'ownRequest':
      return new RequestError('VoterOwnsAgent', 'You answer for the agent that asks, so your vote does not count.');
    case 'alreadyVoted':
      return new RequestError('AlreadyVoted', 'You have voted on this operation already. One person is one vote.');
    case 'tooLate':
      return new RequestError('VotingEnded', 'The time to vote on this operation is over.');
    case 'notWaiting':
      return new RequestError('NotAwaitingApproval', `The operation is ${operation.status}: there is nothing to vote on.`);
    case 'notPreviewed':
      return new RequestError('NotYetPreviewed', 'The preview is still being read. Try again in a moment.', { retryAfterSeconds: 2 });
    case 'wrongDigest':
      return new RequestError(
        'ApprovalDigestMismatch',
        'The digest is not that of what is to be approved now. Read the operation again before you decide.',
        {
          target: 'digest',
        },
      );
  }
}

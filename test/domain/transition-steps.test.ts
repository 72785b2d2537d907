import { describe, expect, it } from 'vitest';
import type { EventDetail, OperationEvent } from '../../shared/domain/event.ts';
import { appendToChain } from '../../shared/domain/event-chain.ts';
import { instant } from '../../shared/domain/instant.ts';
import { replay, TransitionError, transition } from '../../shared/domain/transition.ts';
import {
  alice,
  assessment,
  details,
  eventAfter,
  happening,
  operationAfter,
  operationId,
  operations,
  requireApproval,
  requirements,
  voteOf,
} from './sample-operation.ts';

/** What comes of a further event while the operation waits and nobody was shown anything yet. */
function outcomeOf(detail: EventDetail): TransitionError['code'] | 'accepted' {
  const event = eventAfter(operations.waiting, detail);
  try {
    transition(operations.waiting, event, event.at);
    return 'accepted';
  } catch (error) {
    if (error instanceof TransitionError) return error.code;
    throw error;
  }
}

describe('a second look, before the approvers are shown anything, may only be stricter', () => {
  it.each<[string, EventDetail]>([
    ['to allow', details.decidedAllow],
    [
      'fewer votes',
      { ...details.decidedRequireApproval, decision: { ...requireApproval, requirements: { ...requirements, required: 0 } } },
    ],
    [
      'another group too',
      {
        ...details.decidedRequireApproval,
        decision: { ...requireApproval, requirements: { ...requirements, groups: ['approvers', 'everyone'] } },
      },
    ],
    [
      'another group instead',
      { ...details.decidedRequireApproval, decision: { ...requireApproval, requirements: { ...requirements, groups: ['everyone'] } } },
    ],
    [
      'longer to vote',
      { ...details.decidedRequireApproval, decision: { ...requireApproval, requirements: { ...requirements, expiresInMs: 14_400_001 } } },
    ],
    ['a later deadline', { ...details.decidedRequireApproval, deadline: instant('2026-11-22T00:12:00.001Z') }],
    ['a lower level', { kind: 'assessed', assessment: { ...assessment, level: 'medium' } }],
    ['no production any more', { kind: 'assessed', assessment: { ...assessment, environment: 'nonProduction' } }],
  ])('and not %s', (_, detail) => {
    expect(outcomeOf(detail)).toBe('laxer');
  });

  it.each<[string, EventDetail]>([
    ['more votes', { ...details.decidedRequireApproval, decision: { ...requireApproval, requirements: { ...requirements, required: 2 } } }],
    [
      'no group that could satisfy it',
      { ...details.decidedRequireApproval, decision: { ...requireApproval, requirements: { ...requirements, groups: [] } } },
    ],
    ['an earlier deadline', { ...details.decidedRequireApproval, deadline: instant('2026-11-21T23:12:00.000Z') }],
    ['a denial', details.decidedDeny],
    ['a higher level', { kind: 'assessed', assessment: { ...assessment, level: 'critical' } }],
  ])('as %s is', (_, detail) => {
    expect(outcomeOf(detail)).toBe('accepted');
  });
});

describe('the first steps', () => {
  const { submitted, assessed, decidedAllow } = details;
  const eventsOf = (...chained: readonly EventDetail[]): readonly OperationEvent[] =>
    appendToChain(
      operationId,
      undefined,
      chained.map((detail) => happening(detail)),
    );
  const codeOf = (...chained: readonly EventDetail[]): string => {
    try {
      return replay(eventsOf(...chained)).status;
    } catch (error) {
      if (error instanceof TransitionError) return error.code;
      throw error;
    }
  };

  it('are refused in any other order', () => {
    expect(codeOf(assessed, submitted, decidedAllow)).toBe('notNamed');
    expect(codeOf(submitted, decidedAllow, assessed)).toBe('notNamed');
    expect(codeOf(submitted, submitted, assessed, decidedAllow)).toBe('notNamed');
    expect(codeOf(submitted, assessed, assessed, decidedAllow)).toBe('notNamed');
    expect(codeOf(details.approved)).toBe('notNamed');
  });

  it('let nothing else in between, not even a dead letter or a refused vote', () => {
    expect(codeOf(submitted, details.messageDeadLettered, assessed, decidedAllow)).toBe('notNamed');
    expect(codeOf(submitted, assessed, details.voteRefused, decidedAllow)).toBe('notNamed');
  });

  it('tell no operation before a decision', () => {
    expect(codeOf()).toBe('incomplete');
    expect(codeOf(submitted)).toBe('incomplete');
    expect(codeOf(submitted, assessed)).toBe('incomplete');
  });

  it('lead to approved, awaitingApproval or denied', () => {
    expect(codeOf(submitted, assessed, decidedAllow)).toBe('approved');
    expect(codeOf(submitted, assessed, details.decidedRequireApproval)).toBe('awaitingApproval');
    expect(codeOf(submitted, assessed, details.decidedDeny)).toBe('denied');
  });
});

describe('what an operation keeps', () => {
  it('its deadline to vote is the decision’s', () => {
    expect(operations.waiting.status === 'awaitingApproval' && operations.waiting.expiresAt).toBe('2026-11-22T00:12:00.000Z');
  });

  it('the reasons of a denial', () => {
    expect(operations.denied).toMatchObject({ status: 'denied', detail: 'No agent may do this.' });
  });

  it('the reason of a rejection', () => {
    expect(operations.rejected).toMatchObject({ status: 'rejected', detail: 'Too late in the day.' });
  });

  it('votes, oldest first', () => {
    const [first, second] = [voteOf(alice, 'approve', '2026-11-21T20:20:00.000Z'), voteOf(alice, 'approve', '2026-11-21T20:20:01.000Z')];
    const after = operationAfter(operations.shown, { kind: 'voteRecorded', vote: first }, { kind: 'voteRecorded', vote: second });
    expect(after.votes).toEqual([first, second]);
  });

  it('how often a vote was refused, and where its cards hang', () => {
    const after = operationAfter(operations.shown, details.voteRefused, details.approvalRequested, details.voteRefused);
    expect(after.refusedVotes).toBe(2);
    expect(after.cards).toEqual([{ channel: 'teams', group: 'approvers', conversationId: '19:approvers', activityId: '1' }]);
  });

  it('the number of its attempt, over a release', () => {
    const again = operationAfter(operations.calling, details.executionReleased, { ...details.executionStarted, attempt: 2 });
    expect(again).toMatchObject({ status: 'executing', phase: 'claimed', attempts: 2, executeBy: '2026-11-21T21:20:00.000Z' });
  });

  it('the hash and sequence of its last event', () => {
    const event = eventAfter(operations.waiting, details.cancelled);
    expect(transition(operations.waiting, event, event.at).head).toEqual({ sequence: 4, hash: event.hash });
  });
});

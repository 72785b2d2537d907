import { describe, expect, it } from 'vitest';
import type { EventDetail, OperationEvent } from '../../shared/domain/event.ts';
import { appendToChain } from '../../shared/domain/event-chain.ts';
import { instant } from '../../shared/domain/instant.ts';
import { replay, TransitionError, transition } from '../../shared/domain/transition.ts';
import {
  alice,
  assessment,
  type DetailName,
  details,
  eventAfter,
  happening,
  operationAfter,
  operationId,
  operations,
  requireApproval,
  requirements,
  type StateName,
  voteOf,
} from './sample-operation.ts';

const afterEveryDeadline = '2026-11-23T00:00:00.000Z';
const detailNames = Object.keys(details).filter((name): name is DetailName => Object.hasOwn(details, name));

function refusalOf(state: StateName, detail: EventDetail, at?: string): TransitionError['code'] | 'accepted' {
  const event = eventAfter(operations[state], detail, at);
  try {
    transition(operations[state], event, event.at);
    return 'accepted';
  } catch (error) {
    if (error instanceof TransitionError) return error.code;
    throw error;
  }
}

function statusAfter(state: StateName, name: DetailName): string | undefined {
  const event = eventAfter(operations[state], details[name], name.startsWith('expired') ? afterEveryDeadline : undefined);
  try {
    const after = transition(operations[state], event, event.at);
    return after.status === 'executing' ? after.phase : after.status;
  } catch (error) {
    if (error instanceof TransitionError) return undefined;
    throw error;
  }
}

/** What may still be written of whatever has been decided. */
const always = (status: string) => ({ voteRefused: status, approvalRequested: status, messageDeadLettered: status });

describe('every state takes the events that are named for it, with these results, and refuses all others', () => {
  it.each<[StateName, Partial<Record<DetailName, string>>]>([
    [
      'waiting',
      {
        ...always('awaitingApproval'),
        assessed: 'awaitingApproval',
        decidedRequireApproval: 'awaitingApproval',
        decidedDeny: 'denied',
        previewed: 'awaitingApproval',
        cancelled: 'cancelled',
        expiredApproval: 'expired',
      },
    ],
    [
      'shown',
      {
        ...always('awaitingApproval'),
        voteRecordedApprove: 'awaitingApproval',
        voteRecordedReject: 'awaitingApproval',
        cancelled: 'cancelled',
        expiredApproval: 'expired',
      },
    ],
    [
      'voted',
      {
        ...always('awaitingApproval'),
        voteRecordedApprove: 'awaitingApproval',
        voteRecordedReject: 'awaitingApproval',
        approved: 'approved',
        cancelled: 'cancelled',
        expiredApproval: 'expired',
      },
    ],
    [
      'votedAgainst',
      {
        ...always('awaitingApproval'),
        voteRecordedApprove: 'awaitingApproval',
        voteRecordedReject: 'awaitingApproval',
        rejected: 'rejected',
        cancelled: 'cancelled',
        expiredApproval: 'expired',
      },
    ],
    [
      'approved',
      {
        ...always('approved'),
        executionStarted: 'claimed',
        executionStoppedDenied: 'denied',
        executionStoppedExpired: 'expired',
        cancelled: 'cancelled',
        expiredExecution: 'expired',
      },
    ],
    [
      'allowed',
      {
        ...always('approved'),
        executionStarted: 'claimed',
        executionStoppedDenied: 'denied',
        executionStoppedExpired: 'expired',
        cancelled: 'cancelled',
        expiredExecution: 'expired',
      },
    ],
    [
      'claimed',
      {
        ...always('claimed'),
        credentialIssued: 'claimed',
        callStarted: 'calling',
        executionReleased: 'approved',
        executionStoppedDenied: 'denied',
        executionStoppedExpired: 'expired',
        executionFinishedFailed: 'failed',
      },
    ],
    [
      'calling',
      {
        ...always('calling'),
        callAccepted: 'polling',
        executionReleased: 'approved',
        executionFinishedSucceeded: 'succeeded',
        executionFinishedFailed: 'failed',
        executionFinishedOutcomeUnknown: 'outcomeUnknown',
      },
    ],
    [
      'polling',
      {
        ...always('polling'),
        executionFinishedSucceeded: 'succeeded',
        executionFinishedFailed: 'failed',
        executionFinishedOutcomeUnknown: 'outcomeUnknown',
      },
    ],
    ['succeeded', always('succeeded')],
    ['failed', always('failed')],
    ['outcomeUnknown', always('outcomeUnknown')],
    ['denied', always('denied')],
    ['rejected', always('rejected')],
    ['expired', always('expired')],
    ['cancelled', always('cancelled')],
  ])('%s', (state, expected) => {
    const results = Object.fromEntries(
      detailNames.flatMap((name) => [[name, statusAfter(state, name)]].filter(([, status]) => status !== undefined)),
    );
    expect(results).toEqual(expected);
  });
});

describe('a refusal says why', () => {
  it('notNamed: an approval that no vote stands behind', () => {
    expect(refusalOf('shown', details.approved)).toBe('notNamed');
  });

  it('notNamed: an approval after somebody rejected', () => {
    expect(refusalOf('votedAgainst', details.approved)).toBe('notNamed');
  });

  it('notNamed: a vote before anybody was shown anything', () => {
    expect(refusalOf('waiting', details.voteRecordedApprove)).toBe('notNamed');
  });

  it('notNamed: another look at the risk after the approvers were shown one', () => {
    expect(refusalOf('shown', details.assessed)).toBe('notNamed');
    expect(refusalOf('shown', details.decidedRequireApproval)).toBe('notNamed');
    expect(refusalOf('shown', details.previewed)).toBe('notNamed');
  });

  it('notNamed: a success of a call that was never begun', () => {
    expect(refusalOf('claimed', details.executionFinishedSucceeded)).toBe('notNamed');
  });

  it('notNamed: giving back a call that Azure took', () => {
    expect(refusalOf('polling', details.executionReleased)).toBe('notNamed');
  });

  it('notNamed: the end of one deadline while another runs', () => {
    expect(refusalOf('waiting', details.expiredExecution, afterEveryDeadline)).toBe('notNamed');
    expect(refusalOf('approved', details.expiredApproval, afterEveryDeadline)).toBe('notNamed');
  });

  it('tooEarly: the end of the time to vote, a millisecond before it', () => {
    expect(refusalOf('shown', details.expiredApproval, '2026-11-22T00:11:59.999Z')).toBe('tooEarly');
    expect(refusalOf('shown', details.expiredApproval, '2026-11-22T00:12:00.000Z')).toBe('accepted');
  });

  it('tooLate: a vote at the end of the time to vote', () => {
    expect(refusalOf('shown', details.voteRecordedApprove, '2026-11-22T00:12:00.000Z')).toBe('tooLate');
    expect(refusalOf('shown', details.voteRecordedApprove, '2026-11-22T00:11:59.999Z')).toBe('accepted');
  });

  it('tooEarly: the end of the time to run, a millisecond before it', () => {
    expect(refusalOf('approved', details.expiredExecution, '2026-11-21T21:19:59.999Z')).toBe('tooEarly');
    expect(refusalOf('approved', details.expiredExecution, '2026-11-21T21:20:00.000Z')).toBe('accepted');
  });

  it('tooLate: a claim at the end of the time to run', () => {
    expect(refusalOf('approved', details.executionStarted, '2026-11-21T21:20:00.000Z')).toBe('tooLate');
    expect(refusalOf('approved', details.executionStarted, '2026-11-21T21:19:59.999Z')).toBe('accepted');
  });
});

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
    expect(refusalOf('waiting', detail)).toBe('laxer');
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
    expect(refusalOf('waiting', detail)).toBe('accepted');
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

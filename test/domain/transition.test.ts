import { describe, expect, it } from 'vitest';
import type { EventDetail } from '../../shared/domain/event.ts';
import { TransitionError, transition } from '../../shared/domain/transition.ts';
import { type DetailName, details, eventAfter, operations, type StateName } from './sample-operation.ts';

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
        executionDeferred: 'approved',
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
        outcomeDoubted: 'readingBack',
        executionReleased: 'approved',
        executionDeferred: 'approved',
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
    [
      'readingBack',
      {
        ...always('readingBack'),
        callAccepted: 'polling',
        outcomeDoubted: 'readingBack',
        executionReleased: 'approved',
        executionDeferred: 'approved',
        executionFinishedSucceeded: 'succeeded',
        executionFinishedFailed: 'failed',
        executionFinishedOutcomeUnknown: 'outcomeUnknown',
      },
    ],
    [
      'readingBackAccepted',
      {
        ...always('readingBack'),
        executionFinishedSucceeded: 'succeeded',
        executionFinishedFailed: 'failed',
        executionFinishedOutcomeUnknown: 'outcomeUnknown',
      },
    ],
    ['succeeded', always('succeeded')],
    ['failed', always('failed')],
    ['outcomeUnknown', { ...always('outcomeUnknown'), findingRecorded: 'outcomeUnknown' }],
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

  it('notNamed: running again what Azure took, although it has forgotten it', () => {
    expect(refusalOf('readingBackAccepted', details.executionReleased)).toBe('notNamed');
  });

  it('notNamed: a doubt of whether Azure took what it had taken', () => {
    expect(refusalOf('polling', details.outcomeDoubted)).toBe('notNamed');
    expect(refusalOf('polling', { ...details.outcomeDoubted, accepted: true })).toBe('accepted');
  });

  it('notNamed: a finding of what is known', () => {
    expect(refusalOf('succeeded', details.findingRecorded)).toBe('notNamed');
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

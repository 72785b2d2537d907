import { describe, expect, it } from 'vitest';
import { type FollowUp, followUps } from '../../shared/domain/follow-up.ts';
import { instant } from '../../shared/domain/instant.ts';
import type { Operation } from '../../shared/domain/operation.ts';
import { details, operationAfter, operations } from './sample-operation.ts';

const project: FollowUp = { purpose: 'project' };
const { waiting, shown, voted, allowed, approved, claimed, calling, polling } = operations;

describe('each step announces what must follow', () => {
  it.each<[string, Operation | undefined, Operation, readonly FollowUp[]]>([
    [
      'submitted, to be approved',
      undefined,
      waiting,
      [{ purpose: 'requestApproval' }, { purpose: 'checkDeadline', notBefore: instant('2026-11-22T00:12:00.000Z') }, project],
    ],
    [
      'submitted and allowed',
      undefined,
      allowed,
      [{ purpose: 'execute' }, { purpose: 'checkDeadline', notBefore: instant('2026-11-21T21:12:00.000Z') }, project],
    ],
    ['submitted and denied', undefined, operations.denied, [project]],
    ['shown to the approvers', waiting, shown, [project]],
    [
      'shown to the approvers with less time to vote',
      waiting,
      operationAfter(waiting, { ...details.decidedRequireApproval, deadline: instant('2026-11-21T21:12:00.000Z') }),
      [{ purpose: 'checkDeadline', notBefore: instant('2026-11-21T21:12:00.000Z') }, project],
    ],
    ['a vote that is not the last', shown, voted, [project]],
    [
      'approved',
      voted,
      approved,
      [{ purpose: 'execute' }, { purpose: 'checkDeadline', notBefore: instant('2026-11-21T21:20:00.000Z') }, project],
    ],
    ['a card recorded after the approval', approved, operationAfter(approved, details.approvalRequested), [project]],
    ['claimed', approved, claimed, [{ purpose: 'checkLease', notBefore: instant('2026-11-21T20:26:00.000Z') }, project]],
    ['about to call', claimed, calling, [{ purpose: 'checkLease', notBefore: instant('2026-11-21T20:26:30.000Z') }, project]],
    ['taken by Azure', calling, polling, [{ purpose: 'checkLease', notBefore: instant('2026-11-22T20:22:00.000Z') }, project]],
    [
      'given back',
      calling,
      operationAfter(calling, details.executionReleased),
      [
        { purpose: 'execute', notBefore: instant('2026-11-21T20:21:02.000Z') },
        { purpose: 'checkDeadline', notBefore: instant('2026-11-21T21:20:00.000Z') },
        project,
      ],
    ],
    [
      'put off',
      calling,
      operationAfter(calling, details.executionDeferred),
      [
        { purpose: 'execute', notBefore: instant('2026-11-21T20:22:00.000Z') },
        { purpose: 'checkDeadline', notBefore: instant('2026-11-21T21:20:00.000Z') },
        project,
      ],
    ],
    [
      'in doubt',
      calling,
      operations.readingBack,
      [
        { purpose: 'readBack', notBefore: instant('2026-11-21T20:21:05.000Z') },
        { purpose: 'checkLease', notBefore: instant('2026-11-21T20:36:00.000Z') },
        project,
      ],
    ],
    ['found out by a person', operations.outcomeUnknown, operationAfter(operations.outcomeUnknown, details.findingRecorded), [project]],
    ['succeeded', calling, operations.succeeded, [project]],
    ['failed', calling, operations.failed, [project]],
    ['not to be known', calling, operations.outcomeUnknown, [project]],
    ['rejected', shown, operations.rejected, [project]],
    ['stopped at the claim', claimed, operations.expired, [project]],
    ['cancelled', waiting, operations.cancelled, [project]],
    ['a dead letter after the end', operations.failed, operationAfter(operations.failed, details.messageDeadLettered), [project]],
  ])('%s', (_, before, after, expected) => {
    expect(followUps(before, after)).toEqual(expected);
  });
});

it('whatever has not ended has something that wakes it, from its first step on', () => {
  const wakers = (after: Operation) => followUps(undefined, after).filter(({ purpose }) => purpose !== 'project');
  expect(wakers(waiting)).not.toEqual([]);
  expect(wakers(allowed)).not.toEqual([]);
  expect(wakers(claimed)).not.toEqual([]);
  expect(wakers(polling)).not.toEqual([]);
});

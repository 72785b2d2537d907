import { describe, expect, it } from 'vitest';
import type { EventDetail, OperationEvent } from '../../shared/domain/event.ts';
import { advance } from '../../shared/domain/history.ts';
import { instant } from '../../shared/domain/instant.ts';
import { type Measurement, measurementsOf, metrics, secondsBetween, type Told } from '../../shared/domain/measurement.ts';
import { details, happening, operationId } from './sample-operation.ts';

/** Commits, one after the other, each with its time and events; gives what the last one adds. */
function measured(...commits: readonly (readonly [at: string, ...details: EventDetail[]])[]): readonly Measurement[] {
  let told: Told | undefined;
  let measurements: readonly Measurement[] = [];
  for (const [at, ...committed] of commits) {
    const next = advance(
      operationId,
      told?.operation,
      committed.map((detail) => happening(detail, at)),
    );
    measurements = measurementsOf(told, next);
    const events: readonly OperationEvent[] = [...(told?.events ?? []), ...next.events];
    told = { operation: next.operation, events };
  }
  return measurements;
}

const { submitted, assessed } = details;
const taken = ['2026-11-21T20:12:00.000Z', submitted, assessed, details.decidedRequireApproval] as const;
const shown = ['2026-11-21T20:12:30.000Z', details.previewed] as const;
const approved = ['2026-11-21T20:20:00.000Z', details.voteRecordedApprove, details.approved] as const;
const claimed = ['2026-11-21T20:20:01.000Z', details.executionStarted] as const;
const calling = ['2026-11-21T20:20:02.500Z', details.credentialIssued, details.callStarted] as const;

const named = (measurements: readonly Measurement[], name: Measurement['metric']) => measurements.filter(({ metric }) => metric === name);

describe('what a commit adds to the metrics', () => {
  it('is nothing where it changes nothing that is measured', () => {
    expect(measured(taken, shown)).toEqual([]);
    expect(measured(taken, shown, ['2026-11-21T20:13:00.000Z', details.voteRefused])).toEqual([]);
  });

  it('is the status that the operation came to, and its level of risk', () => {
    expect(measured(taken)).toEqual([
      {
        metric: 'countersign.operation.transitions',
        value: 1,
        attributes: { 'countersign.operation.status': 'awaitingApproval', 'countersign.risk.level': 'high' },
      },
    ]);
  });

  it('is the time that people took', () => {
    expect(named(measured(taken, shown, approved), 'countersign.decision.duration')).toEqual([
      {
        metric: 'countersign.decision.duration',
        value: 480,
        attributes: { 'countersign.decision.outcome': 'approved', 'countersign.risk.level': 'high' },
      },
    ]);
  });

  it('is no time of people where none was asked', () => {
    const allowed = ['2026-11-21T20:12:00.000Z', submitted, assessed, details.decidedAllow] as const;
    expect(named(measured(allowed), 'countersign.decision.duration')).toEqual([]);
    expect(named(measured(allowed, claimed, calling), 'countersign.execution.delay')).toMatchObject([{ value: 482.5 }]);
  });

  it('is the time from the approval to the first call, once', () => {
    expect(measured(taken, shown, approved, claimed, calling)).toEqual([
      { metric: 'countersign.execution.delay', value: 2.5, attributes: { 'countersign.risk.level': 'high' } },
    ]);
    const released = ['2026-11-21T20:20:03.000Z', details.executionReleased] as const;
    const again = { ...details.executionStarted, attempt: 2 };
    const second = [
      ['2026-11-21T20:21:00.000Z', again],
      ['2026-11-21T20:21:01.000Z', details.credentialIssued, details.callStarted],
    ] as const;
    expect(measured(taken, shown, approved, claimed, calling, released, ...second)).toEqual([]);
  });

  it('is the time from the first call to the outcome', () => {
    const finished = ['2026-11-21T20:20:04.000Z', details.executionFinishedSucceeded] as const;
    expect(named(measured(taken, shown, approved, claimed, calling, finished), 'countersign.execution.duration')).toEqual([
      {
        metric: 'countersign.execution.duration',
        value: 1.5,
        attributes: { 'countersign.risk.level': 'high', 'countersign.execution.outcome': 'succeeded' },
      },
    ]);
  });

  it('is each value that was hidden, also those that a list leaves out', () => {
    const masked = {
      ...details.executionFinishedSucceeded,
      result: { status: 200, masked: ['properties.key', 'properties.sas', '… and 40 more'] },
    };
    const finished = ['2026-11-21T20:20:04.000Z', masked] as const;
    expect(named(measured(taken, shown, approved, claimed, calling, finished), 'countersign.masked_values')).toEqual([
      { metric: 'countersign.masked_values', value: 42, attributes: { 'countersign.document': 'result' } },
    ]);
    expect(
      named(measured(taken, ['2026-11-21T20:12:30.000Z', { ...details.previewed, masked: ['a'] }]), 'countersign.masked_values'),
    ).toEqual([{ metric: 'countersign.masked_values', value: 1, attributes: { 'countersign.document': 'preview' } }]);
  });

  it('is a denial for each policy that decided, and one where none permitted', () => {
    const denied = (policies: readonly { id: string }[]) =>
      measured([
        '2026-11-21T20:12:00.000Z',
        submitted,
        assessed,
        { ...details.decidedDeny, decision: { ...details.decidedDeny.decision, policies } },
      ]);
    const of = (id: string) => ({
      metric: 'countersign.denials',
      value: 1,
      attributes: { 'countersign.policy.id': id, 'countersign.denied.at': 'submission' },
    });
    expect(named(denied([{ id: 'night' }, { id: 'no-purge' }, { id: 'night' }]), 'countersign.denials')).toEqual([
      of('night'),
      of('no-purge'),
    ]);
    expect(named(denied([]), 'countersign.denials')).toEqual([of('none')]);
  });

  it('is a denial later where the policies refuse what they had permitted', () => {
    const stopped = ['2026-11-21T20:20:02.000Z', details.executionStoppedDenied] as const;
    expect(named(measured(taken, shown, approved, claimed, stopped), 'countersign.denials')).toMatchObject([
      { attributes: { 'countersign.denied.at': 'later' } },
    ]);
  });

  it('is a doubt where an answer is lost, and one where nobody will ever know', () => {
    const doubts = (...last: readonly EventDetail[]) =>
      named(measured(taken, shown, approved, claimed, calling, ['2026-11-21T20:21:00.000Z', ...last]), 'countersign.doubts').map(
        ({ attributes }) => attributes,
      );
    expect(doubts(details.outcomeDoubted)).toEqual([{ 'countersign.doubt': 'answerLost' }]);
    expect(doubts({ ...details.outcomeDoubted, accepted: true })).toEqual([{ 'countersign.doubt': 'acceptedAndLost' }]);
    expect(doubts(details.executionFinishedOutcomeUnknown)).toEqual([{ 'countersign.doubt': 'outcomeUnknown' }]);
  });
});

it('no time is less than none, however clocks differ', () => {
  expect(secondsBetween(instant('2026-11-21T20:12:01.000Z'), instant('2026-11-21T20:12:00.000Z'))).toBe(0);
});

it('every metric has a name in our namespace and a unit', () => {
  for (const [name, { unit }] of Object.entries(metrics)) expect(`${name} ${unit}`).toMatch(/^countersign(\.[a-z_]+)+ (s|\{[a-z]+\})$/);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quorum } from '../../shared/domain/approval.ts';
import type { EventDetail, Happening, OperationEvent } from '../../shared/domain/event.ts';
import { findChainFault } from '../../shared/domain/event-chain.ts';
import { followUps } from '../../shared/domain/follow-up.ts';
import { type Advance, advance } from '../../shared/domain/history.ts';
import { instant, plusMs } from '../../shared/domain/instant.ts';
import { isTerminal, type Operation } from '../../shared/domain/operation.ts';
import { replay, TransitionError, transition } from '../../shared/domain/transition.ts';
import { alice, bob, details, operationId, requireApproval, requirements, voteOf } from '../domain/sample-operation.ts';
import { runs } from './runs.ts';

const asksForTwo: EventDetail = {
  ...details.decidedRequireApproval,
  decision: { ...requireApproval, requirements: { ...requirements, required: 2 } },
};
/** The straight way through a life, taken more often than chance would. */
const onward: readonly EventDetail[] = [
  details.previewed,
  details.voteRecordedApprove,
  details.approved,
  details.executionStarted,
  details.callStarted,
  details.executionFinishedSucceeded,
];
const happenable: readonly EventDetail[] = [
  ...Object.values(details),
  ...[onward, onward, onward, onward, onward, onward].flat(),
  ...[details.executionFinishedOutcomeUnknown, details.executionFinishedOutcomeUnknown],
  asksForTwo,
  { kind: 'voteRecorded', vote: voteOf(bob) },
  { kind: 'voteRecorded', vote: voteOf(alice) },
  { ...details.executionStarted, attempt: 2 },
];

/** What is tried next: one of what fits the state, so that long lives occur, or anything at all; some minutes or hours after the last. */
type Try = { readonly fitting: boolean; readonly choice: number; readonly afterMs: number };
const lives: fc.Arbitrary<readonly Try[]> = fc.array(
  fc.record({
    fitting: fc.boolean(),
    choice: fc.noBias(fc.nat()),
    afterMs: fc.oneof({ weight: 9, arbitrary: fc.nat(60_000) }, { weight: 1, arbitrary: fc.nat(6 * 3_600_000) }),
  }),
  { maxLength: 30, size: 'max' },
);
const beginnings = fc.constantFrom(details.decidedRequireApproval, details.decidedAllow, details.decidedDeny, asksForTwo);

type Step = { readonly before: Operation; readonly after: Operation; readonly event: OperationEvent };

/** The laws look at the same lives, since they are drawn from one seed: each is lived once. */
function live(decided: EventDetail, life: readonly Try[]): Lived {
  const key = JSON.stringify([decided, life]);
  const lived = livedBefore.get(key) ?? liveOnce(decided, life);
  livedBefore.set(key, lived);
  return lived;
}

type Lived = ReturnType<typeof liveOnce>;
const livedBefore = new Map<string, Lived>();

/** Lives one life: what does not fit is refused and leaves no trace. */
function liveOnce(decided: EventDetail, life: readonly Try[]) {
  let at = instant('2026-11-21T20:12:00.000Z');
  const happen = (detail: EventDetail): Happening => ({ actor: { kind: 'countersign', role: 'edge' }, at, detail });
  let { operation, events } = advance(operationId, undefined, [details.submitted, details.assessed, decided].map(happen));
  const steps: Step[] = [];
  for (const { fitting, choice, afterMs } of life) {
    at = plusMs(at, afterMs);
    const choices = fitting ? happenable.filter((detail) => fits(operation, happen(detail))) : happenable;
    const detail = choices[choice % choices.length] ?? details.cancelled;
    const next = tried(operation, happen(detail));
    if (next === undefined) continue;
    for (const event of next.events) steps.push({ before: operation, after: next.operation, event });
    operation = next.operation;
    events = [...events, ...next.events];
  }
  return { operation, events, steps };
}

function fits(operation: Operation, happening: Happening): boolean {
  const { sequence, hash } = operation.head;
  try {
    transition(operation, { ...happening, operationId, sequence: sequence + 1, previousHash: hash, hash }, happening.at);
    return true;
  } catch {
    return false;
  }
}

function tried(operation: Operation, happening: Happening): Advance | undefined {
  try {
    return advance(operationId, operation, [happening]);
  } catch (error) {
    expect(error).toBeInstanceOf(TransitionError);
    return undefined;
  }
}

const many = { ...runs, numRuns: 150 };

describe('whatever happens to an operation', { timeout: 30_000 }, () => {
  it('it never leaves a state in which it has ended', () => {
    fc.assert(
      fc.property(beginnings, lives, (decided, life) => {
        for (const { before, after } of live(decided, life).steps) if (isTerminal(before)) expect(after.status).toBe(before.status);
      }),
      many,
    );
  });

  it('it is approved only by the votes of the quorum, or by the policies at the very beginning', () => {
    fc.assert(
      fc.property(beginnings, lives, (decided, life) => {
        for (const { before, after } of live(decided, life).steps) {
          if (before.status !== 'awaitingApproval' || after.status === 'awaitingApproval') continue;
          expect(['approved', 'rejected', 'expired', 'cancelled', 'denied']).toContain(after.status);
          if (after.status !== 'approved') continue;
          expect(after.decision.outcome === 'requireApproval' && quorum(after.votes, after.decision.requirements)).toBe('approved');
          expect(after.shown).toBeDefined();
        }
      }),
      many,
    );
  });

  it('it is executed only after it was approved, claimed before called, and called before Azure is said to have done it', () => {
    fc.assert(
      fc.property(beginnings, lives, (decided, life) => {
        for (const { before, after, event } of live(decided, life).steps) {
          if (after.status === 'executing' && before.status !== 'executing') expect(before.status).toBe('approved');
          if (after.status === 'executing' && after.phase === 'calling' && before !== after && event.detail.kind === 'callStarted') {
            expect(before).toMatchObject({ status: 'executing', phase: 'claimed' });
          }
          if (after.status === 'succeeded' && before.status !== 'succeeded') expect(before).not.toMatchObject({ phase: 'claimed' });
        }
      }),
      many,
    );
  });

  it('its events replay to what it is, and their chain holds', () => {
    fc.assert(
      fc.property(beginnings, lives, (decided, life) => {
        const { operation, events } = live(decided, life);
        expect(replay(events)).toEqual(operation);
        expect(findChainFault(operationId, events)).toBeUndefined();
        expect(operation.head).toEqual({ sequence: events.length, hash: events.at(-1)?.hash });
      }),
      many,
    );
  });

  it('a step into a state that waits or runs announces what will wake it', () => {
    fc.assert(
      fc.property(beginnings, lives, (decided, life) => {
        for (const { before, after } of live(decided, life).steps) {
          if (isTerminal(after) || after.status === before.status) continue;
          expect(followUps(before, after).some(({ purpose }) => purpose === 'checkDeadline' || purpose === 'checkLease')).toBe(true);
        }
      }),
      many,
    );
  });

  it('the lives that are tried reach every end', () => {
    const ends = new Set(fc.sample(fc.tuple(beginnings, lives), many).map(([decided, life]) => live(decided, life).operation.status));
    expect([...ends].sort()).toEqual(
      [
        'approved',
        'awaitingApproval',
        'cancelled',
        'denied',
        'executing',
        'expired',
        'failed',
        'outcomeUnknown',
        'rejected',
        'succeeded',
      ].sort(),
    );
  });
});

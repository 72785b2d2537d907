import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriorityHeap } from '../../../infra/local/service-bus/priority-heap.ts';
import { Queue } from '../../../infra/local/service-bus/queue.ts';
import type { QueueLimits } from '../../../infra/local/service-bus/queue-types.ts';
import type { QueueRecord } from '../../../infra/local/service-bus/records.ts';

const start = Date.UTC(2026, 0, 5, 9, 0, 0);
const limits: QueueLimits = {
  lockDurationMs: 50,
  maxDeliveryCount: 3,
  duplicateDetectionWindowMs: 200,
  maxSizeBytes: undefined,
  defaultTtlMs: undefined,
  deadLetterOnExpiration: true,
};

const settlements = ['complete', 'abandon', 'release', 'defer', 'deadLetter', 'renew'] as const;

type Step =
  | { readonly kind: 'send'; readonly id: number; readonly ttlMs: number | undefined; readonly delayMs: number }
  | { readonly kind: 'lock' }
  | { readonly kind: 'settle'; readonly lock: number; readonly how: (typeof settlements)[number] }
  | { readonly kind: 'fetch'; readonly deferred: number }
  | { readonly kind: 'take' }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('send' as const),
    id: fc.nat(20),
    ttlMs: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    delayMs: fc.nat(60),
  }),
  fc.record({ kind: fc.constant('lock' as const) }),
  fc.record({
    kind: fc.constant('settle' as const),
    lock: fc.nat(5),
    how: fc.constantFrom(...settlements),
  }),
  fc.record({ kind: fc.constant('fetch' as const), deferred: fc.nat(3) }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(80) }),
);

type Kept = { main: QueueRecord[]; dead: QueueRecord[] };

function openQueue(clock: { now: number }, kept: Kept = { main: [], dead: [] }) {
  const records: Kept = { main: [], dead: [] };
  let locks = 0;
  const world = (record: (record: QueueRecord) => void) => ({ now: () => clock.now, newLockToken: () => `lock-${++locks}`, record });
  const dead = new Queue(
    limits,
    world((record) => records.dead.push(record)),
    undefined,
  );
  const queue = new Queue(
    limits,
    world((record) => records.main.push(record)),
    dead,
  );
  for (const record of kept.main) queue.replay(record);
  for (const record of kept.dead) dead.replay(record);
  queue.recover();
  dead.recover();
  return { queue, dead, records };
}

/** Runs the steps; answers the payloads that were sent (not dropped), removed by a receiver, and found locked twice at once. */
function run(steps: readonly Step[]) {
  const clock = { now: start };
  const opened = openQueue(clock);
  const { queue } = opened;
  const locked: { lockToken: string; lockedUntil: number; name: string }[] = [];
  const sent: string[] = [];
  const received: string[] = [];
  let lockedTwice = false;
  for (const each of steps) {
    switch (each.kind) {
      case 'send': {
        const payload = Buffer.from(`${sent.length}`);
        const scheduledFor = each.delayMs === 0 ? undefined : clock.now + each.delayMs;
        const outcome = queue.accept([{ payload, messageId: `id-${each.id}`, ttlMs: each.ttlMs, scheduledFor }]);
        if (opened.records.main.at(-1)?.kind === 'enqueued') sent.push(payload.toString());
        if (outcome.kind === 'accepted') queue.confirm(outcome.sequenceNumbers);
        break;
      }
      case 'lock':
      case 'fetch': {
        const next = each.kind === 'lock' ? queue.lockNext() : lockDeferred(queue, each.deferred);
        if (next === undefined) break;
        const name = next.message.payload.toString();
        lockedTwice ||= locked.some((other) => other.name === name && other.lockedUntil > clock.now);
        locked.push({ lockToken: next.lockToken, lockedUntil: next.lockedUntil, name });
        break;
      }
      case 'settle': {
        const target = locked[each.lock];
        if (target === undefined) break;
        if (each.how === 'renew') {
          target.lockedUntil = queue.renewLocks([target.lockToken])?.[0] ?? target.lockedUntil;
          break;
        }
        const outcome =
          each.how === 'deadLetter'
            ? queue.deadLetter(target.lockToken, { reason: 'r', description: undefined }, undefined)
            : queue[each.how](target.lockToken, undefined);
        if (outcome === 'settled') locked.splice(each.lock, 1);
        if (outcome === 'settled' && each.how === 'complete') received.push(target.name);
        break;
      }
      case 'take': {
        const taken = queue.takeNext();
        if (taken !== undefined) received.push(taken.payload.toString());
        break;
      }
      case 'wait':
        clock.now += each.ms;
        break;
    }
  }
  queue.advance();
  return { ...opened, clock, sent, received, lockedTwice };
}

/** Locks one of the deferred messages, counted from the oldest. */
function lockDeferred(queue: Queue, index: number) {
  const deferred = queue.peek(1, 10_000).filter(({ state }) => state === 'deferred')[index];
  return deferred === undefined ? undefined : queue.lockDeferred([deferred.message.sequenceNumber])?.[0];
}

function held(queue: Queue): string[] {
  return queue.peek(1, 10_000).map(({ message }) => message.payload.toString());
}

describe('laws of a queue', () => {
  it('neither loses nor repeats a message: each is received, waiting or a dead letter', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { queue, dead, sent, received } = run(steps);
        expect([...received, ...held(queue), ...held(dead)].sort()).toEqual([...sent].sort());
      }),
    );
  });

  it('never lets two receivers hold one message', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => !run(steps).lockedTwice));
  });

  it('is the same from its records as from its snapshot', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { queue, dead, records, clock } = run(steps);
        const replayed = openQueue(clock, records);
        const restored = openQueue(clock, { main: queue.snapshot(), dead: dead.snapshot() });
        expect(replayed.queue.snapshot().sort(bySequence)).toEqual(restored.queue.snapshot().sort(bySequence));
        expect(replayed.dead.peek(1, 10_000)).toEqual(restored.dead.peek(1, 10_000));
      }),
    );
  });
});

describe('priority heap', () => {
  it('gives items in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const heap = new PriorityHeap<number>((a, b) => a < b);
        for (const item of items) heap.push(item);
        expect(items.map(() => heap.pop())).toEqual([...items].sort((a, b) => a - b));
        expect(heap.pop()).toBeUndefined();
      }),
    );
  });

  it('gives what is retained in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const heap = new PriorityHeap<number>((a, b) => a < b);
        for (const item of items) heap.push(item);
        heap.retain((item) => item % 2 === 0);
        const even = items.filter((item) => item % 2 === 0).sort((a, b) => a - b);
        expect(heap.size).toBe(even.length);
        expect(even.map(() => heap.pop())).toEqual(even);
      }),
    );
  });
});

function bySequence(a: QueueRecord, b: QueueRecord): number {
  return JSON.stringify(a).localeCompare(JSON.stringify(b));
}

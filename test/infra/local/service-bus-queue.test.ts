import { describe, expect, it } from 'vitest';
import { Queue } from '../../../infra/local/service-bus/queue.ts';
import type { QueueLimits } from '../../../infra/local/service-bus/queue-types.ts';
import type { QueueRecord } from '../../../infra/local/service-bus/records.ts';

const start = Date.UTC(2026, 0, 5, 9, 0, 0);
const usual: QueueLimits = {
  lockDurationMs: 60_000,
  maxDeliveryCount: 3,
  duplicateDetectionWindowMs: 600_000,
  maxSizeBytes: undefined,
  defaultTtlMs: undefined,
  deadLetterOnExpiration: false,
};

/** A queue with its dead letters at 09:00:00, a clock that a test moves, and lock tokens `lock-1`, `lock-2`, … */
function openQueue(limits: Partial<QueueLimits> = {}, kept: { main: QueueRecord[]; dead: QueueRecord[] } = { main: [], dead: [] }) {
  const clock = { now: start };
  const records: { main: QueueRecord[]; dead: QueueRecord[] } = { main: [], dead: [] };
  let locks = 0;
  const world = (record: (record: QueueRecord) => void) => ({ now: () => clock.now, newLockToken: () => `lock-${++locks}`, record });
  const dead = new Queue(
    { ...usual, ...limits },
    world((record) => records.dead.push(record)),
    undefined,
  );
  const queue = new Queue(
    { ...usual, ...limits },
    world((record) => records.main.push(record)),
    dead,
  );
  for (const record of kept.main) queue.replay(record);
  for (const record of kept.dead) dead.replay(record);
  queue.recover();
  dead.recover();
  const wait = (ms: number) => {
    clock.now += ms;
    queue.advance();
  };
  return { queue, dead, records, wait };
}

function text(name: string, options: { id?: string; ttlMs?: number; scheduledFor?: number } = {}) {
  return { payload: Buffer.from(name), messageId: options.id, ttlMs: options.ttlMs, scheduledFor: options.scheduledFor };
}

function send(queue: Queue, ...messages: ReturnType<typeof text>[]): readonly number[] {
  const outcome = queue.accept(messages);
  if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
  queue.confirm(outcome.sequenceNumbers);
  return outcome.sequenceNumbers;
}

function receive(queue: Queue) {
  const locked = queue.lockNext();
  if (locked === undefined) throw new Error('nothing to receive');
  return locked;
}

function names(queue: Queue): string[] {
  return queue.peek(1, 1000).map(({ message }) => message.payload.toString());
}

describe('receiving', () => {
  it('has nothing to give when it is empty', () => {
    expect(openQueue().queue.lockNext()).toBeUndefined();
  });

  it('does not give a message that is not confirmed to be kept', () => {
    const { queue } = openQueue();
    queue.accept([text('a')]);
    expect(queue.lockNext()).toBeUndefined();
    expect(queue.peek(1, 10)).toEqual([]);
  });

  it('does not give a locked message to anybody else', () => {
    const { queue } = openQueue();
    send(queue, text('a'));
    receive(queue);
    expect(queue.lockNext()).toBeUndefined();
  });

  it('gives messages in the order of their sequence numbers', () => {
    const { queue } = openQueue();
    expect(send(queue, text('a'), text('b'))).toEqual([1, 2]);
    expect(send(queue, text('c'))).toEqual([3]);
    expect([receive(queue), receive(queue), receive(queue)].map(({ message }) => message.payload.toString())).toEqual(['a', 'b', 'c']);
  });

  it('says until when the lock holds and that nobody tried before', () => {
    const { queue } = openQueue();
    send(queue, text('a'));
    expect(receive(queue)).toMatchObject({
      lockToken: 'lock-1',
      lockedUntil: Date.UTC(2026, 0, 5, 9, 1, 0),
      message: { sequenceNumber: 1, enqueuedAt: start, deliveryCount: 0 },
    });
  });

  it('removes a message that is received and deleted', () => {
    const { queue } = openQueue();
    send(queue, text('a'));
    expect(queue.takeNext()?.payload.toString()).toBe('a');
    expect(names(queue)).toEqual([]);
  });
});

describe('settling', () => {
  it.each(['complete', 'release'] as const)('refuses to %s with an unknown lock', (settlement) => {
    expect(openQueue().queue[settlement]('lock-9')).toBe('lockLost');
  });

  it('refuses to abandon and to dead-letter with an unknown lock', () => {
    const { queue } = openQueue();
    expect(queue.abandon('lock-9', undefined)).toBe('lockLost');
    expect(queue.deadLetter('lock-9', { reason: 'x', description: undefined }, undefined)).toBe('lockLost');
  });

  it('refuses a second settlement', () => {
    const { queue } = openQueue();
    send(queue, text('a'));
    const { lockToken } = receive(queue);
    expect(queue.complete(lockToken)).toBe('settled');
    expect(queue.complete(lockToken)).toBe('lockLost');
  });

  it('refuses a settlement at the very end of the lock', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a'));
    const { lockToken } = receive(queue);
    wait(60_000);
    expect(queue.complete(lockToken)).toBe('lockLost');
    expect(names(queue)).toEqual(['a']);
  });

  it('removes a completed message', () => {
    const { queue } = openQueue();
    send(queue, text('a'));
    queue.complete(receive(queue).lockToken);
    expect(names(queue)).toEqual([]);
  });

  it('gives an abandoned message again, in its place, with one more delivery', () => {
    const { queue } = openQueue();
    send(queue, text('a'), text('b'));
    queue.abandon(receive(queue).lockToken, undefined);
    expect(receive(queue).message).toMatchObject({ sequenceNumber: 1, deliveryCount: 1 });
  });

  it('changes the payload of an abandoned message as asked', () => {
    const { queue } = openQueue();
    send(queue, text('a'));
    queue.abandon(receive(queue).lockToken, (payload) => Buffer.concat([payload, Buffer.from('!')]));
    expect(receive(queue).message.payload.toString()).toBe('a!');
  });

  it('does not count a released delivery', () => {
    const { queue } = openQueue();
    send(queue, text('a'));
    queue.release(receive(queue).lockToken);
    expect(receive(queue).message.deliveryCount).toBe(0);
  });
});

describe('locks', () => {
  it('does not renew a lock that has ended', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a'));
    const { lockToken } = receive(queue);
    wait(60_000);
    expect(queue.renewLocks([lockToken])).toBeUndefined();
  });

  it('renews no lock when one of them is unknown', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a'));
    const { lockToken } = receive(queue);
    wait(30_000);
    expect(queue.renewLocks([lockToken, 'lock-9'])).toBeUndefined();
    expect(queue.nextDueAt()).toBe(Date.UTC(2026, 0, 5, 9, 1, 0));
  });

  it('starts a renewed lock anew', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a'));
    const { lockToken } = receive(queue);
    wait(59_999);
    expect(queue.renewLocks([lockToken])).toEqual([Date.UTC(2026, 0, 5, 9, 1, 59, 999)]);
    wait(59_999);
    expect(queue.complete(lockToken)).toBe('settled');
  });

  it('gives a message again when its lock ends, as a failed delivery', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a'));
    receive(queue);
    wait(59_999);
    expect(queue.lockNext()).toBeUndefined();
    wait(1);
    expect(receive(queue)).toMatchObject({ lockToken: 'lock-2', message: { deliveryCount: 1 } });
  });

  it('names the end of the earliest lock as the next thing due', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a'), text('b'));
    const first = receive(queue);
    wait(10_000);
    receive(queue);
    expect(queue.nextDueAt()).toBe(Date.UTC(2026, 0, 5, 9, 1, 0));
    queue.complete(first.lockToken);
    expect(queue.nextDueAt()).toBe(Date.UTC(2026, 0, 5, 9, 1, 10));
  });
});

describe('dead letters', () => {
  it('cannot be dead-lettered again', () => {
    const { queue, dead } = openQueue();
    send(queue, text('a'));
    queue.deadLetter(receive(queue).lockToken, { reason: 'x', description: undefined }, undefined);
    expect(dead.deadLetter(receive(dead).lockToken, { reason: 'y', description: undefined }, undefined)).toBe('notAllowed');
  });

  it('keep sequence number, enqueued time and delivery count, and say why they are there', () => {
    const { queue, dead, wait } = openQueue();
    send(queue, text('a'), text('b'));
    queue.abandon(receive(queue).lockToken, undefined);
    wait(5_000);
    queue.deadLetter(receive(queue).lockToken, { reason: 'refused', description: 'not ours' }, undefined);
    expect(names(queue)).toEqual(['b']);
    expect(receive(dead).message).toMatchObject({
      sequenceNumber: 1,
      enqueuedAt: start,
      deliveryCount: 1,
      deadLetter: { reason: 'refused', description: 'not ours' },
    });
  });

  it('take a message after as many failed deliveries as are allowed', () => {
    const { queue, dead, wait } = openQueue({ maxDeliveryCount: 2 });
    send(queue, text('a'));
    queue.abandon(receive(queue).lockToken, undefined);
    expect(names(dead)).toEqual([]);
    receive(queue);
    wait(60_000);
    expect(names(queue)).toEqual([]);
    expect(receive(dead).message).toMatchObject({
      deliveryCount: 2,
      deadLetter: { reason: 'MaxDeliveryCountExceeded', description: 'Message could not be consumed after 2 delivery attempts.' },
    });
  });

  it('are given again without limit', () => {
    const { queue, dead } = openQueue({ maxDeliveryCount: 1 });
    send(queue, text('a'));
    queue.abandon(receive(queue).lockToken, undefined);
    for (const deliveryCount of [1, 2, 3]) {
      const { lockToken, message } = receive(dead);
      expect(message.deliveryCount).toBe(deliveryCount);
      dead.abandon(lockToken, undefined);
    }
  });
});

describe('time to live', () => {
  it('drops an expired message', () => {
    const { queue, dead, wait } = openQueue();
    send(queue, text('a', { ttlMs: 1_000 }));
    wait(999);
    expect(names(queue)).toEqual(['a']);
    wait(1);
    expect(names(queue)).toEqual([]);
    expect(names(dead)).toEqual([]);
  });

  it('dead-letters an expired message where the queue says so', () => {
    const { queue, dead, wait } = openQueue({ deadLetterOnExpiration: true });
    send(queue, text('a', { ttlMs: 1_000 }));
    wait(1_000);
    expect(receive(dead).message.deadLetter).toEqual({
      reason: 'TTLExpiredException',
      description: 'The message expired and was dead lettered.',
    });
  });

  it('does not end while the message is locked', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a', { ttlMs: 1_000 }));
    const { lockToken } = receive(queue);
    wait(30_000);
    expect(queue.complete(lockToken)).toBe('settled');
  });

  it('ends when a message comes back too late', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a', { ttlMs: 1_000 }));
    const { lockToken } = receive(queue);
    wait(30_000);
    queue.abandon(lockToken, undefined);
    expect(queue.lockNext()).toBeUndefined();
  });

  it('is cut to the default of the queue', () => {
    const { queue } = openQueue({ defaultTtlMs: 5_000 });
    send(queue, text('a', { ttlMs: 60_000 }), text('b'), text('c', { ttlMs: 1_000 }));
    expect(queue.peek(1, 10).map(({ message }) => message.ttlMs)).toEqual([5_000, 5_000, 1_000]);
  });

  it('does not apply to dead letters', () => {
    const { queue, dead, wait } = openQueue();
    send(queue, text('a', { ttlMs: 1_000 }));
    queue.deadLetter(receive(queue).lockToken, { reason: 'x', description: undefined }, undefined);
    wait(3_600_000);
    expect(names(dead)).toEqual(['a']);
  });
});

describe('scheduling', () => {
  const nineTen = Date.UTC(2026, 0, 5, 9, 10, 0);

  it('does not give a message before its time', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a', { scheduledFor: nineTen }));
    wait(599_999);
    expect(queue.lockNext()).toBeUndefined();
    expect(queue.nextDueAt()).toBe(nineTen);
  });

  it('gives a message at its time, under a new sequence number, as if it had been sent then', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a', { scheduledFor: nineTen }), text('b'));
    wait(600_000);
    expect(receive(queue).message).toMatchObject({ sequenceNumber: 2 });
    expect(receive(queue).message).toMatchObject({ sequenceNumber: 3, enqueuedAt: nineTen });
  });

  it('gives a message at once when its time has passed', () => {
    const { queue } = openQueue();
    send(queue, text('a', { scheduledFor: start }));
    expect(receive(queue).message.sequenceNumber).toBe(1);
  });

  it('counts the time to live from the scheduled time', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a', { scheduledFor: nineTen, ttlMs: 1_000 }));
    wait(600_000);
    wait(999);
    expect(names(queue)).toEqual(['a']);
    wait(1);
    expect(names(queue)).toEqual([]);
  });

  it('activates many messages of one instant', () => {
    const { queue, wait } = openQueue();
    send(queue, ...Array.from({ length: 20_000 }, (_, index) => text(String(index), { scheduledFor: nineTen })));
    wait(600_000);
    expect(receive(queue).message.payload.toString()).toBe('0');
    expect(queue.peek(1, 30_000)).toHaveLength(20_000);
  });

  it('cancels nothing when one of the messages is not scheduled', () => {
    const { queue } = openQueue();
    const [scheduled = 0, active = 0] = send(queue, text('a', { scheduledFor: nineTen }), text('b'));
    expect(queue.cancelScheduled([scheduled, active])).toBe('notFound');
    expect(queue.cancelScheduled([99])).toBe('notFound');
    expect(names(queue)).toEqual(['a', 'b']);
  });

  it('does not cancel under a sequence number from before the activation', () => {
    const { queue, wait } = openQueue();
    const sequenceNumbers = send(queue, text('a', { scheduledFor: nineTen }));
    wait(600_000);
    expect(queue.cancelScheduled(sequenceNumbers)).toBe('notFound');
  });

  it('removes cancelled messages', () => {
    const { queue, wait } = openQueue();
    const sequenceNumbers = send(queue, text('a', { scheduledFor: nineTen }), text('b', { scheduledFor: nineTen }));
    expect(queue.cancelScheduled(sequenceNumbers)).toBe('cancelled');
    wait(600_000);
    expect(names(queue)).toEqual([]);
  });
});

describe('duplicate detection', () => {
  it('is off without a window', () => {
    const { queue } = openQueue({ duplicateDetectionWindowMs: undefined });
    send(queue, text('a', { id: 'm' }), text('b', { id: 'm' }));
    expect(names(queue)).toEqual(['a', 'b']);
  });

  it('never takes messages without an id for the same', () => {
    const { queue } = openQueue();
    send(queue, text('a'), text('b'));
    expect(names(queue)).toEqual(['a', 'b']);
  });

  it('drops a repeated id, within a batch and after completion too', () => {
    const { queue } = openQueue();
    send(queue, text('a', { id: 'm' }), text('b', { id: 'm' }));
    queue.complete(receive(queue).lockToken);
    send(queue, text('c', { id: 'm' }));
    expect(names(queue)).toEqual([]);
  });

  it('drops a repeated id while the first is not yet confirmed', () => {
    const { queue } = openQueue();
    const first = queue.accept([text('a', { id: 'm' })]);
    send(queue, text('b', { id: 'm' }));
    expect(names(queue)).toEqual([]);
    queue.confirm(first.kind === 'accepted' ? first.sequenceNumbers : []);
    expect(names(queue)).toEqual(['a']);
  });

  it('drops a repeated id of a scheduled message, whose sequence number then names nothing', () => {
    const { queue } = openQueue();
    const nineTen = Date.UTC(2026, 0, 5, 9, 10, 0);
    send(queue, text('a', { id: 'm', scheduledFor: nineTen }));
    const repeated = send(queue, text('b', { id: 'm', scheduledFor: nineTen }));
    expect(repeated).toEqual([2]);
    expect(queue.cancelScheduled(repeated)).toBe('notFound');
    expect(names(queue)).toEqual(['a']);
  });

  it('remembers an id for the window from its first sending; repeats do not extend it', () => {
    const { queue, wait } = openQueue();
    send(queue, text('a', { id: 'm' }));
    wait(599_999);
    send(queue, text('b', { id: 'm' }));
    wait(1);
    send(queue, text('c', { id: 'm' }));
    expect(names(queue)).toEqual(['a', 'c']);
  });
});

describe('quota', () => {
  it('takes a batch that does not fit not even in part', () => {
    const { queue } = openQueue({ maxSizeBytes: 10 });
    send(queue, text('12345678'));
    expect(queue.accept([text('9'), text('10')])).toEqual({ kind: 'quotaExceeded' });
    expect(names(queue)).toEqual(['12345678']);
  });

  it('counts dead letters and is freed by completion', () => {
    const { queue, dead } = openQueue({ maxSizeBytes: 10 });
    send(queue, text('12345678'));
    queue.deadLetter(receive(queue).lockToken, { reason: 'x', description: undefined }, undefined);
    expect(queue.accept([text('abc')])).toEqual({ kind: 'quotaExceeded' });
    dead.complete(receive(dead).lockToken);
    expect(queue.accept([text('abc')]).kind).toBe('accepted');
  });
});

describe('peeking', () => {
  it('shows active, locked and scheduled messages from a sequence number on, up to a limit', () => {
    const { queue } = openQueue();
    send(queue, text('a'), text('b'), text('c', { scheduledFor: start + 1 }), text('d'));
    receive(queue);
    receive(queue);
    expect(queue.peek(2, 2).map(({ message, state }) => [message.sequenceNumber, state])).toEqual([
      [2, 'active'],
      [3, 'scheduled'],
    ]);
    expect(queue.nextDueAt()).toBe(start + 1);
  });
});

describe('restarting from the records', () => {
  it('counts a delivery that the stop cut short', () => {
    const before = openQueue();
    send(before.queue, text('a'));
    receive(before.queue);
    const after = openQueue({}, before.records);
    expect(receive(after.queue).message).toMatchObject({ sequenceNumber: 1, deliveryCount: 1 });
  });

  it('dead-letters a message whose last delivery the stop cut short', () => {
    const before = openQueue({ maxDeliveryCount: 1 });
    send(before.queue, text('a'));
    receive(before.queue);
    const after = openQueue({ maxDeliveryCount: 1 }, before.records);
    expect(receive(after.dead).message.deadLetter?.reason).toBe('MaxDeliveryCountExceeded');
  });

  it('shows a message that was kept but not yet confirmed', () => {
    const before = openQueue();
    before.queue.accept([text('a')]);
    expect(names(openQueue({}, before.records).queue)).toEqual(['a']);
  });

  it('still knows ids, sequence numbers, schedules and dead letters', () => {
    const before = openQueue();
    send(before.queue, text('gone', { id: 'm' }), text('dead'), text('later', { scheduledFor: start + 1_000 }));
    before.queue.complete(receive(before.queue).lockToken);
    before.queue.deadLetter(receive(before.queue).lockToken, { reason: 'x', description: undefined }, undefined);
    const after = openQueue({}, before.records);
    expect(names(after.dead)).toEqual(['dead']);
    expect(after.queue.nextDueAt()).toBe(start + 1_000);
    expect(send(after.queue, text('again', { id: 'm' }), text('new'))).toEqual([4, 5]);
    expect(names(after.queue)).toEqual(['later', 'new']);
  });

  it('ends in the same place from a snapshot as from the records', () => {
    const before = openQueue();
    send(before.queue, text('a', { id: 'm' }), text('b'), text('c', { scheduledFor: start + 1_000 }), text('d', { ttlMs: 5_000 }));
    before.queue.complete(receive(before.queue).lockToken);
    before.queue.abandon(receive(before.queue).lockToken, undefined);
    receive(before.queue);
    const fromRecords = openQueue({}, before.records);
    const fromSnapshot = openQueue({}, { main: before.queue.snapshot(), dead: before.dead.snapshot() });
    expect(fromSnapshot.queue.peek(1, 10)).toEqual(fromRecords.queue.peek(1, 10));
    expect(fromSnapshot.queue.nextDueAt()).toBe(fromRecords.queue.nextDueAt());
    expect(send(fromSnapshot.queue, text('again', { id: 'm' }))).toEqual(send(fromRecords.queue, text('again', { id: 'm' })));
  });
});

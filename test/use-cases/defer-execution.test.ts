import { describe, expect, it } from 'vitest';
import type { ReadOutcome } from '../../shared/ports/azure.ts';
import { type Directory, DirectoryError } from '../../shared/ports/directory.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { account, approveDeletion, kindsOf, lastMessage, operationOf, storedOf } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

async function approved() {
  const world = makeWorld();
  const id = await approveDeletion(world);
  world.effects.length = 0;
  return { world, id };
}

describe('a call that Azure is too busy for', () => {
  it('is put off by as long as Azure asks, durably, and costs no attempt', async () => {
    const { world, id } = await approved();
    world.azure.answerCalls({ kind: 'busy', status: 429, retryAfterMs: 40_000 });
    await world.execute(lastMessage(world, 'execute'));
    expect(world.effects.slice(-5)).toEqual([
      'call DELETE',
      'announce execute@13',
      'announce checkDeadline@13',
      'announce project@13',
      'commit executionDeferred',
    ]);
    expect(lastMessage(world, 'execute').notBefore).toBe('2026-11-21T20:12:40.000Z');
    expect(await operationOf(world, id)).toMatchObject({
      status: 'approved',
      attempts: 1,
      deferrals: 1,
      notBefore: '2026-11-21T20:12:40.000Z',
    });
  });

  it('comes back later by some chance, so that what was refused together does not come back together', async () => {
    const world = makeWorld();
    await approveDeletion(world);
    world.azure.answerCalls({ kind: 'busy', status: 429, retryAfterMs: 40_000 });
    world.deps.chance = () => 0.5;
    await world.execute(lastMessage(world, 'execute'));
    expect(lastMessage(world, 'execute').notBefore).toBe('2026-11-21T20:12:45.000Z');
  });

  it('is not made before its time, whatever message comes', async () => {
    const { world } = await approved();
    const first = lastMessage(world, 'execute');
    world.azure.answerCalls({ kind: 'busy', status: 429, retryAfterMs: 40_000 });
    await world.execute(first);
    await world.execute(first);
    expect(world.azure.calls).toHaveLength(1);
    expect(lastMessage(world, 'execute')).toMatchObject({ attempt: 1, notBefore: '2026-11-21T20:12:40.000Z' });
  });

  it('is made in the end, though it was put off more often than a call is tried', async () => {
    const { world, id } = await approved();
    const busy = { kind: 'busy', status: 503, retryAfterMs: 1_000 } as const;
    world.azure.answerCalls(busy, busy, busy, busy, { kind: 'answered', answer: { status: 204, body: undefined } });
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('succeeded');
    expect(world.azure.calls).toHaveLength(5);
  });

  it('still has all its attempts', async () => {
    const { world, id } = await approved();
    const notSent = { kind: 'notSent', reason: 'No connection.' } as const;
    world.azure.answerCalls({ kind: 'busy', status: 429, retryAfterMs: 1_000 }, notSent);
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toHaveLength(4);
    expect(await operationOf(world, id)).toMatchObject({ status: 'failed', detail: 'Tried 3 times. No connection.' });
  });

  it('has failed after twelve times', async () => {
    const { world, id } = await approved();
    world.azure.answerCalls({ kind: 'busy', status: 429, retryAfterMs: 1_000 });
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toHaveLength(13);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'failed',
      detail: 'Azure answered 429: it was too busy and did nothing. It had been put off 12 times.',
      result: { status: 429 },
    });
  });

  it('has failed where it could not run again in time', async () => {
    const { world, id } = await approved();
    world.azure.answerCalls({ kind: 'busy', status: 429, retryAfterMs: 3_600_000 });
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toHaveLength(1);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'failed',
      detail: 'Azure answered 429: it was too busy and did nothing.',
    });
  });
});

describe('an Azure that cannot be read at the claim', () => {
  const busy = async (): Promise<ReadOutcome> => ({ state: 'unreadable', reason: 'Azure answered 429.', passing: true });

  it('ends nothing: it is put off, and runs when Azure can be read again', async () => {
    const { world, id } = await approved();
    const { read } = world.azure.reader;
    world.azure.reader.read = busy;
    await world.execute(lastMessage(world, 'execute'));
    expect(await operationOf(world, id)).toMatchObject({ status: 'approved', deferrals: 1 });
    world.azure.reader.read = read;
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });

  it('lets it expire in the end, with nothing sent', async () => {
    const { world, id } = await approved();
    world.azure.reader.read = busy;
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired', updatedAt: '2026-11-21T21:12:00.000Z' });
    expect(world.azure.calls).toEqual([]);
  });

  it('does not keep an operation that would be stopped anyway once it can be read', async () => {
    const { world, id } = await approved();
    world.azure.setUnreadable(account, 'The reader identity may not read this.');
    await world.execute(lastMessage(world, 'execute'));
    expect((await operationOf(world, id)).status).toBe('expired');
  });
});

describe('an outage of the directory at the claim', () => {
  const away: Directory['account'] = async () => {
    throw new DirectoryError('the directory cannot be reached');
  };

  function leave({ directory }: World) {
    const { account } = directory;
    directory.account = away;
    return () => {
      directory.account = account;
    };
  }

  it('costs neither the attempt nor the time of the lease', async () => {
    const { world, id } = await approved();
    const comeBack = leave(world);
    await world.execute(lastMessage(world, 'execute'));
    expect(await operationOf(world, id)).toMatchObject({ status: 'approved', deferrals: 1, notBefore: '2026-11-21T20:12:05.000Z' });
    comeBack();
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', updatedAt: '2026-11-21T20:12:05.000Z' });
    expect(world.azure.calls).toHaveLength(1);
  });

  it('that lasts lets it expire, with nothing sent', async () => {
    const { world, id } = await approved();
    leave(world);
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired', updatedAt: '2026-11-21T21:12:00.000Z' });
    expect(await kindsOf(world, id)).not.toContain('callStarted');
    expect((await storedOf(world, id)).events.length).toBeLessThan(60);
  });
});

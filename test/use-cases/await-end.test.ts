import { describe, expect, it } from 'vitest';
import { StoreError } from '../../shared/ports/operation-store.ts';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { deleteAccount, readAccount } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const agent = agentCaller(deployAgent);

describe('waiting for the end', () => {
  it('gives the operation as soon as it has ended', async () => {
    const world = makeWorld();
    const operation = await world.submit(agent, readAccount());
    const delivery = makeMessageDelivery(world);
    world.pauses.meanwhile(async () => {
      await delivery.deliverDue();
    });
    expect(await world.awaitEnd(operation, 20_000)).toMatchObject({ status: 'succeeded' });
    expect(world.pauses.taken).toEqual([100]);
  });

  it('gives it as it stands when the time is over, and reads less and less often', async () => {
    const world = makeWorld();
    const operation = await world.submit(agent, deleteAccount());
    expect(await world.awaitEnd(operation, 2_500)).toEqual(operation);
    expect(world.pauses.taken).toEqual([100, 150, 250, 500, 1_000, 500]);
  });

  it('does not wait for what has ended', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agent, readAccount());
    const cancelled = await world.cancel(agent, id);
    expect(await world.awaitEnd(cancelled, 20_000)).toEqual(cancelled);
    expect(world.pauses.taken).toEqual([]);
  });

  it('does not wait at all where nobody asks it to', async () => {
    const world = makeWorld();
    const operation = await world.submit(agent, deleteAccount());
    expect(await world.awaitEnd(operation, 0)).toEqual(operation);
    expect(world.pauses.taken).toEqual([]);
  });

  it('goes on while the store is away, since what was accepted stays accepted', async () => {
    const world = makeWorld();
    const operation = await world.submit(agent, readAccount());
    const delivery = makeMessageDelivery(world);
    const { read } = world.store;
    world.pauses.meanwhile(async () => {
      const isAway = world.pauses.taken.length < 3;
      world.store.read = isAway ? () => Promise.reject(storeAway()) : read;
      if (!isAway) await delivery.deliverDue();
    });
    expect(await world.awaitEnd(operation, 20_000)).toMatchObject({ status: 'succeeded' });
    expect(world.pauses.taken).toEqual([100, 150, 250]);
  });
});

function storeAway(): StoreError {
  return new StoreError('unreachable', 'the tables cannot be reached');
}

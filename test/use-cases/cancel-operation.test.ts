import { describe, expect, it } from 'vitest';
import { agentCaller, anna, deployAgent, otherAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { approveDeletion, kindsOf, lastMessage, operationOf, readAccount, voteFor, voterOf, waitForVotes } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const agent = agentCaller(deployAgent);

describe('an agent takes back', () => {
  it('what waits for approval, and the approvers see it', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    world.effects.length = 0;
    expect(await world.cancel(agent, id)).toMatchObject({ status: 'cancelled', detail: 'The agent took it back.' });
    expect(world.effects).toEqual(['announce project@8', 'commit cancelled']);
    await makeMessageDelivery(world).deliverAll();
    expect(world.channel.shown.at(-1)).toMatchObject({ what: 'update', subject: { operation: { status: 'cancelled' } } });
    expect(world.azure.calls).toEqual([]);
  });

  it('what was approved and has not begun', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    await world.cancel(agent, id);
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'cancelled' });
    expect(world.azure.calls).toEqual([]);
  });

  it('the same twice, and is answered with the same', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    const first = await world.cancel(agent, id);
    expect(await world.cancel(agent, id)).toEqual(first);
    expect((await kindsOf(world, id)).filter((kind) => kind === 'cancelled')).toHaveLength(1);
  });

  it('what somebody votes on at the same time, after the vote', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    const cast = await voteFor(world, id);
    world.interruptions.runBefore(world.interruptions.calls.length + 3, async () => {
      await world.recordVote(voterOf(anna), cast);
    });
    expect(await world.cancel(agent, id)).toMatchObject({ status: 'cancelled', votes: [{ voter: anna }] });
  });
});

describe('an agent cannot take back', () => {
  it('what has run', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agent, readAccount());
    await world.execute(lastMessage(world, 'execute'));
    await expect(world.cancel(agent, id)).rejects.toMatchObject({ code: 'NotCancellable' });
  });

  it('what is running', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    world.azure.answerCalls({
      kind: 'accepted',
      status: 202,
      pollUrl: 'https://management.example/1',
      pollStyle: 'location',
      retryAfterMs: 1_000,
    });
    await world.execute(lastMessage(world, 'execute'));
    await expect(world.cancel(agent, id)).rejects.toMatchObject({ code: 'NotCancellable' });
  });

  it.each([
    ['of another agent', agentCaller(otherAgent)],
    ['of an agent of the same id in another tenant', { ...agent, tenantId: '11111111-1111-4111-8111-222222222222' }],
  ])('what is %s, and is not told that it exists', async (_whose, caller) => {
    const world = makeWorld();
    world.agents.register({ ...deployAgent, tenantId: '11111111-1111-4111-8111-222222222222' });
    const id = await waitForVotes(world);
    await expect(world.cancel(caller, id)).rejects.toMatchObject({ code: 'OperationNotFound', message: 'There is no such operation.' });
    expect((await operationOf(world, id)).status).toBe('awaitingApproval');
  });

  it.each([`op_${'z'.repeat(26)}`, 'op_1', '', '../operations'])('what does not exist: "%s"', async (id) => {
    const world = makeWorld();
    await expect(world.cancel(agent, id)).rejects.toMatchObject({ code: 'OperationNotFound', message: 'There is no such operation.' });
  });
});

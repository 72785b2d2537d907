import { describe, expect, it } from 'vitest';
import { anna, owen, stranger } from '../support/cast.ts';
import { accountState, kindsOf, operationOf, waitForVotes } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

async function pressable(world: World = makeWorld()) {
  const id = await waitForVotes(world);
  const approvalDigest = (await operationOf(world, id)).shown?.approvalDigest ?? '';
  return { world, id, press: { operationId: id, approvalDigest, reason: 'Agreed.' } };
}

describe('a press of a button', () => {
  it('counts as the vote of the person, and the card shows what came of it', async () => {
    const { world, press } = await pressable();
    const answer = await world.answerCardAction(anna, { verb: 'approve', ...press });
    expect(answer).toMatchObject({
      operation: { status: 'approved', votes: [{ voter: anna, decision: 'approve', reason: 'Agreed.', channel: 'teams' }] },
      targetState: accountState,
    });
  });

  it('can reject', async () => {
    const { world, press } = await pressable();
    expect(await world.answerCardAction(anna, { verb: 'reject', ...press })).toMatchObject({ operation: { status: 'rejected' } });
  });

  it.each([
    ['the owner', owen, 'You answer for the agent that asks, so your vote does not count.'],
    ['a stranger', stranger, 'There is no such operation.'],
  ])('of %s is answered in words, recorded, and counts for nothing', async (_who, person, message) => {
    const { world, id, press } = await pressable();
    expect(await world.answerCardAction(person, { verb: 'approve', ...press })).toEqual({ message });
    expect(await operationOf(world, id)).toMatchObject({ status: 'awaitingApproval', votes: [] });
    expect((await kindsOf(world, id)).at(-1)).toBe('voteRefused');
  });

  it('on a card of an earlier preview counts for nothing', async () => {
    const { world, press } = await pressable();
    const answer = await world.answerCardAction(anna, { verb: 'approve', ...press, approvalDigest: `sha256:${'0'.repeat(64)}` });
    expect(answer).toMatchObject({ message: expect.stringContaining('The digest is not that of what is to be approved now.') });
  });

  it('of somebody whose account was disabled counts for nothing', async () => {
    const { world, press } = await pressable();
    world.directory.setAccount(anna.id, 'disabled');
    expect(await world.answerCardAction(anna, { verb: 'approve', ...press })).toEqual({ message: 'There is no such operation.' });
  });

  it('is answered in words while the directory is away', async () => {
    const { world, press } = await pressable();
    world.directory.setAway(true);
    expect(await world.answerCardAction(anna, { verb: 'approve', ...press })).toEqual({
      message: 'The directory cannot be asked at the moment. Try again.',
    });
  });

  it('is not answered as if it had counted where the store is away', async () => {
    const { world, press } = await pressable();
    world.store.failNext('before');
    await expect(world.answerCardAction(anna, { verb: 'approve', ...press })).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('a refresh', () => {
  it('shows a reader what the operation is now, and changes nothing', async () => {
    const { world, id } = await pressable();
    world.effects.length = 0;
    expect(await world.answerCardAction(anna, { verb: 'refresh', operationId: id })).toMatchObject({ operation: { id } });
    expect(world.effects).toEqual([]);
  });

  it('tells a stranger that there is no such operation', async () => {
    const { world, id } = await pressable();
    expect(await world.answerCardAction(stranger, { verb: 'refresh', operationId: id })).toEqual({
      message: 'There is no such operation.',
    });
  });

  it('tells anybody the same where there is none', async () => {
    const world = makeWorld();
    const operationId = `op_${'z'.repeat(26)}`;
    expect(await world.answerCardAction(anna, { verb: 'refresh', operationId })).toEqual({ message: 'There is no such operation.' });
  });
});

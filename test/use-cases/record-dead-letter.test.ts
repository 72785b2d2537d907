import { describe, expect, it } from 'vitest';
import type { Announcement } from '../../shared/ports/announcer.ts';
import type { StrayMessage } from '../../shared/ports/dead-letters.ts';
import { StoreError } from '../../shared/ports/operation-store.ts';
import { agentCaller, anna, deployAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { approveDeletion, kindsOf, lastMessage, operationOf, storedOf, voteFor, voterOf, waitForVotes } from '../support/scenarios.ts';
import { requireApproval } from '../support/scripted-policies.ts';
import { makeWorld } from '../support/world.ts';

const stray: StrayMessage = {
  queue: 'approval-requests',
  messageId: 'm-1',
  reason: 'MaxDeliveryCountExceeded',
  bodyDigest: `sha256:${'0'.repeat(64)}`,
  seenAt: '2026-11-21T20:12:00.000Z',
};

describe('a dead letter', () => {
  it('becomes an event of its operation, which is looked at again a minute later', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    const message = lastMessage(world, 'requestApproval');
    world.effects.length = 0;
    expect(await world.recordDeadLetter({ message, stray })).toBe('event');
    expect(world.effects).toEqual(['announce project@8', 'announce requestApproval@8', 'commit messageDeadLettered']);
    expect((await storedOf(world, id)).events.at(-1)?.detail).toEqual({
      kind: 'messageDeadLettered',
      queue: 'approval-requests',
      purpose: 'requestApproval',
      reason: 'MaxDeliveryCountExceeded',
    });
    expect(lastMessage(world, 'requestApproval')).toMatchObject({ attempt: 0, notBefore: '2026-11-21T20:13:00.000Z' });
    expect((await operationOf(world, id)).status).toBe('awaitingApproval');
    expect(world.strays.recorded).toEqual([]);
  });

  it.each([
    ['that is none of our messages', async () => undefined],
    [
      'of an operation that does not exist',
      async (): Promise<Announcement> => ({
        operationId: `op_${'z'.repeat(26)}`,
        purpose: 'execute',
        sequence: 3,
        commit: lastMessage(await withSubmission(), 'checkDeadline').commit,
        attempt: 0,
      }),
    ],
  ])('%s is kept as a stray', async (_what, messageOf) => {
    const world = makeWorld();
    expect(await world.recordDeadLetter({ message: await messageOf(), stray })).toBe('stray');
    expect(world.strays.recorded).toEqual([stray]);
    expect(world.effects).toEqual([]);
  });

  it('of an operation that has ended is kept as a stray, and the end stays the end', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    await world.cancel(agentCaller(deployAgent), id);
    const before = await storedOf(world, id);
    expect(await world.recordDeadLetter({ message: lastMessage(world, 'requestApproval'), stray })).toBe('ended');
    expect(await storedOf(world, id)).toEqual(before);
    expect(world.strays.recorded).toEqual([stray]);
  });

  it('of an operation whose chain is broken is kept as a stray', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    world.store.rewriteEvent(id, 1, (text) => text.replace('stshop', 'stsafe'));
    await world.recordDeadLetter({ message: lastMessage(world, 'requestApproval'), stray });
    expect(world.strays.recorded).toEqual([stray]);
  });

  it('is recorded after whatever was written meanwhile', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    const message = lastMessage(world, 'requestApproval');
    world.interruptions.runBefore(world.interruptions.calls.length + 2, async () => {
      await world.recordDeadLetter({ message, stray });
    });
    await world.recordDeadLetter({ message, stray });
    expect((await kindsOf(world, id)).filter((kind) => kind === 'messageDeadLettered')).toHaveLength(2);
  });

  it('stays in its queue while the store is away', async () => {
    const world = makeWorld();
    await waitForVotes(world);
    world.store.failNext('before');
    const message = lastMessage(world, 'requestApproval');
    await expect(world.recordDeadLetter({ message, stray })).rejects.toMatchObject({ code: 'unreachable' });
    expect(world.strays.recorded).toEqual([]);
  });
});

describe('messages that die again and again', () => {
  it('are three events of their operation and strays from then on, and the operation ends at its deadline', async () => {
    const world = makeWorld();
    world.policies.script('risky', requireApproval(2, ['approvers']));
    const id = await waitForVotes(world);
    await world.recordVote(voterOf(anna), await voteFor(world, id));
    world.channel.fail('approvers', 'unreachable');
    await makeMessageDelivery(world).deliverAll();
    const dead = (await storedOf(world, id)).events.filter(({ detail }) => detail.kind === 'messageDeadLettered');
    expect(dead.map(({ detail }) => detail)).toEqual(
      [1, 2, 3].map(() => ({ kind: 'messageDeadLettered', queue: 'changes', purpose: 'project', reason: 'MaxDeliveryCountExceeded' })),
    );
    const looks = world.announcer.announced.filter(({ purpose, notBefore }) => purpose === 'project' && notBefore !== undefined);
    expect(looks.slice(0, 3).map(({ notBefore }) => notBefore)).toEqual([
      '2026-11-21T20:13:00.000Z',
      '2026-11-21T20:23:00.000Z',
      '2026-11-21T21:23:00.000Z',
    ]);
    expect(world.strays.recorded.length).toBeGreaterThan(0);
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired', updatedAt: '2026-11-22T00:12:00.000Z' });
  });

  it('bring the card to its end once the channel is back', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    const delivery = makeMessageDelivery(world);
    await delivery.deliverDue();
    await world.cancel(agentCaller(deployAgent), id);
    world.channel.fail('approvers', 'unreachable');
    await delivery.deliverDue();
    expect(world.channel.shown.at(-1)?.subject.operation.status).toBe('awaitingApproval');
    expect(world.strays.recorded).toMatchObject([{ queue: 'changes' }]);
    world.channel.fail('approvers', undefined);
    world.clock.setTo('2026-11-21T20:13:00.000Z');
    await delivery.deliverDue();
    expect(world.channel.shown.at(-1)?.subject.operation.status).toBe('cancelled');
  });

  it('tell the receiver of an end once what it takes to do so is back', async () => {
    const world = makeWorld({ notices: true });
    await world.cancel(agentCaller(deployAgent), await waitForVotes(world));
    const delivery = makeMessageDelivery(world);
    const { toldUpTo } = world.deps.progress;
    world.deps.progress.toldUpTo = async () => {
      throw new StoreError('unreachable', 'the tables cannot be reached');
    };
    await delivery.deliverDue();
    expect(world.strays.recorded).toMatchObject([{ queue: 'notices' }]);
    world.deps.progress.toldUpTo = toldUpTo;
    world.clock.setTo('2026-11-21T20:13:00.000Z');
    await delivery.deliverDue();
    expect(world.receiver.taken.map(({ kind }) => kind)).toEqual(['cancelled']);
  });

  it('do not keep an approved operation from running once', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    world.channel.fail('approvers', 'unreachable');
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded' });
    expect(world.azure.calls).toHaveLength(1);
  });

  it('are looked at again after a minute, ten minutes and an hour', async () => {
    const world = makeWorld();
    await waitForVotes(world);
    const message = lastMessage(world, 'requestApproval');
    const looks = [];
    for (let death = 1; death <= 3; death += 1) {
      await world.recordDeadLetter({ message, stray });
      looks.push(lastMessage(world, 'requestApproval').notBefore);
    }
    expect(looks).toEqual(['2026-11-21T20:13:00.000Z', '2026-11-21T20:22:00.000Z', '2026-11-21T21:12:00.000Z']);
    await world.recordDeadLetter({ message, stray });
    expect(world.strays.recorded).toEqual([stray]);
  });

  it('ask for the approval again once the channel is back', async () => {
    const world = makeWorld();
    world.channel.fail('approvers', 'unreachable');
    await expect(waitForVotes(world)).rejects.toMatchObject({ code: 'unreachable' });
    const delivery = makeMessageDelivery(world);
    await delivery.deliverDue();
    expect(delivery.deadLettered.map(({ purpose }) => purpose)).toContain('requestApproval');
    world.channel.fail('approvers', undefined);
    world.clock.setTo('2026-11-21T20:13:00.000Z');
    await delivery.deliverDue();
    expect(world.channel.shown.filter(({ what }) => what === 'post')).toHaveLength(1);
  });
});

async function withSubmission() {
  const world = makeWorld();
  await waitForVotes(world);
  return world;
}

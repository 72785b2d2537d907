import { describe, expect, it } from 'vitest';
import { isDigest } from '../../shared/domain/digest.ts';
import { agentCaller, deployAgent, owen } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { account, accountState, deleteAccount, kindsOf, lastMessage, operationOf, standAccount, storedOf } from '../support/scenarios.ts';
import { allow, deny, requireApproval } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

/** A world in which the deletion waits, and what was done so far is forgotten. */
async function submitted(arrange: (world: World) => void = () => undefined) {
  const world = makeWorld();
  standAccount(world);
  arrange(world);
  const { id } = await world.submit(agentCaller(deployAgent), deleteAccount());
  world.effects.length = 0;
  return { world, id, message: lastMessage(world, 'requestApproval') };
}

describe('showing an operation to the approvers', () => {
  it('stores the preview with its digest first, then posts the card, then records it', async () => {
    const { world, id, message } = await submitted();
    await world.requestApproval(message);
    expect(world.effects).toEqual([
      'announce project@6',
      'commit assessed decided previewed',
      'post approvers',
      'announce project@7',
      'commit approvalRequested',
    ]);
    const { shown, cards } = await operationOf(world, id);
    expect(shown?.preview).toMatchObject({ state: 'present', readAt: '2026-11-21T20:12:00.000Z' });
    expect(isDigest(shown?.approvalDigest ?? '')).toBe(true);
    expect(cards).toEqual([
      { channel: 'teams', group: 'approvers', conversationId: '19:approvers@thread.tacv2', activityId: 'activity-1' },
    ]);
  });

  it('shows the approval digest and the state of the target, without its secrets', async () => {
    const { world, id, message } = await submitted();
    world.azure.set(account, { ...accountState, properties: { primaryKey: 'c2VjcmV0LXNlY3JldA==' } });
    await world.requestApproval(message);
    const [card] = world.channel.shown;
    expect(card?.subject.operation.shown).toEqual((await operationOf(world, id)).shown);
    expect(card?.subject.targetState).toMatchObject({ name: 'stshop', properties: { primaryKey: '«masked 1»' } });
    expect(JSON.stringify([await storedOf(world, id), await world.store.readDocument(id, 'preview')])).not.toContain('c2VjcmV0');
  });

  it('shows the body that would be sent, without its secrets', async () => {
    const world = makeWorld();
    const target = { method: 'PUT', body: { location: 'westeurope', properties: { adminPassword: 'hunter2-hunter2' } } };
    await world.submit(agentCaller(deployAgent), deleteAccount({ target }));
    await world.requestApproval(lastMessage(world, 'requestApproval'));
    expect(world.channel.shown[0]?.subject.requestBody).toEqual({ location: 'westeurope', properties: { adminPassword: '«masked 1»' } });
  });

  it('posts to every group that may vote and has a conversation', async () => {
    const { world, message } = await submitted(({ policies }) =>
      policies.script('risky', requireApproval(2, ['approvers', 'security', 'auditors'])),
    );
    await world.requestApproval(message);
    expect(world.channel.shown.map(({ group }) => group)).toEqual(['approvers', 'security']);
  });

  it('posts nowhere where the policies leave no group, and the operation ends at its deadline', async () => {
    const { world, id } = await submitted(({ policies }) => policies.script('risky', requireApproval(1, [])));
    await makeMessageDelivery(world).deliverAll();
    expect(world.channel.shown).toEqual([]);
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired', updatedAt: '2026-11-22T00:12:00.000Z' });
  });

  it.each([
    ['absent', (world: World) => world.azure.remove(account), { state: 'absent' }],
    [
      'unreadable',
      (world: World) => world.azure.setUnreadable(account, 'The reader has no right.'),
      { state: 'unreadable', reason: 'The reader has no right.' },
    ],
  ])('says that the target is %s', async (_state, arrange, preview) => {
    const { world, id, message } = await submitted();
    arrange(world);
    await world.requestApproval(message);
    expect((await operationOf(world, id)).shown?.preview).toMatchObject(preview);
    expect(world.channel.shown[0]?.subject.targetState).toBeUndefined();
    expect(await world.store.readDocument(id, 'preview')).toBeUndefined();
  });
});

describe('looking a second time', () => {
  it('denies what the policies have come to deny, and asks nobody', async () => {
    const { world, id, message } = await submitted();
    world.policies.script('risky', deny('Not any more.'));
    await world.requestApproval(message);
    expect(await operationOf(world, id)).toMatchObject({ status: 'denied', detail: 'Not any more.' });
    expect(world.effects).toEqual(['announce project@5', 'commit assessed decided']);
  });

  it('asks for what both looks ask for', async () => {
    const { world, id, message } = await submitted(({ policies }) =>
      policies.script('risky', requireApproval(1, ['approvers', 'security'])),
    );
    world.policies.script('risky', requireApproval(2, ['security', 'auditors'], { expiresInMs: 60 * 60 * 1000 }));
    await world.requestApproval(message);
    expect(await operationOf(world, id)).toMatchObject({
      decision: { requirements: { required: 2, groups: ['security'], expiresInMs: 3_600_000 } },
      expiresAt: '2026-11-21T21:12:00.000Z',
    });
    expect(world.effects).toContain('announce checkDeadline@6');
    expect(lastMessage(world, 'checkDeadline').notBefore).toBe('2026-11-21T21:12:00.000Z');
  });

  it.each([
    ['a policy that would now let it run', allow()],
    ['a policy that now asks for less', requireApproval(1, ['approvers', 'security'], { expiresInMs: 24 * 60 * 60 * 1000 })],
  ])('is not loosened by %s', async (_what, laxer) => {
    const { world, id, message } = await submitted(({ policies }) => policies.script('risky', requireApproval(2, ['approvers'])));
    world.policies.script('risky', laxer);
    world.policies.script('low', laxer);
    await world.requestApproval(message);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'awaitingApproval',
      decision: { outcome: 'requireApproval', requirements: { required: 2, groups: ['approvers'] } },
      expiresAt: '2026-11-22T00:12:00.000Z',
    });
  });

  it('keeps the more dangerous of two assessments', async () => {
    const { world, id, message } = await submitted(({ azure }) => azure.set(account, { tags: { environment: 'dev' } }));
    const before = (await operationOf(world, id)).assessment;
    world.azure.set(account, accountState);
    await world.requestApproval(message);
    const after = (await operationOf(world, id)).assessment;
    expect([before.environment, after.environment]).toEqual(['nonProduction', 'production']);
  });

  it.each([
    ['is frozen', (world: World) => world.agents.register({ ...deployAgent, frozen: true }), 'The agent is frozen.'],
    ['was struck off', (world: World) => world.agents.strikeOff(deployAgent), 'The agent is no longer registered.'],
    [
      'lost its owner',
      (world: World) => world.directory.setAccount(owen.id, 'disabled'),
      "The account of the agent's owner is disabled or gone.",
    ],
  ])('denies it where the agent %s', async (_what, arrange, detail) => {
    const { world, id, message } = await submitted();
    arrange(world);
    await world.requestApproval(message);
    expect(await operationOf(world, id)).toMatchObject({ status: 'denied', detail });
    expect(world.channel.shown).toEqual([]);
  });

  it('denies it where the sealed request is not the one that the events tell of', async () => {
    const { world, id, message } = await submitted();
    const other = await world.submit(agentCaller(deployAgent), deleteAccount());
    world.store.moveDocument(other.id, id, 'request');
    await world.requestApproval(message);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'denied',
      detail: 'The stored request is not the one that was submitted.',
    });
  });
});

describe('a second delivery', () => {
  it('posts no second card', async () => {
    const { world, message } = await submitted();
    await world.requestApproval(message);
    const before = [...world.effects];
    await world.requestApproval(message);
    expect(world.effects).toEqual(before);
  });

  it('follows a card that could not be posted, and posts only that one', async () => {
    const { world, id, message } = await submitted(({ policies }) =>
      policies.script('risky', requireApproval(1, ['approvers', 'security'])),
    );
    world.channel.fail('approvers', 'unreachable');
    await expect(world.requestApproval(message)).rejects.toMatchObject({ name: 'ChannelError', code: 'unreachable' });
    expect(world.channel.shown.map(({ group }) => group)).toEqual(['security']);
    world.channel.fail('approvers', undefined);
    await world.requestApproval(message);
    expect(world.channel.shown.map(({ group }) => group)).toEqual(['security', 'approvers']);
    expect(await kindsOf(world, id)).toEqual([
      ...['submitted', 'assessed', 'decided'],
      ...['assessed', 'decided', 'previewed', 'approvalRequested', 'approvalRequested'],
    ]);
  });

  it('posts nothing once the operation was cancelled', async () => {
    const { world, id, message } = await submitted();
    await world.cancel(agentCaller(deployAgent), id);
    await world.requestApproval(message);
    expect(world.channel.shown).toEqual([]);
    expect(await kindsOf(world, id)).toEqual(['submitted', 'assessed', 'decided', 'cancelled']);
  });

  it('is put off where somebody else wrote first', async () => {
    const { world, id, message } = await submitted();
    const before = world.interruptions.calls.length;
    world.interruptions.runBefore(before + 3, async () => {
      await world.cancel(agentCaller(deployAgent), id);
    });
    await world.requestApproval(message);
    expect(world.announcer.announced.at(-1)).toMatchObject({
      purpose: 'requestApproval',
      attempt: 1,
      notBefore: '2026-11-21T20:12:01.000Z',
    });
  });

  it('follows while the directory is away', async () => {
    const { world, id, message } = await submitted();
    world.directory.setAway(true);
    await expect(world.requestApproval(message)).rejects.toMatchObject({ code: 'Unavailable' });
    expect(await kindsOf(world, id)).toEqual(['submitted', 'assessed', 'decided']);
  });
});

import { describe, expect, it } from 'vitest';
import type { OperationId } from '../../shared/domain/operation.ts';
import { agentCaller, anna, deployAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import {
  approveDeletion,
  deleteAccount,
  operationOf,
  readAccount,
  standAccount,
  voteFor,
  voterOf,
  waitForVotes,
} from '../support/scenarios.ts';
import { deny } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

const agent = agentCaller(deployAgent);

/** A deletion whose call nobody knows the outcome of. */
async function unknownOutcome(world: World): Promise<OperationId> {
  const id = await approveDeletion(world);
  world.azure.answerCalls({ kind: 'doubtful', reason: 'The connection broke.' });
  await makeMessageDelivery(world).deliverAll();
  return id;
}

const ends: readonly { readonly status: string; readonly bring: (world: World) => Promise<unknown> }[] = [
  { status: 'succeeded', bring: (world) => approveDeletion(world) },
  {
    status: 'failed',
    bring: async (world) => {
      world.azure.answerCalls({ kind: 'answered', answer: { status: 409, body: undefined } });
      await approveDeletion(world);
    },
  },
  { status: 'outcomeUnknown', bring: unknownOutcome },
  {
    status: 'denied',
    bring: async (world) => {
      world.policies.script('risky', deny('Nobody deletes the shop.'));
      await world.submit(agent, deleteAccount());
    },
  },
  {
    status: 'rejected',
    bring: async (world) => {
      const id = await waitForVotes(world);
      await world.recordVote(voterOf(anna), await voteFor(world, id, { decision: 'reject', reason: 'No.' }));
    },
  },
  { status: 'expired', bring: (world) => waitForVotes(world) },
  { status: 'cancelled', bring: async (world) => await world.cancel(agent, await waitForVotes(world)) },
];

describe('the end of an operation', () => {
  it.each(ends)('that is $status is told once', async ({ status, bring }) => {
    const world = makeWorld({ notices: true });
    await bring(world);
    await makeMessageDelivery(world).deliverAll();
    expect(world.receiver.taken.map((notice) => notice.kind)).toEqual([status]);
  });

  it('is told in ids, words and times, and nothing that was sent', async () => {
    const world = makeWorld({ notices: true });
    standAccount(world);
    world.policies.script('risky', { ...deny('No.'), policies: [{ id: 'nobody-deletes', advice: 'No.' }] });
    const { id } = await world.submit(agent, deleteAccount());
    await makeMessageDelivery(world).deliverAll();
    expect(world.receiver.taken).toEqual([
      {
        id: `${id}-3`,
        operationId: id,
        sequence: 3,
        kind: 'denied',
        at: '2026-11-21T20:12:00.000Z',
        traceparent: undefined,
        action: 'microsoft.storage/storageaccounts/delete',
        status: 'denied',
        level: 'high',
        agent: { id: deployAgent.objectId, name: 'deploy-agent', tenantId: deployAgent.tenantId, issuer: agent.issuer },
        policies: ['nobody-deletes'],
        createdAt: '2026-11-21T20:12:00.000Z',
        found: undefined,
      },
    ]);
  });

  it('is told also where it was written while nobody could be told, and something else followed it', async () => {
    const world = makeWorld({ notices: true, rights: 'perOperation' });
    await approveDeletion(world);
    const { callOnce } = world.azure.caller;
    world.azure.caller.callOnce = async (...call) => {
      world.announcer.failNext();
      return await callOnce(...call);
    };
    await makeMessageDelivery(world).deliverAll();
    expect(world.receiver.taken.map(({ kind }) => kind)).toEqual(['succeeded']);
  });

  it('is no message where there is no receiver', async () => {
    const world = makeWorld();
    await approveDeletion(world);
    await makeMessageDelivery(world).deliverAll();
    expect(world.announcer.announced.filter(({ purpose }) => purpose === 'notify')).toEqual([]);
  });
});

describe('a receiver that is away', () => {
  it('is told later, and nothing of the operation waits for it', async () => {
    const world = makeWorld({ notices: true });
    world.receiver.setAway(true);
    const id = await approveDeletion(world);
    const delivery = makeMessageDelivery(world);
    await delivery.deliverDue();
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded' });
    expect(world.receiver.taken).toEqual([]);
    world.receiver.setAway(false);
    world.clock.advanceMs(5_000);
    await delivery.deliverDue();
    expect(world.receiver.taken.map(({ kind }) => kind)).toEqual(['succeeded']);
  });

  it('is given as long as it asks for, but no longer than an hour', async () => {
    const world = makeWorld({ notices: true });
    world.receiver.setAway(true, 24 * 60 * 60_000);
    await world.submit(agent, readAccount());
    await makeMessageDelivery(world).deliverDue();
    expect(world.announcer.announced.findLast(({ purpose }) => purpose === 'notify')).toMatchObject({
      attempt: 1,
      notBefore: '2026-11-21T21:12:00.000Z',
    });
  });

  it('hears of the end first where it comes back after what was found', async () => {
    const world = makeWorld({ notices: true });
    world.receiver.setAway(true);
    const id = await approveDeletion(world);
    world.azure.answerCalls({ kind: 'doubtful', reason: 'The connection broke.' });
    const delivery = makeMessageDelivery(world);
    await delivery.deliverDueOf('execute');
    while ((await operationOf(world, id)).status !== 'outcomeUnknown') {
      world.clock.advanceMs(60_000);
      await delivery.deliverDue();
    }
    await world.recordFinding(voterOf(anna), { operationId: id, found: 'effect', note: 'It is gone.' });
    world.receiver.setAway(false);
    await delivery.deliverAll();
    expect(world.receiver.taken.map(({ kind }) => kind)).toEqual(['outcomeUnknown', 'findingRecorded']);
  });

  it('for three days gets a message that lies where people look, and is whole', async () => {
    const world = makeWorld({ notices: true });
    world.receiver.setAway(true);
    const { id } = await world.submit(agent, readAccount());
    await makeMessageDelivery(world).deliverAll();
    expect(world.strays.recorded).toMatchObject([{ queue: 'notices', reason: 'the receiver of notices never took it' }]);
    expect(world.setAside.kept.map(({ queue, body }) => [queue, JSON.parse(body)])).toMatchObject([
      ['notices', { operationId: id, purpose: 'notify', attempt: 0 }],
    ]);
    const days = (Date.parse(world.clock.now()) - Date.parse('2026-11-21T20:12:00.000Z')) / (24 * 60 * 60_000);
    expect(Math.floor(days)).toBe(3);
  });
});

describe('a process that dies', () => {
  it('between telling and noting it tells it again, under the same id', async () => {
    const world = makeWorld({ notices: true });
    await world.submit(agent, readAccount());
    const delivery = makeMessageDelivery(world);
    await delivery.deliverDueOf('execute');
    await delivery.deliverDueOf('project');
    const callsBefore = world.interruptions.calls.length;
    world.interruptions.dieAfter(callsBefore + 3);
    await delivery.deliverAll();
    expect(world.receiver.taken.map(({ id }) => id)).toHaveLength(2);
    expect(new Set(world.receiver.taken.map(({ id }) => id)).size).toBe(1);
  });

  it.each([1, 2, 3, 4])('after call %i of a telling loses nothing', async (call) => {
    const world = makeWorld({ notices: true });
    await world.submit(agent, readAccount());
    const delivery = makeMessageDelivery(world);
    await delivery.deliverDueOf('execute');
    world.interruptions.dieAfter(world.interruptions.calls.length + call);
    await delivery.deliverAll();
    expect(new Set(world.receiver.taken.map(({ kind }) => kind))).toEqual(new Set(['succeeded']));
  });
});

import { describe, expect, it } from 'vitest';
import { anna, boris } from '../support/cast.ts';
import { kindsOf, lastMessage, operationOf, voteFor, voterOf, waitForVotes } from '../support/scenarios.ts';
import { requireApproval } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

/** A world in which two approvals are needed and none was given. */
async function waitingForTwo(): Promise<{ world: World; id: string }> {
  const world = makeWorld();
  world.policies.script('risky', requireApproval(2, ['approvers']));
  return { world, id: await waitForVotes(world) };
}

async function waitingForOne(): Promise<{ world: World; id: string }> {
  const world = makeWorld();
  return { world, id: await waitForVotes(world) };
}

describe('an approval', () => {
  it('announces the execution and its deadline before it is recorded', async () => {
    const { world, id } = await waitingForOne();
    world.effects.length = 0;
    const operation = await world.recordVote(voterOf(anna), await voteFor(world, id));
    expect(operation).toMatchObject({ status: 'approved', executeBy: '2026-11-21T21:12:00.000Z', attempts: 0 });
    expect(world.effects).toEqual(['announce execute@9', 'announce checkDeadline@9', 'announce project@9', 'commit voteRecorded approved']);
    expect(lastMessage(world, 'checkDeadline').notBefore).toBe('2026-11-21T21:12:00.000Z');
  });

  it('is recorded with who, when, where, why and for which digest', async () => {
    const { world, id } = await waitingForOne();
    world.clock.setTo('2026-11-21T20:30:00.000Z');
    const cast = await voteFor(world, id, { reason: 'Agreed with the shop team.', channel: 'api' });
    const { votes } = await world.recordVote(voterOf(anna), cast);
    expect(votes).toEqual([
      {
        voter: anna,
        decision: 'approve',
        digest: cast.digest,
        reason: 'Agreed with the shop team.',
        channel: 'api',
        at: '2026-11-21T20:30:00.000Z',
      },
    ]);
  });

  it('keeps no secret that its reason holds', async () => {
    const { world, id } = await waitingForOne();
    const { votes } = await world.recordVote(voterOf(anna), await voteFor(world, id, { reason: 'Password=hunter2-hunter2; is fine' }));
    expect(votes[0]?.reason).toBe('Password=«masked 1»; is fine');
  });

  it('counts at the last millisecond', async () => {
    const { world, id } = await waitingForOne();
    world.clock.setTo('2026-11-22T00:11:59.999Z');
    expect(await world.recordVote(voterOf(anna), await voteFor(world, id))).toMatchObject({ status: 'approved' });
  });

  it('does not suffice where two are needed', async () => {
    const { world, id } = await waitingForTwo();
    world.effects.length = 0;
    expect(await world.recordVote(voterOf(anna), await voteFor(world, id))).toMatchObject({ status: 'awaitingApproval' });
    expect(world.effects).toEqual(['announce project@8', 'commit voteRecorded']);
  });

  it('of a second person fills the quorum', async () => {
    const { world, id } = await waitingForTwo();
    await world.recordVote(voterOf(anna), await voteFor(world, id));
    expect(await world.recordVote(voterOf(boris), await voteFor(world, id))).toMatchObject({ status: 'approved' });
    expect((await kindsOf(world, id)).slice(-3)).toEqual(['voteRecorded', 'voteRecorded', 'approved']);
  });
});

describe('a rejection', () => {
  it('ends the matter, however many approvals there are', async () => {
    const { world, id } = await waitingForTwo();
    await world.recordVote(voterOf(anna), await voteFor(world, id));
    world.effects.length = 0;
    const operation = await world.recordVote(voterOf(boris), await voteFor(world, id, { decision: 'reject', reason: 'Not on a Friday.' }));
    expect(operation).toMatchObject({ status: 'rejected', detail: 'Not on a Friday.' });
    expect(world.effects).toEqual(['announce project@10', 'commit voteRecorded rejected']);
  });
});

describe('votes at the same time', () => {
  it('of two people are two votes', async () => {
    const { world, id } = await waitingForTwo();
    const cast = await voteFor(world, id);
    await Promise.all([world.recordVote(voterOf(anna), cast), world.recordVote(voterOf(boris), cast)]);
    expect(await operationOf(world, id)).toMatchObject({ status: 'approved', votes: [{ voter: anna }, { voter: boris }] });
  });

  it('of two people, where one suffices, announce one execution and tell the other', async () => {
    const { world, id } = await waitingForOne();
    const cast = await voteFor(world, id);
    const results = await Promise.allSettled([world.recordVote(voterOf(anna), cast), world.recordVote(voterOf(boris), cast)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'NotAwaitingApproval' } });
    expect((await operationOf(world, id)).votes).toHaveLength(1);
  });

  it('of one person are one vote', async () => {
    const { world, id } = await waitingForTwo();
    const cast = await voteFor(world, id);
    const results = await Promise.allSettled([world.recordVote(voterOf(anna), cast), world.recordVote(voterOf(anna), cast)]);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'AlreadyVoted' } });
    expect(await operationOf(world, id)).toMatchObject({ status: 'awaitingApproval', votes: [{ voter: anna }] });
  });
});

describe('where something is away', () => {
  it('nothing is recorded when the queues cannot be reached', async () => {
    const { world, id } = await waitingForOne();
    world.announcer.failNext();
    await expect(world.recordVote(voterOf(anna), await voteFor(world, id))).rejects.toMatchObject({ name: 'AnnounceError' });
    expect(await operationOf(world, id)).toMatchObject({ status: 'awaitingApproval', votes: [] });
  });

  it('a vote that was recorded although the answer was lost is not counted twice', async () => {
    const { world, id } = await waitingForTwo();
    world.store.failNext('after');
    await expect(world.recordVote(voterOf(anna), await voteFor(world, id))).rejects.toMatchObject({ code: 'unreachable' });
    await expect(world.recordVote(voterOf(anna), await voteFor(world, id))).rejects.toMatchObject({ code: 'AlreadyVoted' });
    expect((await operationOf(world, id)).votes).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { agentCaller, anna, deployAgent } from '../support/cast.ts';
import { account, approveDeletion, kindsOf, lastMessage, readAccount, voteFor, voterOf, waitForVotes } from '../support/scenarios.ts';
import { requireApproval } from '../support/scripted-policies.ts';
import { makeWorld } from '../support/world.ts';

describe('the line in the listing', () => {
  it('says what stands where', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    await world.project(lastMessage(world, 'project'));
    expect(await world.index.query({ top: 10 })).toEqual({
      entries: [
        {
          id,
          sequence: 3,
          status: 'approved',
          action: 'microsoft.storage/storageaccounts/read',
          agentId: deployAgent.objectId,
          agentName: 'deploy-agent',
          riskLevel: 'low',
          resourceId: account.toLowerCase(),
          createdAt: '2026-11-21T20:12:00.000Z',
          updatedAt: '2026-11-21T20:12:00.000Z',
        },
      ],
    });
  });

  it('says what is true now, though the message is an old one', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    const old = lastMessage(world, 'project');
    await world.execute(lastMessage(world, 'execute'));
    world.effects.length = 0;
    await world.project(old);
    expect(world.effects).toEqual(['index succeeded@7']);
    expect(await world.index.query({ top: 10 })).toMatchObject({ entries: [{ id, status: 'succeeded', sequence: 7 }] });
  });

  it('is written once more when the operation moved on meanwhile', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    const message = lastMessage(world, 'project');
    world.interruptions.runBefore(world.interruptions.calls.length + 2, async () => {
      await world.cancel(agentCaller(deployAgent), id);
    });
    world.effects.length = 0;
    await world.project(message);
    expect(world.effects.filter((effect) => effect.startsWith('index'))).toEqual(['index approved@3', 'index cancelled@4']);
  });
});

describe('the cards', () => {
  it('are all brought up to date', async () => {
    const world = makeWorld();
    world.policies.script('risky', requireApproval(1, ['approvers', 'security']));
    const id = await waitForVotes(world);
    await world.recordVote(voterOf(anna), await voteFor(world, id));
    world.effects.length = 0;
    await world.project(lastMessage(world, 'project'));
    expect(world.effects).toEqual(['index approved@10', 'update approvers', 'update security']);
    expect(world.channel.shown.at(-1)?.subject.operation).toMatchObject({ status: 'approved', votes: [{ voter: anna }] });
  });

  it('that somebody took away keep none of the others from it', async () => {
    const world = makeWorld();
    world.policies.script('risky', requireApproval(1, ['approvers', 'security']));
    const id = await approveDeletion(world);
    world.channel.fail('approvers', 'refused');
    world.effects.length = 0;
    await world.project(lastMessage(world, 'project'));
    expect(world.effects).toEqual(['index approved@10', 'update security']);
    expect(world.log.lines).toEqual([`warn: a card could not be brought up to date {"operationId":"${id}","group":"approvers"}`]);
  });

  it('are left alone where they were just posted, since somebody may be writing on them', async () => {
    const world = makeWorld();
    await waitForVotes(world);
    world.effects.length = 0;
    for (const message of world.announcer.announced.filter(({ purpose }) => purpose === 'project')) await world.project(message);
    expect(new Set(world.effects)).toEqual(new Set(['index awaitingApproval@7']));
  });

  it('are brought up to date where somebody voted between the post and its record', async () => {
    const rehearsal = makeWorld();
    await waitForVotes(rehearsal);
    const afterPost = rehearsal.interruptions.calls.indexOf('channel.post') + 2;
    const world = makeWorld();
    world.interruptions.runBefore(afterPost, async () => {
      const id = lastMessage(world, 'requestApproval').operationId;
      await world.recordVote(voterOf(anna), await voteFor(world, id));
    });
    const id = await waitForVotes(world);
    expect((await kindsOf(world, id)).slice(-4)).toEqual(['previewed', 'voteRecorded', 'approved', 'approvalRequested']);
    world.effects.length = 0;
    await world.project(lastMessage(world, 'project'));
    expect(world.effects).toEqual(['index approved@9', 'update approvers']);
  });

  it('are left alone by a vote that does not count, so that nobody can wipe away what others write', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    await expect(world.recordVote(voterOf(anna, []), await voteFor(world, id))).rejects.toMatchObject({ name: 'RequestError' });
    world.effects.length = 0;
    await world.project(lastMessage(world, 'project'));
    expect(world.effects).toEqual(['index awaitingApproval@8']);
  });

  it('that cannot be reached are tried again', async () => {
    const world = makeWorld();
    await approveDeletion(world);
    world.channel.fail('approvers', 'unreachable');
    await expect(world.project(lastMessage(world, 'project'))).rejects.toMatchObject({ name: 'ChannelError', code: 'unreachable' });
  });

  it('show the masked request and nothing that it was masked for', async () => {
    const world = makeWorld();
    const target = { method: 'PUT', body: { properties: { adminPassword: 'hunter2-hunter2' } } };
    await approveDeletion(world, { target });
    await world.project(lastMessage(world, 'project'));
    expect(world.channel.shown.map(({ what }) => what)).toEqual(['post', 'update']);
    expect(JSON.stringify(world.channel.shown)).not.toContain('hunter2');
  });
});

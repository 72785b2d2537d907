import { describe, expect, it } from 'vitest';
import type { OperationId } from '../../shared/domain/operation.ts';
import type { Caller } from '../../shared/ports/token-verifier.ts';
import { agentCaller, anna, boris, deployAgent, olga, otherAgent, owen, personCaller, stranger } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { accountState, approveDeletion, operationOf, readAccount, storedOf, waitForVotes } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

const agent = agentCaller(deployAgent);
const notFound = { code: 'OperationNotFound', message: 'There is no such operation.' };

describe('one operation', () => {
  it.each<[string, Caller]>([
    ['another agent', agentCaller(otherAgent)],
    ['a person in none of the groups', personCaller(stranger)],
    ['a person whose groups may not read', personCaller(olga, ['Audit.Read'])],
  ])('does not exist for %s', async (_who, caller) => {
    const world = makeWorld();
    world.policies.letRead('approvers');
    const id = await waitForVotes(world);
    await expect(world.read(caller, id)).rejects.toMatchObject(notFound);
    await expect(world.readEvents(caller, id)).rejects.toMatchObject(notFound);
  });

  it.each([`op_${'z'.repeat(26)}`, 'op_1', '', 'OP_AAAAAAAAAAAAAAAAAAAAAAAAAA'])('does not exist where there is none: "%s"', async (id) => {
    await expect(makeWorld().read(agent, id)).rejects.toMatchObject(notFound);
  });

  it('is read by nobody without a scope for it, nor by way of a client that is not ours', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    await expect(world.read(personCaller(anna, ['User.Read']), id)).rejects.toMatchObject({ code: 'MissingRole' });
    const cli = personCaller(anna, ['Operation.Approve'], '04b07795-8ddb-461a-bbee-02f9e1bf7b46');
    await expect(world.read(cli, id)).rejects.toMatchObject({ code: 'ClientNotAllowed' });
  });

  it.each<[string, Caller]>([
    ['its agent', agent],
    ['an approver', personCaller(anna)],
    ['an approver of another group', personCaller(boris)],
    ['an auditor', personCaller(olga, ['Audit.Read'])],
    ['the owner, as an approver', personCaller(owen)],
  ])('is read by %s', async (_who, caller) => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    expect((await world.read(caller, id)).operation).toEqual(await operationOf(world, id));
    expect(await world.readEvents(caller, id)).toEqual((await storedOf(world, id)).events);
  });

  it('comes with what the approvers were shown, for people, and with the result once there is one', async () => {
    const world = makeWorld();
    world.policies.letRead('approvers');
    const person = personCaller(anna);
    const id = await approveDeletion(world);
    expect(await world.read(person, id)).toMatchObject({ preview: accountState, result: undefined });
    world.azure.answerCalls({ kind: 'answered', answer: { status: 200, body: { password: 'hunter2-hunter2' } } });
    await makeMessageDelivery(world).deliverDue();
    expect(await world.read(person, id)).toMatchObject({ preview: accountState, result: { password: '«masked 1»' } });
  });

  it('comes with all that the agent sent, its secrets masked, so that nobody need decide on what no card could hold', async () => {
    const world = makeWorld();
    world.policies.letRead('approvers');
    const body = { location: 'westeurope', properties: { adminPassword: 'hunter2-hunter2', notes: 'x'.repeat(40_000) } };
    const id = await waitForVotes(world, { target: { method: 'PUT', body } });
    expect((await world.read(personCaller(anna), id)).requestBody).toEqual({
      location: 'westeurope',
      properties: { adminPassword: '«masked 1»', notes: 'x'.repeat(40_000) },
    });
  });

  it('does not tell the agent what its target is like, which it may not read, only ask to have changed', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    expect(await world.read(agent, id)).toMatchObject({ preview: undefined, result: undefined });
    await makeMessageDelivery(world).deliverDue();
    expect((await world.read(agent, id)).preview).toBeUndefined();
  });

  it('is not answered for where its chain is broken', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    world.store.rewriteEvent(id, 1, (text) => text.replace('stshop', 'stsafe'));
    await expect(world.read(agent, id)).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
    await expect(world.readEvents(agent, id)).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
  });
});

describe('the listing', () => {
  it('shows an agent its own operations only, whatever it asks for', async () => {
    const { world, first, second } = await twoAgents();
    const ids = async (caller: Caller, agentId?: string) =>
      (await world.list(caller, { top: 10, ...(agentId === undefined ? {} : { agentId }) })).entries.map(({ id }) => id);
    expect(await ids(agent)).toEqual([first]);
    expect(await ids(agent, otherAgent.objectId)).toEqual([first]);
    expect(await ids(agentCaller(otherAgent))).toEqual([second]);
  });

  it('shows people what the policies let them read', async () => {
    const { world, first, second } = await twoAgents();
    const seen = async (caller: Caller) => (await world.list(caller, { top: 10 })).entries.map(({ id }) => id);
    expect(await seen(personCaller(olga, ['Audit.Read']))).toEqual([second, first]);
    expect(await seen(personCaller(stranger))).toEqual([]);
  });

  it('is narrowed by what is asked for', async () => {
    const { world, first, second } = await twoAgents();
    const auditor = personCaller(olga, ['Audit.Read']);
    const { entries } = await world.list(auditor, { top: 10, agentId: otherAgent.objectId, status: 'approved' });
    expect(entries.map(({ id }) => id)).toEqual([second]);
    expect((await world.list(auditor, { top: 10, status: 'denied' })).entries).toEqual([]);
    expect((await world.list(auditor, { top: 10, agentId: deployAgent.objectId })).entries.map(({ id }) => id)).toEqual([first]);
  });

  it('goes on where a page ended', async () => {
    const { world, first, second } = await twoAgents();
    const auditor = personCaller(olga, ['Audit.Read']);
    const page = await world.list(auditor, { top: 1 });
    expect(page.entries.map(({ id }) => id)).toEqual([second]);
    const { continuationToken = '' } = page;
    expect((await world.list(auditor, { top: 1, continuationToken })).entries.map(({ id }) => id)).toEqual([first]);
  });

  it('keeps the rest of its pages for people who may read nothing of this one', async () => {
    const { world } = await twoAgents();
    const page = await world.list(personCaller(stranger), { top: 1 });
    expect(page.entries).toEqual([]);
    expect(page.continuationToken).toBeDefined();
  });

  it('leaves out what somebody damaged, says so in the log, and shows the rest', async () => {
    const { world, first, second } = await twoAgents();
    world.store.rewriteEvent(second, 1, (text) => text.replace('stshop', 'stsafe'));
    const { entries } = await world.list(personCaller(olga, ['Audit.Read']), { top: 10 });
    expect(entries.map(({ id }) => id)).toEqual([first]);
    expect(world.log.lines).toContain(`error: a stored operation is damaged and was left out of a listing {"operationId":"${second}"}`);
  });

  it.each(['x', 'eyJ2ZXJzaW9uIjoxfQ', ''])('refuses a token that is not its own: "%s"', async (continuationToken) => {
    const { world } = await twoAgents();
    await expect(world.list(agent, { top: 10, continuationToken })).rejects.toMatchObject({
      code: 'InvalidRequest',
      target: 'continuationToken',
    });
  });

  it('refuses a token of another listing', async () => {
    const { world } = await twoAgents();
    const auditor = personCaller(olga, ['Audit.Read']);
    const { continuationToken = '' } = await world.list(auditor, { top: 1 });
    await expect(world.list(auditor, { top: 1, status: 'approved', continuationToken })).rejects.toMatchObject({ code: 'InvalidRequest' });
  });
});

/** One operation of each of two agents, the second a second later, both listed. */
async function twoAgents(): Promise<{ world: World; first: OperationId; second: OperationId }> {
  const world = makeWorld();
  const { id: first } = await world.submit(agent, readAccount());
  world.clock.advanceMs(1_000);
  const { id: second } = await world.submit(agentCaller(otherAgent), readAccount());
  await makeMessageDelivery(world).deliverDueOf('project');
  return { world, first, second };
}

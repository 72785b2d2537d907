import { describe, expect, it } from 'vitest';
import { agentCaller, deployAgent, otherAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { deleteAccount, operationOf, readAccount, standAccount } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const agent = agentCaller(deployAgent);
const repeatabilityId = '0b1e6a5c-0000-4000-8000-000000000001';

describe('another request under the same id', () => {
  it.each([
    { what: 'for another target', change: { target: { path: '/subscriptions/00000000-0000-4000-8000-000000000002' } } },
    { what: 'by another method', change: { target: { method: 'HEAD' } } },
    { what: 'with another query', change: { target: { query: { $expand: 'all' } } } },
    { what: 'under another condition', change: { target: { headers: { 'if-match': '*' } } } },
    { what: 'with another reason', change: { justification: 'Because I can.' } },
  ])('is refused: $what', async ({ change }) => {
    const world = makeWorld();
    await world.submit(agent, readAccount({ repeatabilityId }));
    const before = [...world.effects];
    await expect(world.submit(agent, readAccount({ repeatabilityId, ...change }))).rejects.toMatchObject({
      code: 'RepeatabilityConflict',
      target: 'Repeatability-Request-ID',
    });
    expect(world.effects).toEqual(before);
  });

  it('is refused when only a body differs', async () => {
    const world = makeWorld();
    const put = (body: string) => readAccount({ repeatabilityId, target: { method: 'PUT', body: { properties: { password: body } } } });
    await world.submit(agent, put('one-password'));
    await expect(world.submit(agent, put('another-password'))).rejects.toMatchObject({ code: 'RepeatabilityConflict' });
  });
});

describe('the same request under the same id', () => {
  it('is the same operation, and nothing is announced, read or stored again', async () => {
    const world = makeWorld();
    standAccount(world);
    const first = await world.submit(agent, deleteAccount({ repeatabilityId }));
    const before = { effects: [...world.effects], reads: [...world.azure.reads] };
    expect(await world.submit(agent, deleteAccount({ repeatabilityId }))).toEqual(first);
    expect({ effects: world.effects, reads: world.azure.reads }).toEqual(before);
  });

  it('is the same however the request is spelt', async () => {
    const world = makeWorld();
    const first = await world.submit(agent, readAccount({ repeatabilityId }));
    const asked = readAccount().target;
    const path = 'path' in asked ? asked.path : '';
    const target = {
      method: 'get',
      path: path.replace('microsoft.storage/storageaccounts', 'Microsoft.Storage/storageAccounts'),
      body: {},
    };
    expect((await world.submit(agent, readAccount({ repeatabilityId, target }))).id).toBe(first.id);
  });

  it('answers with what became of it', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agent, readAccount({ repeatabilityId }));
    await makeMessageDelivery(world).deliverAll();
    expect(await world.submit(agent, readAccount({ repeatabilityId }))).toEqual(await operationOf(world, id));
    expect(world.azure.calls).toHaveLength(1);
  });

  it('is another operation for another agent', async () => {
    const world = makeWorld();
    const first = await world.submit(agent, readAccount({ repeatabilityId }));
    const second = await world.submit(agentCaller(otherAgent), readAccount({ repeatabilityId }));
    expect(second.id).not.toBe(first.id);
  });

  it('is one operation that runs once when it is sent twice at the same time', async () => {
    const world = makeWorld();
    const [first, second] = await Promise.all([
      world.submit(agent, readAccount({ repeatabilityId })),
      world.submit(agent, readAccount({ repeatabilityId })),
    ]);
    expect(second).toEqual(first);
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toHaveLength(1);
    expect(world.log.lines.filter((line) => line.startsWith('info: dropped a message whose commit lost to another'))).toHaveLength(3);
  });

  it('tells the loser of a race for the id that its request was another one', async () => {
    const world = makeWorld();
    const results = await Promise.allSettled([
      world.submit(agent, readAccount({ repeatabilityId })),
      world.submit(agent, readAccount({ repeatabilityId, justification: 'Another one.' })),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'RepeatabilityConflict' } });
    expect(world.effects.filter((effect) => effect.startsWith('commit'))).toHaveLength(1);
  });
});

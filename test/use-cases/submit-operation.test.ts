import { describe, expect, it } from 'vitest';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import {
  account,
  deleteAccount,
  kindsOf,
  operationOf,
  readAccount,
  resourceGroup,
  standAccount,
  storedOf,
  subscription,
} from '../support/scenarios.ts';
import { deny } from '../support/scripted-policies.ts';
import { makeWorld } from '../support/world.ts';

const agent = agentCaller(deployAgent);

describe('what cannot be understood', () => {
  it.each([
    [{ method: 'PURGE' }, 'target.method'],
    [{ path: '/subscriptions/not-a-guid' }, 'target.path'],
    [{ path: `${account}/../stother` }, 'target.path'],
    [{ apiVersion: 'latest' }, 'target.apiVersion'],
    [{ query: { 'api-version': '2024-01-01' } }, 'target.query.api-version'],
    [{ headers: { authorization: 'Bearer x' } }, 'target.headers.authorization'],
    [{ method: 'DELETE', body: { force: true } }, 'target.body'],
  ])('names the field of %j', async (target, field) => {
    const world = makeWorld();
    await expect(world.submit(agent, readAccount({ target }))).rejects.toMatchObject({ code: 'InvalidRequest', target: field });
    expect(world.effects).toEqual([]);
  });
});

describe('a read that is harmless wherever it goes', () => {
  it('is approved without anything of its target being read', async () => {
    const world = makeWorld();
    const operation = await world.submit(agent, readAccount());
    expect(operation).toMatchObject({ status: 'approved', executeBy: '2026-11-21T21:12:00.000Z' });
    expect(operation.assessment).toMatchObject({ level: 'low', environment: 'production' });
    expect(world.azure.reads).toEqual([]);
  });

  it('is announced for execution, with the deadline, before it is stored', async () => {
    const world = makeWorld();
    await world.submit(agent, readAccount());
    expect(world.effects).toEqual([
      'announce execute@3',
      'announce checkDeadline@3',
      'announce project@3',
      'commit submitted assessed decided',
    ]);
    expect(world.announcer.announced[1]?.notBefore).toBe('2026-11-21T21:12:00.000Z');
  });
});

describe('a deletion in production', () => {
  it('waits for approval, and is announced for it before it is stored', async () => {
    const world = makeWorld();
    standAccount(world);
    const operation = await world.submit(agent, deleteAccount());
    expect(operation).toMatchObject({
      status: 'awaitingApproval',
      expiresAt: '2026-11-22T00:12:00.000Z',
      assessment: { environment: 'production' },
    });
    expect(world.effects).toEqual([
      'announce requestApproval@3',
      'announce checkDeadline@3',
      'announce project@3',
      'commit submitted assessed decided',
    ]);
  });

  it('is judged by the target, its group and its subscription', async () => {
    const world = makeWorld();
    standAccount(world);
    await world.submit(agent, deleteAccount());
    expect(world.azure.reads).toEqual([account, `${subscription}/providers/microsoft.authorization/locks`, resourceGroup, subscription]);
  });

  it('names its commit in every message', async () => {
    const world = makeWorld();
    const { id, head } = await world.submit(agent, deleteAccount());
    for (const message of world.announcer.announced)
      expect(message).toMatchObject({ operationId: id, sequence: 3, commit: head.hash, attempt: 0 });
  });

  it('carries the trace of the request in every message', async () => {
    const world = makeWorld();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await world.submit(agent, deleteAccount({ traceparent }));
    expect(world.announcer.announced.map((message) => message.traceparent)).toEqual([traceparent, traceparent, traceparent]);
  });
});

describe('what a policy denies', () => {
  it('is stored as denied with the advice, and announced to be listed and nothing else', async () => {
    const world = makeWorld();
    world.policies.script('risky', deny('Nobody deletes the shop.'));
    standAccount(world);
    const operation = await world.submit(agent, deleteAccount());
    expect(operation).toMatchObject({ status: 'denied', detail: 'Nobody deletes the shop.' });
    expect(world.effects).toEqual(['announce project@3', 'commit submitted assessed decided']);
  });
});

describe('secrets', () => {
  const sas = 'https://x.blob.core.windows.net/?sv=2024&sig=AAAAAAAAAAAAAAAAAAAAAAAAAAAA';

  it('in the justification, the query and the headers reach no event', async () => {
    const world = makeWorld();
    const target = { query: { $skiptoken: 'page-2', $filter: sas }, headers: { 'if-match': `"${sas}"` } };
    const { id } = await world.submit(agent, readAccount({ justification: `Use ${sas}`, target }));
    const { operation, events } = await storedOf(world, id);
    const shown = 'https://x.blob.core.windows.net/?sv=2024&sig=«masked 1»';
    expect(operation.justification).toBe(`Use ${shown}`);
    expect(operation.target).toMatchObject({ query: { $skiptoken: 'page-2', $filter: shown }, headers: { 'if-match': `"${shown}"` } });
    expect(JSON.stringify(events)).not.toMatch(/AAAA/);
  });

  it('in the body are in the sealed request only', async () => {
    const world = makeWorld();
    const target = { method: 'PUT', body: { properties: { adminPassword: 'hunter2-hunter2' } } };
    const { id } = await world.submit(agent, readAccount({ target }));
    expect(JSON.stringify((await storedOf(world, id)).events)).not.toContain('hunter2');
    expect(await world.store.readDocument(id, 'request')).toMatchObject({
      request: { target: { body: { properties: { adminPassword: 'hunter2-hunter2' } } } },
    });
  });

  it('cannot be guessed from the digest, which is another one for the same request', async () => {
    const world = makeWorld();
    const first = await world.submit(agent, readAccount());
    const second = await world.submit(agent, readAccount());
    expect(second.id).not.toBe(first.id);
    expect(second.digest).not.toBe(first.digest);
    expect(second.requestMac).toBe(first.requestMac);
  });
});

describe('where something is away', () => {
  it('stores nothing when the queues cannot be reached', async () => {
    const world = makeWorld();
    world.announcer.failNext();
    await expect(world.submit(agent, deleteAccount())).rejects.toMatchObject({ name: 'AnnounceError' });
    expect(world.effects).toEqual([]);
  });

  it('tells the caller when the tables cannot be reached, and the messages find nothing and are dropped', async () => {
    const world = makeWorld();
    world.store.failNext('before');
    await expect(world.submit(agent, deleteAccount())).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
    await makeMessageDelivery(world).deliverAll();
    expect(world.effects.filter((effect) => effect.startsWith('commit') || effect.startsWith('post'))).toEqual([]);
    expect(world.log.lines.filter((line) => line.startsWith('warn: dropped a message whose commit never came'))).toHaveLength(3);
  });

  it('runs what was committed although the caller was told that it failed', async () => {
    const world = makeWorld();
    world.store.failNext('after');
    await expect(world.submit(agent, readAccount({ repeatabilityId: 'r-1' }))).rejects.toMatchObject({ code: 'unreachable' });
    await makeMessageDelivery(world).deliverAll();
    const again = await world.submit(agent, readAccount({ repeatabilityId: 'r-1' }));
    expect(again.status).toBe('succeeded');
    expect(world.azure.calls).toHaveLength(1);
  });

  it('refuses while the owner of the agent cannot be looked up', async () => {
    const world = makeWorld();
    world.directory.setAway(true);
    await expect(world.submit(agent, readAccount())).rejects.toMatchObject({ code: 'Unavailable', retryAfterSeconds: 10 });
    expect(world.effects).toEqual([]);
  });
});

describe('a target that cannot be read', () => {
  it('counts as production', async () => {
    const world = makeWorld();
    world.azure.setUnreadable(account, 'The reader has no right.');
    const operation = await world.submit(agent, deleteAccount());
    expect(operation.assessment).toMatchObject({ environment: 'production' });
  });

  it('is not production only where a tag says so', async () => {
    const world = makeWorld();
    world.azure.set(account, { tags: { environment: 'dev' } });
    const operation = await world.submit(agent, deleteAccount());
    expect(operation.assessment).toMatchObject({ environment: 'nonProduction' });
  });
});

it('records who asked for what, in the order in which it was found out', async () => {
  const world = makeWorld();
  const { id } = await world.submit(agent, deleteAccount({ clientRequestId: 'build-17' }));
  expect(await kindsOf(world, id)).toEqual(['submitted', 'assessed', 'decided']);
  const [submitted] = (await storedOf(world, id)).events;
  expect(submitted).toMatchObject({
    actor: { kind: 'agent', id: deployAgent.objectId, name: 'deploy-agent' },
    at: '2026-11-21T20:12:00.000Z',
    detail: { action: 'microsoft.storage/storageaccounts/delete', clientRequestId: 'build-17', ownerId: deployAgent.ownerId },
  });
  expect((await operationOf(world, id)).agent).toMatchObject({ id: deployAgent.objectId, issuer: agent.issuer });
});

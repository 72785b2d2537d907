import { describe, expect, it } from 'vitest';
import { actionOf } from '../../shared/domain/action.ts';
import { parseArmRequest, type UncheckedArmRequest } from '../../shared/domain/arm-request.ts';
import { instant } from '../../shared/domain/instant.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import { readTarget } from '../../shared/use-cases/read-target.ts';
import { makeInMemoryAzure } from '../support/in-memory-azure.ts';
import { makeLiteralClock } from '../support/literal-clock.ts';

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
const group = `${subscription}/resourceGroups/rg`;
const server = `${group}/providers/microsoft.sql/servers/s`;
const database = `${server}/databases/d`;
const locks = `${subscription}/providers/microsoft.authorization/locks`;

async function factsOf(
  states: Readonly<Record<string, JsonValue>>,
  asked: Partial<UncheckedArmRequest>,
  unreadable: readonly string[] = [],
) {
  const azure = makeInMemoryAzure();
  for (const [path, body] of Object.entries({ [subscription]: {}, [group]: {}, ...states })) azure.set(path, body);
  for (const path of unreadable) azure.setUnreadable(path, 'forbidden');
  const parsed = parseArmRequest({
    method: 'DELETE',
    path: database,
    apiVersion: '2024-01-01',
    query: {},
    headers: {},
    body: undefined,
    ...asked,
  });
  const clock = makeLiteralClock(instant('2026-11-21T20:12:00.000Z'));
  const { facts } = await readTarget({ reader: azure.reader, clock }, parsed, actionOf(parsed.request.method, parsed.path));
  return { facts, reads: azure.reads };
}

const lock = (scope: string, level: string) => ({ id: `${scope}/providers/Microsoft.Authorization/locks/l`, properties: { level } });

describe('what is read before a call is judged', () => {
  it('is nothing, where the call is harmless whatever it addresses', async () => {
    expect((await factsOf({}, { method: 'GET' })).reads).toEqual([]);
  });

  it('is the target, what holds it, its locks, its group and its subscription', async () => {
    const { reads } = await factsOf({}, {});
    expect(reads).toEqual([database, `${server.toLowerCase()}/providers/microsoft.resources/tags/default`, locks, group, subscription]);
  });

  it('is what a group holds, where the group is deleted', async () => {
    expect((await factsOf({}, { path: group })).reads).toEqual([group, locks, `${group}/resources`, subscription]);
  });
});

describe('the state of the target', () => {
  it('is a fact where it could be read, and only there', async () => {
    const state = { tags: {}, properties: { status: 'Online' } };
    expect((await factsOf({ [database]: state }, {})).facts).toMatchObject({ existence: 'present', current: state });
    expect((await factsOf({}, {})).facts).toMatchObject({ existence: 'absent' });
    expect(Object.hasOwn((await factsOf({}, {})).facts, 'current')).toBe(false);
    expect(Object.hasOwn((await factsOf({}, {}, [database])).facts, 'current')).toBe(false);
  });
});

describe('the tags', () => {
  it('are those of what holds the target, too: a database is where its server is', async () => {
    const tags = { properties: { tags: { environment: 'prod' } } };
    const { facts } = await factsOf({ [`${server}/providers/microsoft.resources/tags/default`]: tags }, {});
    expect(facts.scopes).toEqual([
      { scope: database.toLowerCase(), tags: {} },
      { scope: server.toLowerCase(), tags: { environment: 'prod' } },
      { scope: group.toLowerCase(), tags: {} },
      { scope: subscription, tags: {} },
    ]);
  });

  it('of what holds the target are unknown where they could not be read', async () => {
    const { facts } = await factsOf({}, {}, [`${server}/providers/microsoft.resources/tags/default`]);
    expect(facts.scopes[1]).toEqual({ scope: server.toLowerCase(), tags: undefined });
  });

  it('of what can have none are none, though nobody can GET it', async () => {
    const settings = `${group}/providers/microsoft.web/sites/app/config/appsettings`;
    const { facts } = await factsOf({}, { method: 'PUT', path: settings, body: {} }, [settings]);
    expect(facts.scopes[0]).toEqual({ scope: settings.toLowerCase(), tags: {} });
  });
});

describe('the locks', () => {
  it('are those on the target, on what holds it and on what it holds', async () => {
    const value = [
      lock(database, 'CanNotDelete'),
      lock(group, 'ReadOnly'),
      lock(subscription, 'CanNotDelete'),
      lock(`${database}/x/y`, 'CanNotDelete'),
    ];
    const { facts } = await factsOf({ [locks]: { value } }, {});
    expect(facts.locks?.map(({ level }) => level)).toEqual(['CanNotDelete', 'ReadOnly', 'CanNotDelete', 'CanNotDelete']);
  });

  it('are not those beside it, or on what only begins alike', async () => {
    const value = [lock(`${server}/databases/other`, 'CanNotDelete'), lock(`${database}2`, 'CanNotDelete'), lock(`${group}2`, 'ReadOnly')];
    expect((await factsOf({ [locks]: { value } }, {})).facts.locks).toEqual([]);
  });

  it('are all of the subscription for a template, which may write anywhere in it', async () => {
    const value = [lock(database, 'CanNotDelete'), lock(`${group}2`, 'ReadOnly')];
    const release = `${group}/providers/Microsoft.Resources/deployments/release`;
    const { facts } = await factsOf({ [locks]: { value } }, { method: 'PUT', path: release, body: { properties: {} } });
    expect(facts.locks?.map(({ level }) => level)).toEqual(['CanNotDelete', 'ReadOnly']);
  });

  it('are unknown where they could not be read', async () => {
    expect(Object.hasOwn((await factsOf({}, {}, [locks])).facts, 'locks')).toBe(false);
  });
});

describe('what a group holds', () => {
  const list = (...resources: readonly JsonValue[]) => ({ [`${group}/resources`]: { value: resources } });
  const resource = { id: `${group}/providers/Microsoft.Sql/servers/My Server`, tags: { env: 'prod' } };

  it('is listed with its tags, by ids as canonical paths have them', async () => {
    const { facts } = await factsOf(list(resource), { path: group });
    expect(facts.contents).toEqual([{ id: `${group.toLowerCase()}/providers/microsoft.sql/servers/my%20server`, tags: { env: 'prod' } }]);
  });

  it('is unknown where the list goes on, since then it is not the whole', async () => {
    const { facts } = await factsOf({ [`${group}/resources`]: { value: [resource], nextLink: 'https://x' } }, { path: group });
    expect(Object.hasOwn(facts, 'contents')).toBe(false);
  });
});

describe('what a template would write', () => {
  const body = {
    properties: {
      mode: 'Incremental',
      template: {
        $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
        contentVersion: '1.0.0.0',
        resources: Array.from({ length: 60 }, (_, index) => ({
          type: 'Microsoft.Network/virtualNetworks',
          apiVersion: '2024-05-01',
          name: `V${index}`,
          properties: {},
        })),
      },
    },
  };
  const network = `${group}/providers/microsoft.network/virtualnetworks/v0`;

  it('is read as it is, and no more than fifty of it', async () => {
    const state = { tags: { owner: 'x' }, properties: { subnets: [{ name: 'a' }] } };
    const { facts } = await factsOf(
      { [network]: state },
      { method: 'PUT', path: `${group}/providers/Microsoft.Resources/deployments/d`, body },
    );
    expect(facts.carried).toHaveLength(50);
    expect(facts.carried?.[0]).toEqual({ id: network.toLowerCase(), existence: 'present', current: state, tags: { owner: 'x' } });
    expect(facts.carried?.[1]).toMatchObject({ existence: 'absent', current: undefined, tags: {} });
  });
});

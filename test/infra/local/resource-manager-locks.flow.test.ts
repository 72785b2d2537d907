import { describe, expect, it } from 'vitest';
import {
  at,
  computeVersion,
  devAccount,
  devGroup,
  devMachine,
  names,
  outcome,
  refusal,
  resourcesVersion,
  storageVersion,
  subscription,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();
const lockAt = (scope: string) => at(`${scope}/providers/Microsoft.Authorization/locks/keep`, '2020-05-01');
const lock = (scope: string, level: string) => arm.send('PUT', lockAt(scope), { body: { properties: { level, notes: 'Ask first.' } } });
const account = at(devAccount, storageVersion);
const machine = at(devMachine, computeVersion);
const group = at(devGroup, resourcesVersion);
const body = { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } };

describe('a lock', () => {
  it.each([['Sometimes'], [undefined]])('is refused with the level %s', async (level) => {
    expect(outcome(await arm.send('PUT', lockAt(devGroup), { body: { properties: { level } } }))).toEqual(
      refusal(400, 'InvalidRequestContent'),
    );
  });

  it.each([
    ['the subscription', subscription],
    ['the group', devGroup],
    ['the resource', devAccount],
  ])('at %s keeps a resource from being deleted, in the words of Azure', async (_, scope) => {
    await lock(scope, 'CanNotDelete');
    const message = `The scope '${devAccount}' cannot perform delete operation because following scope(s) are locked: '${scope}'. Please remove the lock and try again.`;
    expect(outcome(await arm.send('DELETE', account))).toEqual({ status: 409, body: { error: { code: 'ScopeLocked', message } } });
    expect((await arm.send('GET', account)).status).toBe(200);
  });

  it('on a resource keeps its group from being deleted', async () => {
    await lock(devAccount, 'CanNotDelete');
    expect(outcome(await arm.send('DELETE', group))).toEqual(refusal(409, 'ScopeLocked'));
  });

  it('on one resource leaves the others alone', async () => {
    await lock(devAccount, 'ReadOnly');
    expect((await arm.send('DELETE', machine)).status).toBe(202);
  });

  it('that forbids only to delete lets everything else be done', async () => {
    await lock(devGroup, 'CanNotDelete');
    const statuses = [
      (await arm.send('PUT', account, { body })).status,
      (await arm.send('POST', at(`${devAccount}/listKeys`, storageVersion))).status,
      (await arm.send('POST', at(`${devMachine}/restart`, computeVersion))).status,
    ];
    expect(statuses).toEqual([200, 200, 202]);
  });

  it.each([
    ['PUT', account, { body }],
    ['PATCH', account, { body: { tags: { a: '1' } } }],
    ['DELETE', account, {}],
    ['POST', at(`${devAccount}/listKeys`, storageVersion), {}],
    ['POST', at(`${devMachine}/restart`, computeVersion), {}],
    ['PUT', group, { body: { location: 'westeurope' } }],
    ['PUT', at(`${devAccount}/providers/Microsoft.Resources/tags/default`, resourcesVersion), { body: { properties: { tags: {} } } }],
  ])('that lets only read refuses %s %s', async (method, path, sent) => {
    await lock(devGroup, 'ReadOnly');
    expect(outcome(await arm.send(method, path, sent))).toEqual(refusal(409, 'ScopeLocked'));
  });

  it('can be seen, listed and removed, though it locks what it lies on', async () => {
    await lock(devGroup, 'ReadOnly');
    const seen = await arm.send('GET', lockAt(devGroup), { token: arm.readerToken() });
    const listed = await arm.send('GET', at(`${devGroup}/providers/Microsoft.Authorization/locks`, '2020-05-01'));
    expect([seen.body, names(listed.body)]).toMatchObject([{ properties: { level: 'ReadOnly', notes: 'Ask first.' } }, ['keep']]);
    expect((await arm.send('DELETE', lockAt(devGroup))).status).toBe(200);
    expect((await arm.send('DELETE', account)).status).toBe(200);
  });

  it('goes with what it lies on', async () => {
    await lock(devAccount, 'NotSpecified');
    await arm.send('DELETE', account);
    expect((await arm.send('GET', lockAt(devAccount))).status).toBe(404);
  });
});

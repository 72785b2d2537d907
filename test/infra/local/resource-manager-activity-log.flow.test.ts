import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  at,
  computeVersion,
  devAccount,
  devGroup,
  devMachine,
  operatorObjectId,
  outcome,
  prodGroup,
  refusal,
  storageVersion,
  subscription,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();
const address = (filter: string, more = '') =>
  `${subscription}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter=${encodeURIComponent(filter)}${more}`;
const since = () => `eventTimestamp ge '${new Date(arm.now() - 60_000).toISOString()}'`;
const list = async (filter: string, more = '') => {
  const { body } = await arm.send('GET', address(`${since()}${filter}`, more), { token: arm.readerToken() });
  return z.object({ value: z.array(z.record(z.string(), z.unknown())) }).parse(body).value;
};
const named = z.object({ value: z.string() });
const statuses = async (filter = '') =>
  (await list(filter)).map(({ operationName, status }) => `${named.parse(operationName).value} ${named.parse(status).value}`);

describe('the activity log', () => {
  it.each([
    ['no filter', ''],
    ['no begin', "resourceGroupName eq 'rg-dev'"],
    ['an unknown field', "eventTimestamp ge '2026-01-01T00:00:00Z' and caller eq 'somebody'"],
    ['a time that is none', "eventTimestamp ge 'yesterday'"],
    ['another comparison', "eventTimestamp gt '2026-01-01T00:00:00Z'"],
  ])('refuses %s', async (_, filter) => {
    expect(outcome(await arm.send('GET', address(filter)))).toEqual(refusal(400, 'BadRequest'));
  });

  it('has nothing of reads', async () => {
    await arm.send('GET', at(devAccount, storageVersion));
    expect(await statuses()).toEqual([]);
  });

  it.each(['throttle', 'unavailable', 'resetBeforeEffect'] as const)('has nothing of a request that met %s', async (name) => {
    arm.manager().faults.inject({ name });
    await arm.send('DELETE', at(devAccount, storageVersion)).catch(() => undefined);
    expect(await statuses()).toEqual([]);
  });

  it('has a request whose answer was lost', async () => {
    arm.manager().faults.inject({ name: 'resetAfterEffect' });
    await expect(arm.send('DELETE', at(devAccount, storageVersion))).rejects.toThrow();
    expect(await statuses()).toEqual([
      'Microsoft.Storage/storageAccounts/delete Succeeded',
      'Microsoft.Storage/storageAccounts/delete Started',
    ]);
  });

  it('says who did what, by which request', async () => {
    const headers = { 'x-ms-client-request-id': 'op-1', 'x-ms-correlation-request-id': 'corr-1' };
    await arm.send('DELETE', at(devAccount, storageVersion), { headers });
    const [ended] = await list('');
    expect(ended).toMatchObject({
      caller: operatorObjectId,
      correlationId: 'corr-1',
      eventTimestamp: new Date(arm.now()).toISOString(),
      httpRequest: { clientRequestId: 'op-1', method: 'DELETE' },
      operationName: { value: 'Microsoft.Storage/storageAccounts/delete' },
      resourceGroupName: 'rg-dev',
      resourceId: devAccount,
      resourceProviderName: { value: 'Microsoft.Storage' },
      status: { value: 'Succeeded' },
      subStatus: { value: 'OK', localizedValue: 'OK (HTTP Status Code: 200)' },
    });
  });

  it('follows a long-running operation, whose end knows the operation and not the request', async () => {
    await arm.send('POST', at(`${devMachine}/restart`, computeVersion), { headers: { 'x-ms-client-request-id': 'op-1' } });
    const running = await statuses();
    arm.advance(1000);
    const [last, accepted] = await list('');
    expect([running, last?.['status'], last?.['httpRequest'], last?.['operationId']]).toEqual([
      ['Microsoft.Compute/virtualMachines/restart/action Accepted', 'Microsoft.Compute/virtualMachines/restart/action Started'],
      { value: 'Succeeded', localizedValue: 'Succeeded' },
      undefined,
      accepted?.['operationId'],
    ]);
  });

  it('says that an operation failed, and why', async () => {
    arm.manager().faults.inject({ name: 'failLongRunning', code: 'AllocationFailed', message: 'There is no capacity.' });
    await arm.send('DELETE', at(devMachine, computeVersion));
    arm.advance(1000);
    const [last] = await list('');
    const statusMessage = '{"error":{"code":"AllocationFailed","message":"There is no capacity."}}';
    expect(last).toMatchObject({ level: 'Error', status: { value: 'Failed' }, properties: { statusMessage } });
  });

  it('says that a request was refused', async () => {
    await arm.send('DELETE', at(devAccount, storageVersion), { token: arm.readerToken() });
    expect(await list('')).toMatchObject([
      { status: { value: 'Failed' }, subStatus: { value: 'Forbidden' } },
      { status: { value: 'Started' } },
    ]);
  });

  it.each([
    [` and resourceUri eq '${devMachine.toUpperCase()}'`, 'Microsoft.Compute/virtualMachines'],
    [" and resourceProvider eq 'microsoft.storage'", 'Microsoft.Storage/storageAccounts'],
    [" and correlationId eq 'corr-1'", 'Microsoft.Storage/storageAccounts'],
    [" and resourceGroupName eq 'RG-prod'", 'Microsoft.Resources/subscriptions/resourceGroups'],
  ])('can be asked about%s', async (filter, type) => {
    await arm.send('DELETE', at(devMachine, computeVersion));
    await arm.send('DELETE', at(devAccount, storageVersion), { headers: { 'x-ms-correlation-request-id': 'corr-1' } });
    await arm.send('DELETE', at(prodGroup, '2025-04-01'));
    const types = (await list(filter)).map(({ resourceType }) => named.parse(resourceType).value);
    expect(types).toEqual([type, type]);
  });

  it('can be asked about a name with an apostrophe, which is written twice', async () => {
    const id = `${devGroup}/providers/Contoso.Things/things/it's`;
    await arm.send('PUT', at(id, '2024-01-01'), { body: { location: 'westeurope' } });
    expect(await statuses(` and resourceUri eq '${id.replace("'", "''")}'`)).toHaveLength(2);
  });

  it('shows the fields that were selected', async () => {
    await arm.send('DELETE', at(devAccount, storageVersion));
    expect((await list('', '&$select=status,resourceId')).map((event) => Object.keys(event))).toEqual([
      ['resourceId', 'status'],
      ['resourceId', 'status'],
    ]);
  });

  it('comes late', async () => {
    await arm.restart({ activityLogDelayMs: 5000 });
    await arm.send('DELETE', at(devAccount, storageVersion));
    arm.advance(4999);
    const before = await statuses();
    arm.advance(1);
    expect([before.length, (await statuses()).length]).toEqual([0, 2]);
  });
});

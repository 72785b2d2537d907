import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  at,
  computeVersion,
  devAccount,
  devGroup,
  devMachine,
  outcome,
  refusal,
  storageVersion,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();
const namespace = at(`${devGroup}/providers/Microsoft.ServiceBus/namespaces/sb-new`, '2024-01-01');
const network = at(`${devGroup}/providers/Microsoft.Network/virtualNetworks/vnet-new`, '2024-07-01');
const database = at(`${devGroup}/providers/Microsoft.Sql/servers/sql-dev-1/databases/orders`, '2023-08-01');
const machine = at(devMachine, computeVersion);
const body = { location: 'westeurope', properties: {} };

const pollingOf = ({ headers }: { readonly headers: Headers }) => ({
  asyncOperation: headers.has('azure-asyncoperation'),
  location: headers.has('location'),
  retryAfter: headers.get('retry-after'),
});
const stateOf = async (address: string) => {
  const received = await arm.send('GET', address);
  return z.object({ properties: z.object({ provisioningState: z.string() }) }).parse(received.body).properties.provisioningState;
};

describe('a write that takes its time', () => {
  it('is followed by Azure-AsyncOperation alone', async () => {
    const created = await arm.send('PUT', network, { body });
    expect([created.status, pollingOf(created)]).toEqual([201, { asyncOperation: true, location: false, retryAfter: '1' }]);
    arm.advance(1000);
    expect((await arm.send('GET', created.headers.get('azure-asyncoperation') ?? '')).body).toMatchObject({ status: 'Succeeded' });
  });

  it('is followed by Location alone, which gives the resource in the end', async () => {
    const created = await arm.send('PUT', database, { body });
    expect([outcome(created), pollingOf(created)]).toEqual([
      { status: 202, body: undefined },
      { asyncOperation: false, location: true, retryAfter: '1' },
    ]);
    const result = created.headers.get('location') ?? '';
    expect((await arm.send('GET', result)).status).toBe(202);
    arm.advance(1000);
    expect(await arm.send('GET', result)).toMatchObject({
      status: 200,
      body: { name: 'orders', properties: { provisioningState: 'Succeeded' } },
    });
  });

  it('is followed by the provisioningState of the resource alone', async () => {
    const created = await arm.send('PUT', namespace, { body });
    expect([created.status, pollingOf(created), await stateOf(namespace)]).toEqual([
      201,
      { asyncOperation: false, location: false, retryAfter: null },
      'Creating',
    ]);
    arm.advance(1000);
    const states = [await stateOf(namespace)];
    expect((await arm.send('PUT', namespace, { body: { ...body, tags: { a: '1' } } })).status).toBe(200);
    states.push(await stateOf(namespace));
    expect(states).toEqual(['Succeeded', 'Updating']);
  });

  it('fails in its provisioningState', async () => {
    arm.manager().faults.inject({ name: 'failLongRunning' });
    await arm.send('PUT', namespace, { body });
    arm.advance(1000);
    expect(await stateOf(namespace)).toBe('Failed');
  });
});

describe('a deletion that takes its time', () => {
  it('ends with 204 where Location alone leads to it', async () => {
    await arm.send('PUT', namespace, { body });
    arm.advance(1000);
    const accepted = await arm.send('DELETE', namespace);
    expect([accepted.status, pollingOf(accepted)]).toEqual([202, { asyncOperation: false, location: true, retryAfter: '1' }]);
    arm.advance(1000);
    expect((await arm.send('GET', accepted.headers.get('location') ?? '')).status).toBe(204);
    expect((await arm.send('GET', namespace)).status).toBe(404);
  });

  it('cannot be asked about any more once it is forgotten, and goes on', async () => {
    arm.manager().faults.inject({ name: 'forgetOperation' });
    const { headers } = await arm.send('DELETE', machine);
    const asked = await arm.send('GET', headers.get('azure-asyncoperation') ?? '');
    arm.advance(1000);
    expect([outcome(asked), (await arm.send('GET', machine)).status]).toEqual([refusal(404, 'NotFound'), 404]);
  });
});

describe('a deletion at once', () => {
  it.each([
    ['atOnce', 200],
    ['noContent', 204],
  ] as const)('of the style %s answers %i, and 204 without an effect the second time', async (style, status) => {
    await arm.restart({ longRunning: { types: { 'Microsoft.Storage/storageAccounts': { delete: style } } } });
    const statuses = [(await arm.send('DELETE', at(devAccount, storageVersion))).status];
    statuses.push((await arm.send('DELETE', at(devAccount, storageVersion))).status);
    const effects = arm.manager().requests();
    expect([statuses, effects.map(({ effect }) => effect?.kind)]).toEqual([
      [status, 204],
      ['delete', undefined],
    ]);
  });
});

describe('an action', () => {
  const body = { commandId: 'RunShellScript', script: ['uptime'] };

  it.each([
    ['asyncOperation', 'restart', 202, { asyncOperation: true, location: false, retryAfter: '1' }],
    ['location', 'restart', 202, { asyncOperation: false, location: true, retryAfter: '1' }],
    ['atOnce', 'restart', 204, { asyncOperation: false, location: false, retryAfter: null }],
    ['noContent', 'runCommand', 204, { asyncOperation: false, location: false, retryAfter: null }],
    ['atOnce', 'runCommand', 200, { asyncOperation: false, location: false, retryAfter: null }],
  ] as const)('of the style %s: %s', async (action, name, status, polling) => {
    await arm.restart({ longRunning: { types: { 'Microsoft.Compute/virtualMachines': { action } } } });
    const received = await arm.send('POST', at(`${devMachine}/${name}`, computeVersion), { body });
    expect([received.status, pollingOf(received)]).toEqual([status, polling]);
    expect(arm.manager().requests()[0]?.effect).toEqual({ kind: 'action', resourceId: devMachine });
  });
});

describe('the pace', () => {
  it('can be a number of polls', async () => {
    await arm.restart({ longRunning: { durationMs: 0, steps: 2, retryAfterSeconds: 0 } });
    const { headers } = await arm.send('DELETE', machine);
    const status = headers.get('azure-asyncoperation') ?? '';
    const polls = [await arm.send('GET', status), await arm.send('GET', status), await arm.send('GET', status)];
    expect([headers.get('retry-after'), ...polls.map((poll) => z.object({ status: z.string() }).parse(poll.body).status)]).toEqual([
      '0',
      'InProgress',
      'InProgress',
      'Succeeded',
    ]);
  });

  it('can be a number of reads, where only the provisioningState tells', async () => {
    await arm.restart({ longRunning: { durationMs: 0, steps: 1 } });
    await arm.send('PUT', namespace, { body });
    expect([await stateOf(namespace), await stateOf(namespace)]).toEqual(['Creating', 'Succeeded']);
  });

  it('can be none', async () => {
    await arm.restart({ longRunning: { durationMs: 0 } });
    await arm.send('DELETE', machine);
    expect((await arm.send('GET', machine)).status).toBe(404);
  });

  it('can be that of another style', async () => {
    const types = { 'microsoft.storage/storageaccounts': { delete: 'asyncOperation' } } as const;
    await arm.restart({ longRunning: { types } });
    const accepted = await arm.send('DELETE', at(devAccount, storageVersion));
    expect([accepted.status, pollingOf(accepted)]).toEqual([202, { asyncOperation: true, location: false, retryAfter: '1' }]);
  });
});

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
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

describe('long-running operations', () => {
  const machine = at(devMachine, computeVersion);
  const powerState = async () => {
    const { body } = await arm.send('GET', at(`${devMachine}/instanceView`, computeVersion));
    return z.object({ statuses: z.array(z.object({ code: z.string() })) }).parse(body).statuses[1]?.code;
  };
  const provisioningState = async () =>
    z.object({ properties: z.object({ provisioningState: z.string() }) }).parse((await arm.send('GET', machine)).body).properties
      .provisioningState;

  it('delete a machine only when their time has come', async () => {
    const accepted = await arm.send('DELETE', machine);
    const { headers } = accepted;
    expect([accepted.status, headers.get('retry-after'), await provisioningState()]).toEqual([202, '1', 'Deleting']);

    const status = headers.get('azure-asyncoperation') ?? '';
    const result = headers.get('location') ?? '';
    expect(await arm.send('GET', status)).toMatchObject({ status: 200, body: { status: 'InProgress' } });
    expect((await arm.send('GET', result)).status).toBe(202);

    arm.advance(1000);
    expect(await arm.send('GET', status)).toMatchObject({ status: 200, body: { status: 'Succeeded' } });
    expect((await arm.send('GET', result)).status).toBe(200);
    expect((await arm.send('GET', machine)).status).toBe(404);
  });

  it('are joined by a second delete, which has no effect of its own', async () => {
    const first = await arm.send('DELETE', machine);
    const second = await arm.send('DELETE', machine);
    expect(second.headers.get('azure-asyncoperation')).toBe(first.headers.get('azure-asyncoperation'));
    expect(
      arm
        .manager()
        .requests()
        .map(({ effect }) => effect),
    ).toEqual([{ kind: 'delete', resourceId: devMachine }, null]);
  });

  it('let nothing else be done to a machine that is being deleted', async () => {
    await arm.send('DELETE', machine);
    expect(outcome(await arm.send('POST', at(`${devMachine}/restart`, computeVersion)))).toEqual(refusal(409, 'OperationNotAllowed'));
    expect(outcome(await arm.send('PUT', machine, { body: { location: 'westeurope' } }))).toEqual(refusal(409, 'OperationNotAllowed'));
  });

  it('survive a restart, and end though nothing ran when they fell due', async () => {
    const accepted = await arm.send('DELETE', machine);
    const status = new URL(accepted.headers.get('azure-asyncoperation') ?? '');
    arm.advance(5000);
    await arm.restart();
    expect(await arm.send('GET', `${status.pathname}${status.search}`)).toMatchObject({ body: { status: 'Succeeded' } });
    expect((await arm.send('GET', machine)).status).toBe(404);
  });

  it('deallocate and start a machine', async () => {
    expect((await arm.send('POST', at(`${devMachine}/deallocate`, computeVersion))).status).toBe(202);
    const states = [await powerState()];
    arm.advance(1000);
    states.push(await powerState());
    expect(outcome(await arm.send('POST', at(`${devMachine}/restart`, computeVersion)))).toEqual(refusal(409, 'OperationNotAllowed'));
    await arm.send('POST', at(`${devMachine}/start`, computeVersion));
    arm.advance(1000);
    states.push(await powerState());
    expect(states).toEqual(['PowerState/deallocating', 'PowerState/deallocated', 'PowerState/running']);
  });

  it('run a command and give its output', async () => {
    const body = { commandId: 'RunShellScript', script: ['uptime'] };
    const accepted = await arm.send('POST', at(`${devMachine}/runCommand`, computeVersion), { body });
    arm.advance(1000);
    const result = await arm.send('GET', accepted.headers.get('location') ?? '');
    expect([accepted.status, result.body]).toEqual([
      202,
      {
        value: [
          expect.objectContaining({ code: 'ComponentStatus/StdOut/succeeded' }),
          expect.objectContaining({ code: 'ComponentStatus/StdErr/succeeded' }),
        ],
      },
    ]);
  });

  it('refuse a command of an unknown kind', async () => {
    const body = { commandId: 'RunAnything', script: [] };
    const received = await arm.send('POST', at(`${devMachine}/runCommand`, computeVersion), { body });
    expect(outcome(received)).toEqual(refusal(400, 'InvalidRequestContent'));
  });

  it('create and update a machine', async () => {
    const id = at(`${devGroup}/providers/Microsoft.Compute/virtualMachines/vm-new`, computeVersion);
    const created = await arm.send('PUT', id, { body: { location: 'westeurope' } });
    expect(created).toMatchObject({ status: 201, body: { properties: { provisioningState: 'Creating' } } });
    expect(created.headers.get('azure-asyncoperation')).toMatch(/\/operations\//);
    arm.advance(1000);
    expect((await arm.send('GET', id)).body).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
    expect(await arm.send('PATCH', id, { body: { tags: { a: '1' } } })).toMatchObject({
      status: 200,
      body: { properties: { provisioningState: 'Updating' } },
    });
  });

  it('delete a group with all that is in it, which takes no write meanwhile', async () => {
    const accepted = await arm.send('DELETE', at(devGroup, resourcesVersion));
    const refused = await arm.send('DELETE', at(devAccount, storageVersion));
    expect([accepted.status, outcome(refused)]).toEqual([202, refusal(409, 'ResourceGroupBeingDeleted')]);

    arm.advance(1000);
    const statuses = [await arm.send('GET', at(devGroup, resourcesVersion)), await arm.send('GET', accepted.headers.get('location') ?? '')];
    expect(statuses.map(({ status }) => status)).toEqual([404, 200]);
    expect(names((await arm.send('GET', at(`${subscription}/resources`, resourcesVersion))).body)).not.toContain('stdevdata');

    const body = { location: 'westeurope' };
    expect((await arm.send('PUT', at(devGroup, resourcesVersion), { body })).status).toBe(201);
    expect((await arm.send('GET', at(devAccount, storageVersion))).status).toBe(404);
  });

  it('fail where their resource went first', async () => {
    const restarting = await arm.send('POST', at(`${devMachine}/restart`, computeVersion));
    const status = new URL(restarting.headers.get('azure-asyncoperation') ?? '');
    await arm.restart({ longRunning: { durationMs: 100 } });
    await arm.send('DELETE', at(devGroup, resourcesVersion));
    arm.advance(100);
    const received = await arm.send('GET', `${status.pathname}${status.search}`);
    expect(received.body).toMatchObject({ status: 'Failed', error: { code: 'ResourceNotFound' } });
  });

  it('cannot be asked about under another id', async () => {
    const path = `${subscription}/operationresults/77777777-7777-4777-8777-000000000001`;
    expect(outcome(await arm.send('GET', at(path, resourcesVersion)))).toEqual(refusal(404, 'NotFound'));
  });
});

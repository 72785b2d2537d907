import { describe, expect, it } from 'vitest';
import {
  at,
  computeVersion,
  devAccount,
  devGroup,
  devMachine,
  outcome,
  prodGroup,
  refusal,
  resourcesVersion,
  storageVersion,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();
const moved = `${prodGroup}/providers/Microsoft.Storage/storageAccounts/stdevdata`;
const move = (resources: readonly string[], to = prodGroup, action = 'moveResources') =>
  arm.send('POST', at(`${devGroup}/${action}`, resourcesVersion), { body: { resources, targetResourceGroup: to } });

describe('moving resources', () => {
  it.each([
    ['nothing', [], prodGroup, 400, 'InvalidRequestContent'],
    ['what is in another group', [moved], prodGroup, 404, 'ResourceNotFound'],
    ['to where it is', [devAccount], devGroup, 400, 'InvalidRequestContent'],
    ['into a group that is not there', [devAccount], `${prodGroup}-2`, 404, 'ResourceGroupNotFound'],
  ])('is refused of %s', async (_, resources, to, status, code) => {
    expect(outcome(await move(resources, to))).toEqual(refusal(status, code));
  });

  it('is refused to who may only read', async () => {
    const body = { resources: [devAccount], targetResourceGroup: prodGroup };
    const refused = await arm.send('POST', at(`${devGroup}/moveResources`, resourcesVersion), { body, token: arm.readerToken() });
    expect(outcome(refused)).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it.each([devGroup, prodGroup])('is refused where %s may only be read', async (group) => {
    const body = { properties: { level: 'ReadOnly' } };
    await arm.send('PUT', at(`${group}/providers/Microsoft.Authorization/locks/keep`, '2020-05-01'), { body });
    expect(outcome(await move([devAccount]))).toEqual(refusal(409, 'ScopeLocked'));
  });

  it('can be tried without an effect', async () => {
    expect((await move([devAccount], prodGroup, 'validateMoveResources')).status).toBe(204);
    expect((await arm.send('GET', at(devAccount, storageVersion))).status).toBe(200);
  });

  it('takes them, and what lies below them, to the other group when its operation ends', async () => {
    const lock = '/providers/Microsoft.Authorization/locks/keep';
    await arm.send('PUT', at(`${devAccount}${lock}`, '2020-05-01'), { body: { properties: { level: 'CanNotDelete' } } });
    const accepted = await move([devAccount]);
    const before = await arm.send('GET', at(devAccount, storageVersion));
    arm.advance(1000);
    const received = [
      before,
      await arm.send('GET', accepted.headers.get('location') ?? ''),
      await arm.send('GET', at(devAccount, storageVersion)),
      await arm.send('GET', at(moved, storageVersion)),
      await arm.send('GET', at(`${moved}${lock}`, '2020-05-01')),
    ];
    expect([accepted.status, ...received.map(({ status }) => status)]).toEqual([202, 200, 204, 404, 200, 200]);
  });

  it('makes an operation fail that was still going on', async () => {
    const restarting = await arm.send('POST', at(`${devMachine}/restart`, computeVersion));
    await arm.restart({ longRunning: { durationMs: 100 } });
    await move([devMachine]);
    arm.advance(100);
    await arm.send('GET', at(devMachine, computeVersion));
    arm.advance(900);
    const { pathname, search } = new URL(restarting.headers.get('azure-asyncoperation') ?? '');
    expect((await arm.send('GET', `${pathname}${search}`)).body).toMatchObject({ status: 'Failed', error: { code: 'ResourceNotFound' } });
  });
});

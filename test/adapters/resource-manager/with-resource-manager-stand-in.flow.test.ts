import { describe, expect, it } from 'vitest';
import { makeAzureCaller } from '../../../shared/adapters/resource-manager/azure-caller.ts';
import { makeAzureReader } from '../../../shared/adapters/resource-manager/azure-reader.ts';
import type { ArmRequest } from '../../../shared/domain/arm-request.ts';
import { instant, instantFromEpochMs } from '../../../shared/domain/instant.ts';
import type { CallOutcome, Credential } from '../../../shared/ports/azure.ts';
import {
  computeVersion,
  devAccount,
  devGroup,
  devMachine,
  operatorClientId,
  operatorObjectId,
  readerClientId,
  storageVersion,
  useResourceManager,
} from '../../infra/local/resource-manager-setup.ts';

const arm = useResourceManager();

async function credentialOf(clientId: string): Promise<Credential> {
  const token = await arm.managementToken(clientId);
  return { tier: 'operator', identity: clientId, token, expiresAt: instant('2100-01-01T00:00:00.000Z') };
}

const caller = () => makeAzureCaller({ endpoint: arm.manager().address, clock: { now: () => instantFromEpochMs(arm.now()) } });

function reader(clientId = readerClientId) {
  const getToken = async () => ({ token: await arm.managementToken(clientId), expiresOnTimestamp: Date.now() + 3_600_000 });
  return makeAzureReader({ endpoint: arm.manager().address, credential: { getToken } });
}

function request(method: ArmRequest['method'], path: string, apiVersion: string, body?: ArmRequest['body']): ArmRequest {
  return { kind: 'arm', method, path, apiVersion, query: {}, headers: {}, body };
}

const call = async (sent: ArmRequest, clientId = operatorClientId): Promise<CallOutcome> =>
  caller().callOnce(sent, await credentialOf(clientId), 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa');

describe('reading a stateful Azure', () => {
  it('finds what is there, and not what is not', async () => {
    expect(await reader().read(devGroup, '2021-04-01')).toMatchObject({ state: 'present', body: { tags: { environment: 'dev' } } });
    expect(await reader().read(`${devAccount}x`, storageVersion)).toEqual({ state: 'absent' });
  });
});

describe('calling a stateful Azure', () => {
  it('deletes at once, once, under our request id', async () => {
    expect(await call(request('DELETE', devAccount, storageVersion))).toMatchObject({ kind: 'answered', answer: { status: 200 } });
    expect(await reader().read(devAccount, storageVersion)).toEqual({ state: 'absent' });
    expect(
      arm
        .manager()
        .requests()
        .filter(({ method }) => method === 'DELETE'),
    ).toMatchObject([{ principalId: operatorObjectId, status: 200, clientRequestId: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa' }]);
  });

  it('is told what the identity may not', async () => {
    const outcome = await call(request('DELETE', devAccount, storageVersion), readerClientId);
    expect(outcome).toMatchObject({ kind: 'answered', answer: { status: 403, body: { error: { code: 'AuthorizationFailed' } } } });
    expect(await reader().read(devAccount, storageVersion)).toMatchObject({ state: 'present' });
  });

  it.each([
    ['deleting a machine', request('DELETE', devMachine, computeVersion)],
    ['restarting a machine', request('POST', `${devMachine}/restart`, computeVersion)],
    ['deleting a group', request('DELETE', devGroup, '2021-04-01')],
  ])('follows %s to its end', async (_, sent) => {
    const outcome = await call(sent);
    if (outcome.kind !== 'accepted') throw new Error(`The call was ${outcome.kind}.`);
    const credential = await credentialOf(operatorClientId);
    const poll = () => caller().poll(outcome.pollUrl, outcome.pollStyle, credential);
    expect(await poll()).toEqual({ kind: 'pending', retryAfterMs: 1_000 });
    arm.advance(1_000);
    expect(await poll()).toMatchObject({ kind: 'answered', succeeded: true });
  });

  it('follows a write without an address by the resource itself, until it says that it is provisioned', async () => {
    const namespace = `${devGroup}/providers/Microsoft.ServiceBus/namespaces/sb-of-the-caller`;
    const outcome = await call(request('PUT', namespace, '2024-01-01', { location: 'westeurope', sku: { name: 'Standard' } }));
    if (outcome.kind !== 'accepted') throw new Error(`The call was ${outcome.kind}.`);
    expect(outcome.pollStyle).toBe('target');
    const credential = await credentialOf(operatorClientId);
    const poll = () => caller().poll(outcome.pollUrl, outcome.pollStyle, credential);
    expect(await poll()).toMatchObject({ kind: 'pending' });
    arm.advance(60_000);
    expect(await poll()).toMatchObject({ kind: 'answered', succeeded: true });
    await call(request('DELETE', namespace, '2024-01-01'));
    arm.advance(60_000);
    expect(await poll()).toMatchObject({ kind: 'gone' });
  });

  it('follows a write that answers with a resource that is still updating', async () => {
    const present = await reader().read(devMachine, computeVersion);
    if (present.state !== 'present') throw new Error('The machine is not there.');
    const outcome = await call(request('PUT', devMachine, computeVersion, present.body));
    expect(outcome).toMatchObject({ kind: 'accepted', pollStyle: 'asyncOperation' });
  });
});

import { ResourceManagementClient } from '@azure/arm-resources';
import { type AccessToken, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  at,
  computeVersion,
  devAccount,
  devGroup,
  devMachine,
  operatorClientId,
  operatorObjectId,
  prodGroup,
  readerClientId,
  readerObjectId,
  resourcesVersion,
  storageVersion,
  subscriptionId,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();

async function namesOf(resources: AsyncIterable<{ readonly name?: string }>): Promise<readonly (string | undefined)[]> {
  const found = [];
  for await (const { name } of resources) {
    found.push(name);
  }
  return found;
}

describe('the real Azure client', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  const credentialOf = (clientId: string): TokenCredential => {
    vi.stubEnv('IDENTITY_ENDPOINT', arm.identity().msiEndpoint);
    vi.stubEnv('IDENTITY_HEADER', arm.identity().msiHeader);
    return new ManagedIdentityCredential({ clientId });
  };
  const clientOf = (credential: TokenCredential) =>
    new ResourceManagementClient(credential, subscriptionId, { endpoint: arm.manager().address, retryOptions: { maxRetries: 0 } });

  beforeEach(async () => {
    await arm.restart({ longRunning: { durationMs: 50, retryAfterSeconds: 0 }, now: Date.now });
  });

  it('is told why it may not delete', async () => {
    const client = clientOf(credentialOf(readerClientId));
    const deletion = client.resources.deleteById(devAccount.slice(1), storageVersion);
    await expect(deletion).rejects.toMatchObject({ statusCode: 403, code: 'AuthorizationFailed' });
  });

  it('is told that a token is bad', async () => {
    const bad: TokenCredential = {
      getToken: async (): Promise<AccessToken> => ({ token: 'a.b.c', expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    await expect(clientOf(bad).resourceGroups.get('rg-dev')).rejects.toMatchObject({ statusCode: 401, code: 'InvalidAuthenticationToken' });
  });

  it('reads groups and resources', async () => {
    const client = clientOf(credentialOf(readerClientId));
    const group = await client.resourceGroups.get('rg-prod');
    const groups = await namesOf(client.resourceGroups.list());
    const account = await client.resources.getById(devAccount.slice(1), storageVersion);
    const filter = "resourceType eq 'Microsoft.KeyVault/vaults'";
    const vaults = await namesOf(client.resources.list({ filter, top: 1 }));
    expect([group.tags, groups, account.kind, vaults]).toEqual([
      { environment: 'prod' },
      ['rg-dev', 'rg-prod'],
      'StorageV2',
      ['kv-dev-1', 'kv-prod-1'],
    ]);
  });

  it('finds the api versions of a type', async () => {
    const provider = await clientOf(credentialOf(readerClientId)).providers.get('Microsoft.Compute');
    expect(provider.resourceTypes).toMatchObject([{ resourceType: 'virtualMachines', apiVersions: ['2024-11-01', '2024-07-01'] }]);
  });

  it('deletes a storage account with one request', async () => {
    await clientOf(credentialOf(operatorClientId)).resources.deleteById(devAccount.slice(1), storageVersion);
    expect(
      arm
        .manager()
        .requests()
        .map(({ method, status }) => [method, status]),
    ).toEqual([['DELETE', 200]]);
  });

  it('deletes a machine and waits for it', async () => {
    const client = clientOf(credentialOf(operatorClientId));
    await client.resources.deleteById(devMachine.slice(1), computeVersion, { updateIntervalInMs: 50 });
    expect(await client.resources.checkExistenceById(devMachine.slice(1), computeVersion)).toMatchObject({ body: false });
    expect(
      arm
        .manager()
        .requests()
        .filter(({ effect }) => effect !== null),
    ).toMatchObject([{ method: 'DELETE', effect: { resourceId: devMachine } }]);
  });

  it('creates a machine and waits until it has succeeded', async () => {
    const client = clientOf(credentialOf(operatorClientId));
    const id = `${devGroup}/providers/Microsoft.Compute/virtualMachines/vm-new`.slice(1);
    const machine = await client.resources.createOrUpdateById(
      id,
      computeVersion,
      { location: 'westeurope', properties: {} },
      { updateIntervalInMs: 50 },
    );
    expect(machine.properties).toMatchObject({ provisioningState: 'Succeeded' });
  });

  it('deletes a resource group and waits for it', async () => {
    const client = clientOf(credentialOf(operatorClientId));
    await client.resourceGroups.delete('rg-dev', { updateIntervalInMs: 50 });
    await expect(client.resourceGroups.get('rg-dev')).rejects.toMatchObject({ statusCode: 404, code: 'ResourceGroupNotFound' });
  });
});
describe('the request log', () => {
  it('needs a token', async () => {
    expect((await fetch(`${arm.manager().address}/_requests`)).status).toBe(401);
  });

  it('says what came, who sent it, what was answered and what it did', async () => {
    await arm.send('GET', at(devAccount, storageVersion), { token: arm.readerToken() });
    await arm.send('DELETE', at(devAccount, storageVersion));
    await arm.send('DELETE', at(devAccount, storageVersion));
    expect(arm.manager().requests()).toMatchObject([
      {
        sequence: 1,
        method: 'GET',
        url: at(devAccount, storageVersion),
        principalId: readerObjectId,
        status: 200,
        effect: null,
      },
      { sequence: 2, method: 'DELETE', principalId: operatorObjectId, status: 200, effect: { kind: 'delete', resourceId: devAccount } },
      { sequence: 3, method: 'DELETE', principalId: operatorObjectId, status: 204, effect: null },
    ]);
  });

  it('keeps of a body its digest and size', async () => {
    await arm.send('PATCH', at(devAccount, storageVersion), { body: {} });
    expect(arm.manager().requests()).toMatchObject([
      { bodySha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', bodySizeBytes: 2 },
    ]);
  });

  it('records refused requests too', async () => {
    await arm.send('DELETE', at(devAccount, storageVersion), { token: 'none' });
    await arm.send('DELETE', at(devAccount, storageVersion), { token: arm.readerToken() });
    expect(
      arm
        .manager()
        .requests()
        .map(({ status, principalId, effect }) => [status, principalId, effect]),
    ).toEqual([
      [401, null, null],
      [403, readerObjectId, null],
    ]);
  });

  it('can be read from a sequence on, and goes on after a restart', async () => {
    await arm.send('GET', at(devGroup, resourcesVersion));
    await arm.restart();
    await arm.send('GET', at(prodGroup, resourcesVersion));
    const { body } = await arm.send('GET', '/_requests?after=1', { token: arm.readerToken() });
    expect(body).toMatchObject({ value: [{ sequence: 2, url: at(prodGroup, resourcesVersion) }] });
  });
});

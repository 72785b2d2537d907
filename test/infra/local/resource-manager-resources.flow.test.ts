import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  at,
  computeVersion,
  devAccount,
  devGroup,
  names,
  outcome,
  prodGroup,
  refusal,
  resourcesVersion,
  storageVersion,
  subscription,
  subscriptionId,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();

describe('reading', () => {
  it('shows the seeded subscription', async () => {
    expect((await arm.send('GET', at('/subscriptions', resourcesVersion))).body).toMatchObject({
      value: [
        {
          id: subscription,
          subscriptionId,
          tenantId: '11111111-1111-4111-8111-111111111111',
          displayName: 'Contoso Workloads',
          state: 'Enabled',
        },
      ],
    });
  });

  it('shows the seeded groups with their tags', async () => {
    expect((await arm.send('GET', at(`${subscription}/resourcegroups`, resourcesVersion))).body).toMatchObject({
      value: [
        { id: devGroup, name: 'rg-dev', location: 'westeurope', tags: { environment: 'dev' } },
        { id: prodGroup, name: 'rg-prod', location: 'westeurope', tags: { environment: 'prod' } },
      ],
    });
  });

  it.each([
    ['Microsoft.Storage/storageAccounts', 'stproddata', { primaryEndpoints: { blob: 'https://stproddata.blob.core.windows.net/' } }],
    ['Microsoft.Compute/virtualMachines', 'vm-prod-1', { hardwareProfile: { vmSize: 'Standard_D2s_v5' } }],
    ['Microsoft.Sql/servers', 'sql-prod-1', { fullyQualifiedDomainName: 'sql-prod-1.database.windows.net' }],
    ['Microsoft.KeyVault/vaults', 'kv-prod-1', { vaultUri: 'https://kv-prod-1.vault.azure.net/', enablePurgeProtection: true }],
    [
      'Microsoft.Network/networkSecurityGroups',
      'nsg-prod',
      { securityRules: [{ name: 'allow-https' }, { name: 'allow-ssh-from-bastion' }] },
    ],
  ])('shows the seeded %s %s', async (type, name, properties) => {
    const id = `${prodGroup}/providers/${type}/${name}`;
    const received = await arm.send('GET', at(id, resourcesVersion), { token: arm.readerToken() });
    expect(received.body).toMatchObject({
      id,
      name,
      type,
      location: 'westeurope',
      properties: { ...properties, provisioningState: 'Succeeded' },
    });
  });

  it('ignores casing and answers in the casing of the resource', async () => {
    const received = await arm.send('GET', at(devAccount.toUpperCase(), storageVersion));
    expect(received.body).toMatchObject({ id: devAccount, name: 'stdevdata' });
  });

  it.each([
    [devAccount, 204],
    [`${devAccount}x`, 404],
    [devGroup, 204],
    [`${devGroup}x`, 404],
  ])('answers HEAD %s with %i and no body', async (id, status) => {
    expect(outcome(await arm.send('HEAD', at(id, storageVersion)))).toEqual({ status, body: undefined });
  });

  it('lists resources without their properties, filtered', async () => {
    const filter = encodeURIComponent("resourceType eq 'microsoft.storage/storageaccounts'");
    const received = await arm.send('GET', `${subscription}/resources?api-version=2025-04-01&$filter=${filter}`);
    expect(names(received.body)).toEqual(['stdevdata', 'stproddata']);
    expect(received.body).not.toHaveProperty('value.0.properties');
  });

  it('refuses a filter that it does not understand', async () => {
    const received = await arm.send('GET', `${subscription}/resources?api-version=2025-04-01&$filter=${encodeURIComponent("name ne 'x'")}`);
    expect(outcome(received)).toEqual(refusal(400, 'InvalidFilterInQueryString'));
  });

  it('lists page by page', async () => {
    const first = await arm.send('GET', `${devGroup}/resources?api-version=2025-04-01&$top=3`);
    const { nextLink } = z.object({ nextLink: z.string() }).parse(first.body);
    const second = await arm.send('GET', nextLink);
    expect([...names(first.body), ...names(second.body)]).toEqual(['vm-dev-1', 'kv-dev-1', 'nsg-dev', 'sql-dev-1', 'stdevdata']);
    expect(second.body).not.toHaveProperty('nextLink');
  });

  it('lists a type in a group and in the subscription', async () => {
    const inGroup = await arm.send('GET', at(`${devGroup}/providers/Microsoft.Compute/virtualMachines`, computeVersion));
    const everywhere = await arm.send('GET', at(`${subscription}/providers/Microsoft.Compute/virtualMachines`, computeVersion));
    expect([names(inGroup.body), names(everywhere.body)]).toEqual([['vm-dev-1'], ['vm-dev-1', 'vm-prod-1']]);
  });

  it('carries ids for support, and the correlation id of the client', async () => {
    const headers = { 'x-ms-correlation-request-id': 'corr-1', 'x-ms-client-request-id': 'client-1' };
    const received = await arm.send('GET', at(devGroup, resourcesVersion), { headers });
    expect(received.headers.get('x-ms-correlation-request-id')).toBe('corr-1');
    expect(received.headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(arm.manager().requests()).toMatchObject([{ correlationId: 'corr-1', clientRequestId: 'client-1' }]);
  });
});

describe('writing', () => {
  const newAccount = `${devGroup}/providers/Microsoft.Storage/storageAccounts/stnew`;
  const account = {
    location: 'westeurope',
    sku: { name: 'Standard_LRS' },
    kind: 'StorageV2',
    tags: { owner: 'a' },
    properties: { accessTier: 'Cool' },
  };

  it('refuses a creation without a location', async () => {
    const received = await arm.send('PUT', at(newAccount, storageVersion), { body: { kind: 'StorageV2' } });
    expect(outcome(received)).toEqual(refusal(400, 'LocationRequired'));
  });

  it('refuses a name that the provider does not allow', async () => {
    const id = `${devGroup}/providers/Microsoft.Storage/storageAccounts/Not_Allowed`;
    expect(outcome(await arm.send('PUT', at(id, storageVersion), { body: account }))).toEqual(refusal(400, 'AccountNameInvalid'));
  });

  it('refuses to move a resource to another location', async () => {
    const received = await arm.send('PUT', at(devAccount, storageVersion), { body: { ...account, location: 'northeurope' } });
    expect(outcome(received)).toEqual(refusal(409, 'InvalidResourceLocation'));
  });

  it('refuses tags that are no texts', async () => {
    const received = await arm.send('PATCH', at(devAccount, storageVersion), { body: { tags: { owner: 1 } } });
    expect(outcome(received)).toEqual(refusal(400, 'InvalidRequestContent'));
  });

  it('refuses a child whose parent does not exist', async () => {
    const id = `${devGroup}/providers/Microsoft.Sql/servers/sql-none/databases/db`;
    const received = await arm.send('PUT', at(id, '2023-08-01'), { body: { location: 'westeurope' } });
    expect(outcome(received)).toEqual(refusal(404, 'ParentResourceNotFound'));
  });

  it.each([
    ['a machine outside a resource group', `${subscription}/providers/Microsoft.Compute/virtualMachines/vm-stray`],
    ['a resource group by the path of a resource', `${subscription}/providers/Microsoft.Resources/resourceGroups/rg-stray`],
  ])('refuses %s', async (_, id) => {
    const received = await arm.send('PUT', at(id, resourcesVersion), { body: { location: 'westeurope' } });
    expect(outcome(received)).toEqual(refusal(404, 'InvalidResourceType'));
  });

  it('is on disk before the answer', async () => {
    await arm.send('PUT', at(newAccount, storageVersion), { body: account });
    expect(readFileSync(join(arm.directory(), 'changes.ndjson'), 'utf8')).toContain(newAccount);
    await arm.restart();
    expect((await arm.send('GET', at(newAccount, storageVersion))).status).toBe(200);
  });

  it('creates, and keeps what the provider sets', async () => {
    const body = { ...account, properties: { accessTier: 'Cool', provisioningState: 'Failed', primaryLocation: 'moon' } };
    const created = await arm.send('PUT', at(newAccount, storageVersion), { body });
    expect(created.status).toBe(200);
    expect((await arm.send('GET', at(newAccount, storageVersion))).body).toMatchObject({
      id: newAccount,
      properties: { accessTier: 'Cool', provisioningState: 'Succeeded', primaryLocation: 'westeurope' },
    });
  });

  it('replaces by PUT and merges by PATCH', async () => {
    await arm.send('PUT', at(newAccount, storageVersion), { body: account });
    await arm.send('PUT', at(newAccount, storageVersion), {
      body: { ...account, tags: undefined, properties: { minimumTlsVersion: 'TLS1_2' } },
    });
    await arm.send('PATCH', at(newAccount, storageVersion), { body: { properties: { accessTier: 'Hot' }, tags: { b: '2' } } });
    const { body } = await arm.send('GET', at(newAccount, storageVersion));
    expect(body).toMatchObject({
      tags: { b: '2' },
      sku: { name: 'Standard_LRS' },
      properties: { accessTier: 'Hot', minimumTlsVersion: 'TLS1_2' },
    });
  });

  it('does not show a password again, nor keep it', async () => {
    const id = `${devGroup}/providers/Microsoft.Sql/servers/sql-new`;
    const body = { location: 'westeurope', properties: { administratorLogin: 'a', administratorLoginPassword: 'S3cret-passw0rd' } };
    const created = await arm.send('PUT', at(id, '2023-08-01'), { body });
    expect(created.body).not.toHaveProperty('properties.administratorLoginPassword');
    const files = ['state.json', 'changes.ndjson', 'requests.ndjson'].map((file) => readFileSync(join(arm.directory(), file), 'utf8'));
    expect(files.some((text) => text.includes('S3cret'))).toBe(false);
  });

  it('deletes at once, with 204 when there is nothing', async () => {
    const statuses = [];
    for (const method of ['DELETE', 'DELETE', 'GET']) {
      statuses.push((await arm.send(method, at(devAccount, storageVersion))).status);
    }
    expect(statuses).toEqual([200, 204, 404]);
  });

  it('deletes children with their parent', async () => {
    const server = `${devGroup}/providers/Microsoft.Sql/servers/sql-dev-1`;
    const created = await arm.send('PUT', at(`${server}/databases/db`, '2023-08-01'), { body: { location: 'westeurope' } });
    await arm.send('DELETE', at(server, '2023-08-01'));
    await arm.send('PUT', at(server, '2023-08-01'), { body: { location: 'westeurope' } });
    expect([created.status, (await arm.send('GET', at(`${server}/databases/db`, '2023-08-01'))).status]).toEqual([202, 404]);
  });

  it.each([
    ['PUT', devAccount, { 'if-match': '"stale"' }],
    ['PUT', devAccount, { 'if-none-match': '*' }],
    ['PUT', newAccount, { 'if-match': '*' }],
    ['DELETE', devAccount, { 'if-match': '"stale"' }],
  ])('%s %s is refused under %o', async (method, id, headers) => {
    const received = await arm.send(method, at(id, storageVersion), { ...(method === 'PUT' ? { body: account } : {}), headers });
    expect(outcome(received)).toEqual(refusal(412, 'PreconditionFailed'));
  });

  it('goes through under the etag that was read', async () => {
    const etag = (await arm.send('GET', at(devAccount, storageVersion))).headers.get('etag') ?? '';
    expect((await arm.send('DELETE', at(devAccount, storageVersion), { headers: { 'if-match': etag } })).status).toBe(200);
  });

  it('gives two keys of a storage account, the same each time', async () => {
    const first = await arm.send('POST', at(`${devAccount}/listKeys`, storageVersion));
    const second = await arm.send('POST', at(`${devAccount}/listKeys`, storageVersion));
    const { keys } = z.object({ keys: z.array(z.object({ keyName: z.string(), value: z.base64() })) }).parse(first.body);
    expect(keys.map(({ keyName, value }) => [keyName, Buffer.from(value, 'base64').length])).toEqual([
      ['key1', 64],
      ['key2', 64],
    ]);
    expect(second.body).toEqual(first.body);
  });
});

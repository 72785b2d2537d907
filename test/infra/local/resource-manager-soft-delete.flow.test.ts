import { describe, expect, it } from 'vitest';
import {
  at,
  devGroup,
  names,
  outcome,
  prodGroup,
  refusal,
  resourcesVersion,
  storageVersion,
  subscription,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();
const version = '2023-07-01';
const vaultIn = (group: string, name: string) => at(`${group}/providers/Microsoft.KeyVault/vaults/${name}`, version);
const devVault = vaultIn(devGroup, 'kv-dev-1');
const deleted = (name: string, more = '') =>
  at(`${subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/${name}${more}`, version);
const allDeleted = at(`${subscription}/providers/Microsoft.KeyVault/deletedVaults`, version);
const fresh = { location: 'westeurope', properties: { sku: { family: 'A', name: 'standard' } } };
const recover = { location: 'westeurope', properties: { createMode: 'recover' } };
const dayMs = 24 * 60 * 60 * 1000;

describe('a deleted vault', () => {
  it('is not there before it was deleted', async () => {
    expect((await arm.send('GET', deleted('kv-dev-1'))).status).toBe(404);
    expect(outcome(await arm.send('PUT', vaultIn(devGroup, 'kv-new'), { body: recover }))).toEqual(refusal(404, 'DeletedVaultNotFound'));
  });

  it('can be seen by those who may read', async () => {
    await arm.send('DELETE', devVault);
    const token = arm.readerToken();
    const seen = await arm.send('GET', deleted('kv-dev-1'), { token });
    expect(seen.body).toMatchObject({
      name: 'kv-dev-1',
      properties: {
        vaultId: `${devGroup}/providers/Microsoft.KeyVault/vaults/kv-dev-1`,
        deletionDate: new Date(arm.now()).toISOString(),
        scheduledPurgeDate: new Date(arm.now() + 90 * dayMs).toISOString(),
      },
    });
    expect(names((await arm.send('GET', allDeleted, { token })).body)).toEqual(['kv-dev-1']);
  });

  it('keeps its name from any other vault', async () => {
    await arm.send('DELETE', devVault);
    expect(outcome(await arm.send('PUT', vaultIn(prodGroup, 'kv-dev-1'), { body: fresh }))).toEqual(refusal(409, 'ConflictError'));
  });

  it('comes back as it was', async () => {
    const before = await arm.send('GET', devVault);
    await arm.send('DELETE', devVault);
    expect((await arm.send('PUT', devVault, { body: recover })).status).toBe(201);
    expect([(await arm.send('GET', devVault)).body, (await arm.send('GET', deleted('kv-dev-1'))).status]).toEqual([before.body, 404]);
  });

  it('is gone for good when it is purged', async () => {
    await arm.send('DELETE', devVault);
    const refused = await arm.send('POST', deleted('kv-dev-1', '/purge'), { token: arm.readerToken() });
    const purged = await arm.send('POST', deleted('kv-dev-1', '/purge'));
    expect([refused.status, purged.status, (await arm.send('GET', deleted('kv-dev-1'))).status]).toEqual([403, 200, 404]);
    expect((await arm.send('PUT', devVault, { body: fresh })).status).toBe(201);
  });

  it('cannot be purged where it was protected', async () => {
    await arm.send('DELETE', vaultIn(prodGroup, 'kv-prod-1'));
    expect(outcome(await arm.send('POST', deleted('kv-prod-1', '/purge')))).toEqual(refusal(405, 'MethodNotAllowed'));
  });

  it('is left of a group that was deleted', async () => {
    await arm.send('DELETE', at(devGroup, resourcesVersion));
    arm.advance(1000);
    expect((await arm.send('GET', deleted('kv-dev-1'))).status).toBe(200);
  });
});

describe('a name that is one in all of Azure', () => {
  it.each([
    ['Microsoft.Storage/storageAccounts', 'stdevdata', storageVersion, 'StorageAccountAlreadyTaken'],
    ['Microsoft.KeyVault/vaults', 'kv-dev-1', version, 'VaultAlreadyExists'],
    ['Microsoft.Sql/servers', 'sql-dev-1', '2023-08-01', 'NameAlreadyExists'],
  ])('of %s cannot be had twice', async (type, name, apiVersion, code) => {
    const taken = at(`${prodGroup}/providers/${type}/${name}`, apiVersion);
    expect(outcome(await arm.send('PUT', taken, { body: fresh }))).toEqual(refusal(409, code));
  });
});

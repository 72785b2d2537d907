import { describe, expect, it } from 'vitest';
import { makeDataRights } from '../../../infra/local/key-vault/data-rights.ts';
import { dataGrantsIn, vaultsIn } from '../../../infra/local/key-vault/from-resource-manager.ts';
import { recoveryLevelOf, seededVaults } from '../../../infra/local/key-vault/vaults.ts';
import { newResource } from '../../../infra/local/resource-manager/new-resource.ts';
import { seedResources } from '../../../infra/local/resource-manager/seed-resources.ts';

const now = Date.parse('2026-11-22T03:00:00.000Z');
const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dev';
const vaultId = `${group}/providers/Microsoft.KeyVault/vaults/kv-short`;

describe('the vaults of the Resource Manager stand-in', () => {
  it('are at first those that have secrets', () => {
    expect(vaultsIn(seedResources(now))).toEqual(seededVaults);
  });

  it('are not what is no vault, or was deleted', () => {
    const deleted = newResource({
      id: `${group}/providers/Microsoft.KeyVault/deletedVaults/kv-short`,
      type: 'Microsoft.KeyVault/deletedVaults',
      content: { properties: {} },
      now,
    });
    expect(vaultsIn([deleted])).toEqual([]);
  });

  it('keep what is deleted as long as they say', () => {
    const short = newResource({
      id: vaultId,
      type: 'Microsoft.KeyVault/vaults',
      content: { properties: { softDeleteRetentionInDays: 7 } },
      now,
    });
    expect(vaultsIn([short]).map((vault) => [vault.retentionDays, recoveryLevelOf(vault)])).toEqual([
      [7, 'CustomizedRecoverable+Purgeable'],
    ]);
  });
});

describe('a role that is assigned there', () => {
  const principalId = '44444444-4444-4444-8444-000000000001';
  const assigned = (roleId: string, more: Readonly<Record<string, string>> = {}) =>
    newResource({
      id: `${vaultId}/providers/Microsoft.Authorization/roleAssignments/55555555-5555-4555-8555-000000000009`,
      type: 'Microsoft.Authorization/roleAssignments',
      content: { properties: { roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${roleId}`, principalId, ...more } },
      now,
    });
  const secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';
  const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
  const rightsOf = (resource: ReturnType<typeof newResource>) => makeDataRights(() => dataGrantsIn([resource]));

  it('gives nothing with a condition, nor where it is no role of Key Vault’s data', () => {
    const conditional = rightsOf(assigned(secretsOfficer, { condition: 'true', conditionVersion: '2.0' }));
    expect(conditional(principalId, 'getSecret/action', vaultId)).toBe(false);
    expect(rightsOf(assigned(reader))(principalId, 'readMetadata/action', vaultId)).toBe(false);
  });

  it('gives its right at its scope and below, and to nobody else', () => {
    const rights = rightsOf(assigned(secretsOfficer));
    expect(rights(principalId, 'setSecret/action', `${vaultId}/secrets/a`)).toBe(true);
    expect(rights(principalId, 'setSecret/action', `${vaultId}-2/secrets/a`)).toBe(false);
    expect(rights('44444444-4444-4444-8444-000000000002', 'setSecret/action', vaultId)).toBe(false);
  });
});

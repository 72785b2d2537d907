import { z } from 'zod';
import { sameText } from '../resource-manager/arm-path.ts';
import { grantOf, isAssignment } from '../resource-manager/grants.ts';
import type { StoredResource } from '../resource-manager/state-store.ts';
import type { DataGrant } from './data-rights.ts';
import type { Vault } from './vaults.ts';

const vaultContent = z.object({
  properties: z.object({
    enablePurgeProtection: z.boolean().nullish(),
    softDeleteRetentionInDays: z.int().min(7).max(90).default(90),
  }),
});

/** The vaults that there are in Azure Resource Manager at the moment, deleted ones not among them. */
export function vaultsIn(resources: readonly StoredResource[]): readonly Vault[] {
  return resources.flatMap(({ id, type, name, content }) => {
    const parsed = sameText(type, 'Microsoft.KeyVault/vaults') ? vaultContent.safeParse(content) : undefined;
    if (parsed?.success !== true) return [];
    const { enablePurgeProtection, softDeleteRetentionInDays: retentionDays } = parsed.data.properties;
    return [{ name, resourceId: id, purgeProtection: enablePurgeProtection === true, retentionDays }];
  });
}

/** The roles that are assigned there. One with a condition gives nothing here: none of those that are understood speaks of data. */
export function dataGrantsIn(resources: readonly StoredResource[]): readonly DataGrant[] {
  return resources.flatMap((resource) => {
    const grant = isAssignment(resource) ? grantOf(resource) : undefined;
    return grant === undefined || grant.condition !== undefined ? [] : [grant];
  });
}

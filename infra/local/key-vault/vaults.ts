import { subscriptionId } from '../seed.ts';

/** A vault as Azure Resource Manager knows it, as far as its secrets are concerned. */
export type Vault = {
  /** The first label of its host. */
  readonly name: string;
  readonly resourceId: string;
  readonly purgeProtection: boolean;
  readonly retentionDays: number;
};

/** The vaults that the Resource Manager stand-in has from the beginning. */
export const seededVaults: readonly Vault[] = [vault('dev', false), vault('prod', true)];

function vault(environment: 'dev' | 'prod', purgeProtection: boolean): Vault {
  const name = `kv-${environment}-1`;
  const resourceId = `/subscriptions/${subscriptionId}/resourceGroups/rg-${environment}/providers/Microsoft.KeyVault/vaults/${name}`;
  return { name, resourceId, purgeProtection, retentionDays: 90 };
}

/** How Key Vault tells what becomes of a deleted secret. Source: learn.microsoft.com/rest/api/keyvault, DeletionRecoveryLevel. */
export function recoveryLevelOf({ purgeProtection, retentionDays }: Vault): string {
  return `${retentionDays < 90 ? 'CustomizedRecoverable' : 'Recoverable'}${purgeProtection ? '' : '+Purgeable'}`;
}

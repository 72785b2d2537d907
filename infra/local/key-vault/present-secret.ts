import type { Json, JsonObject } from '../resource-manager/json.ts';
import { currentOf, type StoredSecret, type StoredVersion } from './secret-store.ts';
import type { VaultCall } from './vault-call.ts';
import { recoveryLevelOf, type Vault } from './vaults.ts';

type At = Pick<VaultCall, 'vault' | 'vaultUrl'>;

/** One version as Key Vault shows it; with its value only where that was asked for. */
export function presentVersion({ vault, vaultUrl }: At, { name }: StoredSecret, version: StoredVersion, value?: string): JsonObject {
  return {
    ...(value === undefined ? {} : { value }),
    id: `${vaultUrl}/secrets/${name}/${version.version}`,
    ...describe(vault, version),
  };
}

/** A secret in the list of its vault, which names no version. */
export function presentSecret({ vault, vaultUrl }: At, secret: StoredSecret): JsonObject {
  return { id: `${vaultUrl}/secrets/${secret.name}`, ...describe(vault, currentOf(secret)) };
}

/** A deleted secret; in the list of its vault it names no version. */
export function presentDeleted(at: At, secret: StoredSecret, where: 'listed' | 'alone'): JsonObject {
  const { deleted, name } = secret;
  const shown = where === 'listed' ? presentSecret(at, secret) : presentVersion(at, secret, currentOf(secret));
  if (deleted === undefined) return shown;
  return {
    recoveryId: `${at.vaultUrl}/deletedsecrets/${name}`,
    deletedDate: deleted.at,
    scheduledPurgeDate: deleted.purgeAt,
    ...shown,
  };
}

function describe(vault: Vault, { enabled, notBefore, expires, created, updated, contentType, tags }: StoredVersion): Record<string, Json> {
  return {
    ...(contentType === undefined ? {} : { contentType }),
    attributes: {
      enabled,
      ...(notBefore === undefined ? {} : { nbf: notBefore }),
      ...(expires === undefined ? {} : { exp: expires }),
      created,
      updated,
      recoveryLevel: recoveryLevelOf(vault),
      recoverableDays: vault.retentionDays,
    },
    tags: { ...tags },
  };
}

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Azurite } from './azurite.ts';
import type { Certificates } from './certificates.ts';
import type { Identity } from './identity/start-identity.ts';
import { ensureKey } from './kept-data.ts';
import type { KeyVault } from './key-vault/start-key-vault.ts';
import { seededVaults } from './key-vault/vaults.ts';
import type { ResourceManager } from './resource-manager/start-resource-manager.ts';
import { apiAudience, botAppId, consoleClientId, managedIdentities, subscriptionId, tenantId } from './seed.ts';
import type { ServiceBus } from './service-bus/service-bus.ts';
import type { Teams } from './teams/start-teams.ts';

/** The policies, agents and groups that are in force where nothing else is said. */
export const defaultPolicy = join(fileURLToPath(new URL('../..', import.meta.url)), 'infra/policy');

export type Parts = {
  readonly certificates: Certificates;
  readonly identity: Identity;
  readonly azurite: Azurite;
  readonly bus: ServiceBus;
  readonly resourceManager: ResourceManager;
  readonly teams: Teams;
  /** Without it, no vault of this machine is known to the functions. */
  readonly keyVault?: KeyVault;
};

/** Loaded by the functions host before anything else. */
const findVaults = new URL('find-vaults.ts', import.meta.url).href;

/** The app settings, as a deployment would have them, with addresses of this machine. */
export function functionSettings({
  publicUrl,
  certificates,
  identity,
  azurite,
  bus,
  resourceManager,
  keyVault,
  teams,
  directory,
  rights = 'standing',
}: Parts & { publicUrl: string; directory: string; rights?: 'standing' | 'perOperation' }): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    NODE_EXTRA_CA_CERTS: certificates.caPath,
    IDENTITY_ENDPOINT: identity.msiEndpoint,
    IDENTITY_HEADER: identity.msiHeader,
    COUNTERSIGN_ROLE: 'all',
    COUNTERSIGN_PUBLIC_URL: publicUrl,
    COUNTERSIGN_TENANT_ID: tenantId,
    COUNTERSIGN_API_AUDIENCE: apiAudience,
    COUNTERSIGN_PERSON_CLIENT_IDS: consoleClientId,
    COUNTERSIGN_AUTHORITY_HOST: identity.address,
    STORAGE: azurite.connectionString,
    SERVICE_BUS: bus.connectionString,
    COUNTERSIGN_SEALING_KEYS: `local:${ensureKey(directory, 'sealing.key')}`,
    COUNTERSIGN_POLICY_DIRECTORY: defaultPolicy,
    COUNTERSIGN_PROTECTED_SCOPES: `/subscriptions/${subscriptionId}/resourceGroups/rg-countersign`,
    COUNTERSIGN_ARM_ENDPOINT: resourceManager.address,
    ...(keyVault === undefined
      ? {}
      : {
          COUNTERSIGN_VAULT_SUFFIX: keyVault.suffix,
          COUNTERSIGN_WATCHED_VAULTS: seededVaults.map(({ name }) => keyVault.vaultUrl(name)).join(','),
          NODE_OPTIONS: `--import=${findVaults}`,
        }),
    COUNTERSIGN_GRAPH_ENDPOINT: identity.graphEndpoint,
    COUNTERSIGN_READER_CLIENT_ID: managedIdentities.reader.clientId,
    COUNTERSIGN_DIRECTORY_CLIENT_ID: managedIdentities.directory.clientId,
    COUNTERSIGN_OPERATOR_CLIENT_ID: managedIdentities.operator.clientId,
    COUNTERSIGN_OPERATOR_PRINCIPAL_ID: managedIdentities.operator.principalId,
    COUNTERSIGN_SECRETS_CLIENT_ID: managedIdentities.secrets.clientId,
    COUNTERSIGN_SECRETS_PRINCIPAL_ID: managedIdentities.secrets.principalId,
    COUNTERSIGN_GRANTER_CLIENT_ID: managedIdentities.granter.clientId,
    COUNTERSIGN_RIGHTS: rights,
    COUNTERSIGN_BOT_APP_ID: botAppId,
    COUNTERSIGN_BOT_ISSUER: teams.issuer,
    COUNTERSIGN_BOT_OPENID_METADATA_URL: teams.openIdMetadataUrl,
    COUNTERSIGN_TEAMS_SERVICE_URLS: teams.serviceUrl,
  };
}

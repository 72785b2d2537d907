import { join } from 'node:path';
import { startLoopbackServer } from '../loopback-server.ts';
import { ensurePrivateDirectory } from '../private-files.ts';
import { openAdminKey } from '../resource-manager/administration.ts';
import { type FaultControl, Faults } from '../resource-manager/faults.ts';
import { type LoggedRequest, openRequestLog } from '../resource-manager/request-log.ts';
import { makeTokenCheck } from '../resource-manager/token-check.ts';
import { tenantId, vaultResource } from '../seed.ts';
import { answerRequest, refuseTooLarge, type VaultSite } from './answer-request.ts';
import { type DataGrant, makeDataRights } from './data-rights.ts';
import { openSecretStore } from './secret-store.ts';
import { seedSecrets } from './seed-secrets.ts';
import { seededVaults, type Vault } from './vaults.ts';

export type KeyVaultOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Where secrets and request log are kept. */
  readonly directory: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** The issuer whose tokens are taken, and where its keys are. */
  readonly identityIssuer: string;
  readonly jwksUri: string;
  /** The vaults that there are at the moment; the seeded ones unless it is said. */
  readonly vaults?: () => readonly Vault[];
  /** Roles that are assigned at the moment, beside those of a deployment; none unless it is said. */
  readonly assigned?: () => readonly DataGrant[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
};

export type KeyVault = {
  /** What follows the name of a vault in its host: `.vault.localhost:PORT`. */
  readonly suffix: string;
  /** `https://NAME.vault.localhost:PORT` */
  readonly vaultUrl: (name: string) => string;
  /** Every request received so far with a sequence above `after` (0 by default), oldest first; never a value. */
  readonly requests: (after?: number) => readonly LoggedRequest[];
  /** Lets things go wrong; a path begins with `/` and the name of the vault. */
  readonly faults: FaultControl;
  /** The secret for `/_faults`; not for logs. */
  readonly adminKey: string;
  /** Lets go what faults hold, answers what is under way, and closes every connection. */
  readonly stop: () => Promise<void>;
};

const bodyLimitBytes = 1024 * 1024;

/** Starts the stand-in for Key Vault's secrets on https, on loopback only. */
export async function startKeyVault(options: KeyVaultOptions): Promise<KeyVault> {
  const {
    port,
    directory,
    certPem,
    keyPem,
    identityIssuer,
    jwksUri,
    vaults = () => seededVaults,
    assigned = () => [],
    now = Date.now,
  } = options;
  ensurePrivateDirectory(directory);
  const log = openRequestLog(join(directory, 'requests.ndjson'));
  const store = openSecretStore(join(directory, 'secrets.json'), () => seedSecrets(Math.floor(now() / 1000)));
  const adminKey = openAdminKey(join(directory, 'admin.key'));
  const faults = new Faults(() => undefined);
  const server = await startLoopbackServer({
    port,
    tls: { certPem, keyPem },
    bodyLimitBytes,
    makeHandlers: (openPort) => {
      const site: VaultSite = {
        store,
        rights: makeDataRights(assigned),
        vaultAt: (host) => vaults().find(({ name }) => `${name.toLowerCase()}${suffixAt(openPort)}` === host),
        tokenCheck: makeTokenCheck(identityIssuer, jwksUri, tenantId, [vaultResource, `${vaultResource}/`]),
        challenge: `Bearer authorization="${identityIssuer.replace(/\/v2\.0$/, '')}", resource="${vaultResource}"`,
        log,
        faults,
        adminKey,
        now,
      };
      return { handle: (request) => answerRequest(request, site), refuseTooLarge: (head) => refuseTooLarge(head, site) };
    },
  });
  const suffix = suffixAt(server.port);
  return {
    suffix,
    vaultUrl: (name) => `https://${name}${suffix}`,
    requests: (after = 0) => log.after(after),
    faults,
    adminKey: adminKey.value,
    stop: async () => {
      faults.letGo();
      await server.stop();
    },
  };
}

function suffixAt(port: number): string {
  return `.${new URL(vaultResource).hostname}:${port}`;
}

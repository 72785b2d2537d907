import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TokenCredential } from '@azure/core-auth';
import { isRestError, SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { z } from 'zod';
import { type Certificates, ensureCertificates } from '../../../infra/local/certificates.ts';
import { type Identity, startIdentity } from '../../../infra/local/identity/start-identity.ts';
import { type KeyVault, type KeyVaultOptions, startKeyVault } from '../../../infra/local/key-vault/start-key-vault.ts';
import { findVaultsHere } from '../../../infra/local/vault-names.ts';

export const clientIds = {
  reader: '66666666-6666-4666-8666-00000000c001',
  operator: '66666666-6666-4666-8666-00000000c002',
  secrets: '66666666-6666-4666-8666-00000000c005',
  directory: '66666666-6666-4666-8666-00000000c003',
} as const;
export type VaultIdentity = keyof typeof clientIds;

export type VaultBench = {
  readonly identity: () => Identity;
  readonly certificates: () => Certificates;
  readonly keyVault: () => KeyVault;
  readonly directory: () => string;
  /** A token of the identity stand-in for a resource; Key Vault's unless another is said. */
  readonly token: (identity: VaultIdentity, resource?: string) => Promise<string>;
  readonly credential: (identity: VaultIdentity, resource?: string) => TokenCredential;
  /** Azure's client as it comes, but without repetitions. */
  readonly client: (identity: VaultIdentity, vault?: string, options?: SecretClientOptions, resource?: string) => SecretClient;
  readonly now: () => number;
  readonly advance: (milliseconds: number) => void;
  /** Stops the stand-in and starts it on the same data. */
  readonly restart: (options?: Partial<KeyVaultOptions>) => Promise<void>;
};

/** An identity stand-in for the file, and for each test a Key Vault with fresh data; both live by one clock, which stands still. */
export function useKeyVault(): VaultBench {
  const trusted = getCACertificates('default');
  const tokens = new Map<string, Promise<string>>();
  let root: string;
  let identity: Identity;
  let certificates: Certificates;
  let clock: number;
  let directory: string;
  let keyVault: KeyVault;

  const start = (options: Partial<KeyVaultOptions> = {}): Promise<KeyVault> => {
    const { certPem, keyPem } = certificates;
    const { issuer: identityIssuer, jwksUri } = identity;
    return startKeyVault({ port: 0, directory, certPem, keyPem, identityIssuer, jwksUri, now: () => clock, ...options });
  };
  const ask = async (who: VaultIdentity, resource: string): Promise<string> => {
    const query = new URLSearchParams({ 'api-version': '2019-08-01', resource, client_id: clientIds[who] });
    const response = await fetch(`${identity.msiEndpoint}?${query}`, { headers: { 'x-identity-header': identity.msiHeader } });
    return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
  };
  const token = (who: VaultIdentity, resource = 'https://vault.localhost'): Promise<string> => {
    const key = `${who} ${resource}`;
    const asked = tokens.get(key) ?? ask(who, resource);
    tokens.set(key, asked);
    return asked;
  };
  const credential = (who: VaultIdentity, resource?: string): TokenCredential => ({
    getToken: async () => ({ token: await token(who, resource), expiresOnTimestamp: Date.now() + 3_600_000 }),
  });

  beforeAll(async () => {
    findVaultsHere();
    root = mkdtempSync(join(tmpdir(), 'key-vault-'));
    certificates = await ensureCertificates(join(root, 'tls'));
    setDefaultCACertificates([...trusted, certificates.caPem]);
    clock = Date.now();
    identity = await startIdentity({ port: 0, directory: join(root, 'identity'), now: () => clock });
  });

  afterAll(async () => {
    await identity.stop();
    setDefaultCACertificates(trusted);
    rmSync(root, { recursive: true });
  });

  beforeEach(async () => {
    clock = Date.now();
    directory = mkdtempSync(join(root, 'state-'));
    keyVault = await start();
  });

  afterEach(async () => {
    await keyVault.stop();
  });

  return {
    identity: () => identity,
    certificates: () => certificates,
    keyVault: () => keyVault,
    directory: () => directory,
    token,
    credential,
    client: (who, vault = 'kv-dev-1', options = {}, resource = 'https://vault.localhost') =>
      new SecretClient(keyVault.vaultUrl(vault), credential(who, resource), { retryOptions: { maxRetries: 0 }, ...options }),
    now: () => clock,
    advance: (milliseconds) => {
      clock += milliseconds;
    },
    restart: async (options) => {
      await keyVault.stop();
      keyVault = await start(options);
    },
  };
}

/** How Key Vault refused, as the client tells it. */
export async function refusalOf(call: Promise<unknown>): Promise<{ readonly status: number; readonly code: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isRestError(error)) throw new Error('The call was not refused by an answer.', { cause: error });
  return { status: error.statusCode ?? 0, code: error.code ?? '' };
}

/** Everything of a list, page by page. */
export async function pagesOf<Item>(pages: AsyncIterable<readonly Item[]>): Promise<readonly (readonly Item[])[]> {
  const all: (readonly Item[])[] = [];
  for await (const page of pages) all.push([...page]);
  return all;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { z } from 'zod';
import { type Certificates, ensureCertificates } from '../../../infra/local/certificates.ts';
import { type Identity, startIdentity } from '../../../infra/local/identity/start-identity.ts';
import {
  type ResourceManager,
  type ResourceManagerOptions,
  startResourceManager,
} from '../../../infra/local/resource-manager/start-resource-manager.ts';

export const subscriptionId = '00000000-0000-0000-0000-000000000001';
export const subscription = `/subscriptions/${subscriptionId}`;
export const devGroup = `${subscription}/resourceGroups/rg-dev`;
export const prodGroup = `${subscription}/resourceGroups/rg-prod`;
export const devAccount = `${devGroup}/providers/Microsoft.Storage/storageAccounts/stdevdata`;
export const devMachine = `${devGroup}/providers/Microsoft.Compute/virtualMachines/vm-dev-1`;
export const operatorClientId = '66666666-6666-4666-8666-00000000c002';
export const operatorObjectId = '66666666-6666-4666-8666-000000000002';
export const readerClientId = '66666666-6666-4666-8666-00000000c001';
export const readerObjectId = '66666666-6666-4666-8666-000000000001';
export const storageVersion = '2024-01-01';
export const computeVersion = '2024-11-01';
export const resourcesVersion = '2025-04-01';

export type Sent = { readonly body?: unknown; readonly token?: string; readonly headers?: Readonly<Record<string, string>> };
export type Received = { readonly status: number; readonly headers: Headers; readonly body: unknown };
export type RestartOptions = Pick<ResourceManagerOptions, 'longRunning' | 'activityLogDelayMs' | 'now' | 'rights' | 'propagation' | 'own'>;

export type Bench = {
  readonly identity: () => Identity;
  readonly manager: () => ResourceManager;
  readonly directory: () => string;
  readonly managementToken: (clientId: string, resource?: string) => Promise<string>;
  readonly readerToken: () => string;
  readonly operatorToken: () => string;
  /** Sends as the operator unless another token is given; a path or an absolute address. */
  readonly send: (method: string, path: string, sent?: Sent) => Promise<Received>;
  readonly now: () => number;
  readonly advance: (milliseconds: number) => void;
  /** Stops the stand-in and starts it on the same data. */
  readonly restart: (options?: RestartOptions) => Promise<void>;
};

/** An identity stand-in for the file, and for each test a Resource Manager with fresh data; both live by one clock, which stands still. */
export function useResourceManager(): Bench {
  const trusted = getCACertificates('default');
  let root: string;
  let identity: Identity;
  let certificates: Certificates;
  let operatorToken: string;
  let readerToken: string;
  let clock: number;
  let directory: string;
  let manager: ResourceManager;

  const start = ({ now = () => clock, ...options }: RestartOptions = {}): Promise<ResourceManager> => {
    const { certPem, keyPem } = certificates;
    const { issuer: identityIssuer, jwksUri } = identity;
    return startResourceManager({ port: 0, directory, certPem, keyPem, identityIssuer, jwksUri, now, ...options });
  };
  const managementToken = async (clientId: string, resourceName = 'https://management.azure.com/'): Promise<string> => {
    const query = new URLSearchParams({ 'api-version': '2019-08-01', resource: resourceName, client_id: clientId });
    const response = await fetch(`${identity.msiEndpoint}?${query}`, { headers: { 'x-identity-header': identity.msiHeader } });
    return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
  };

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'resource-manager-'));
    certificates = await ensureCertificates(join(root, 'tls'));
    setDefaultCACertificates([...trusted, certificates.caPem]);
    clock = Date.now();
    identity = await startIdentity({ port: 0, directory: join(root, 'identity'), now: () => clock });
    operatorToken = await managementToken(operatorClientId);
    readerToken = await managementToken(readerClientId);
  });

  afterAll(async () => {
    await identity.stop();
    setDefaultCACertificates(trusted);
    rmSync(root, { recursive: true });
  });

  beforeEach(async () => {
    clock = Date.now();
    directory = mkdtempSync(join(root, 'state-'));
    manager = await start();
  });

  afterEach(async () => {
    await manager.stop();
  });

  return {
    identity: () => identity,
    manager: () => manager,
    directory: () => directory,
    managementToken,
    readerToken: () => readerToken,
    operatorToken: () => operatorToken,
    send: (method, path, { body, token = operatorToken, headers = {} } = {}) =>
      exchange(path.startsWith('https:') ? path : `${manager.address}${path}`, method, token, headers, body),
    now: () => clock,
    advance: (milliseconds) => {
      clock += milliseconds;
    },
    restart: async (options) => {
      await manager.stop();
      manager = await start(options);
    },
  };
}

async function exchange(
  address: string,
  method: string,
  token: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<Received> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const contentType: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(address, { method, headers: { authorization: `Bearer ${token}`, ...contentType, ...headers }, ...content });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** The path of a resource in an api version. */
export function at(id: string, apiVersion: string): string {
  return `${id}?api-version=${apiVersion}`;
}

/** What ARM answers where it refuses. */
export function refusal(status: number, code: string): { readonly status: number; readonly body: unknown } {
  return { status, body: { error: { code, message: expect.any(String) } } };
}

export function outcome({ status, body }: Received): { readonly status: number; readonly body: unknown } {
  return { status, body };
}

export function names(body: unknown): readonly string[] {
  return z
    .object({ value: z.array(z.object({ name: z.string() })) })
    .parse(body)
    .value.map(({ name }) => name);
}

import { request } from 'node:https';
import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import type { Identity } from '../../infra/local/identity/start-identity.ts';
import type { KeyVault } from '../../infra/local/key-vault/start-key-vault.ts';
import { vaultResource } from '../../infra/local/seed.ts';
import { administratorId, beforehand } from './azure-before.ts';
import type { PlannedRequest } from './plan-requests.ts';
import type { PlantedValues } from './planted-values.ts';
import type { SecretAim } from './targets.ts';

export type ChaosVaults = {
  /** Puts into its vault what a request needs there, however often that takes. */
  readonly ensure: (plan: PlannedRequest) => Promise<void>;
  /** The target of a request as the API takes it. */
  readonly targetOf: (plan: PlannedRequest) => Promise<unknown>;
  /** The value that an agent was handed, if it was; `over` where there is nothing more to come. */
  readonly openHanded: (answer: string) => Promise<{ readonly value: string | undefined; readonly over: boolean }>;
};

type Options = {
  readonly identity: Identity;
  readonly keyVault: KeyVault;
  readonly certificateAuthority: string;
  readonly planted: PlantedValues;
};

const handed = z.looseObject({
  next: z.string(),
  result: z.looseObject({ secret: z.looseObject({ state: z.string(), jwe: z.string().optional() }).optional() }).optional(),
});

const mostTries = 200;
const pauseMs = 100;

/** Stands for whoever keeps the vaults, and for the agent that alone has a private key. */
export async function makeChaosVaults({ identity, keyVault, certificateAuthority: ca, planted }: Options): Promise<ChaosVaults> {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const { kty = '', crv = '', x = '', y = '' } = await exportJWK(publicKey);
  const send = async (method: string, { vault, name }: SecretAim, body?: unknown): Promise<number> => {
    const { hostname, port, host } = new URL(keyVault.vaultUrl(vault));
    const claims = { aud: vaultResource, oid: administratorId };
    const headers = {
      host,
      authorization: `Bearer ${await identity.issueToken('deploy-agent', { claims })}`,
      'content-type': 'application/json',
      'x-ms-client-request-id': `${beforehand}${name}`,
    };
    return await new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port, servername: hostname, path: `/secrets/${name}?api-version=7.5`, method, headers, ca };
      const sent = request(to, (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
        answer.once('error', reject);
      });
      sent.once('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
  const insist = async (done: readonly number[], act: () => Promise<number>, name: string): Promise<void> => {
    for (let attempt = 1; attempt <= mostTries; attempt += 1) {
      if (done.includes(await act().catch(() => 0))) return;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    throw new Error(`${name} could not be put into its vault.`);
  };
  return {
    ensure: async ({ index, secret }) => {
      if (secret === undefined || secret.needs === 'nothing') return;
      const value = planted.valueOf(index, 'beforehand');
      await insist([200], () => send('PUT', secret, { value }), secret.name);
      // Whoever hears nothing asks again, and is told that it is gone.
      if (secret.needs === 'deleted') await insist([200, 404], () => send('DELETE', secret), secret.name);
    },
    targetOf: async ({ index, target, secret }) => {
      if (secret === undefined) return { kind: 'arm', ...target };
      const vault = keyVault.vaultUrl(secret.vault);
      const about = { kind: 'keyvaultSecret', vault, name: secret.name };
      switch (secret.method) {
        case 'use': {
          const administratorLoginPassword = `countersign://secret/${new URL(vault).host}/${secret.name}`;
          const properties = { administratorLogin: 'chaos', administratorLoginPassword };
          return { kind: 'arm', ...target, body: { location: 'westeurope', properties } };
        }
        case 'set':
          return { ...about, method: 'set', value: planted.valueOf(index, 'set') };
        case 'reveal':
          return { ...about, method: 'get', reveal: true, revealTo: { kty, crv, x, y } };
        case 'delete':
        case 'recover':
          return { ...about, method: secret.method };
      }
    },
    openHanded: async (answer) => {
      const { next, result } = handed.parse(JSON.parse(answer));
      const jwe = result?.secret?.jwe;
      const value = jwe === undefined ? undefined : new TextDecoder().decode((await compactDecrypt(jwe, privateKey)).plaintext);
      return { value, over: value !== undefined || next !== 'wait' };
    },
  };
}

import { join } from 'node:path';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { ensurePrivateDirectory, readIfPresent, writePrivately } from '../private-files.ts';

export const signingAlgorithm = 'RS256';

export type SigningKey = { readonly kid: string; readonly privateKey: CryptoKey };

/** The keys of one issuer: one signs, and those before it stay published until they are withdrawn. */
export type SigningKeys = {
  readonly active: () => SigningKey;
  /** What the issuer publishes, public halves only, the signing key first. */
  readonly publicKeys: () => JSONWebKeySet;
  /** Signs with a new key from now on. Withdrawn keys leave the published set, so tokens signed by them verify no longer. */
  readonly rotate: (options?: { readonly withdrawPrevious: boolean }) => Promise<SigningKey>;
};

const privateJwk = z.object({
  kid: z.string(),
  kty: z.literal('RSA'),
  n: z.string(),
  e: z.string(),
  d: z.string(),
  p: z.string(),
  q: z.string(),
  dp: z.string(),
  dq: z.string(),
  qi: z.string(),
});
type PrivateJwk = z.infer<typeof privateJwk>;

const keyFile = z.object({ keys: z.array(privateJwk).min(1) });

/** Opens the issuer's keys kept in the directory (mode 0600), making the first one where there is none. */
export async function openSigningKeys(directory: string, issuerName: string): Promise<SigningKeys> {
  ensurePrivateDirectory(directory);
  const path = join(directory, `${issuerName}.json`);
  const kept = readIfPresent(path);
  let keys: readonly PrivateJwk[] = kept === undefined ? [await makeKey()] : keyFile.parse(JSON.parse(kept)).keys;
  const save = (): void => writePrivately(path, JSON.stringify({ keys }));
  if (kept === undefined) {
    save();
  }
  let active = await importFirst(keys);
  return {
    active: () => active,
    publicKeys: () => ({ keys: keys.map(({ kid, kty, n, e }) => ({ kty, use: 'sig', kid, n, e })) }),
    rotate: async (options) => {
      const next = await makeKey();
      keys = options?.withdrawPrevious === true ? [next] : [next, ...keys];
      save();
      active = await importFirst(keys);
      return active;
    },
  };
}

/** A fresh RSA key whose id is its RFC 7638 thumbprint. */
async function makeKey(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { modulusLength: 2048, extractable: true });
  const jwk = await exportJWK(privateKey);
  return privateJwk.parse({ ...jwk, kid: await calculateJwkThumbprint(jwk) });
}

async function importFirst(keys: readonly PrivateJwk[]): Promise<SigningKey> {
  const [first] = keys;
  if (first === undefined) {
    throw new Error('An issuer has at least one signing key.');
  }
  const privateKey = await importJWK(first, signingAlgorithm);
  if (privateKey instanceof Uint8Array) {
    throw new TypeError('An RSA key is not a byte string.');
  }
  return { kid: first.kid, privateKey };
}

import { createServer } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose';
import { onTestFinished } from 'vitest';

export type SigningKey = { readonly kid: string; readonly privateKey: CryptoKey; readonly publicKey: CryptoKey; readonly jwk: JWK };

export async function signingKey(kid: string, algorithm = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' } };
}

/** An issuer's key endpoint: counts how often it is asked, and can fail. Stops when the test is over. */
export async function startJwksServer(keys: readonly SigningKey[]) {
  const state = { keys, failing: false, asked: 0 };
  const server = createServer((_, response) => {
    state.asked += 1;
    response.writeHead(state.failing ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: state.keys.map(({ jwk }) => jwk) }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { jwksUri: `http://127.0.0.1:${address.port}/keys`, state };
}

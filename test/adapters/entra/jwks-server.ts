import { createServer } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose';
import { onTestFinished } from 'vitest';

export type SigningKey = { readonly kid: string; readonly privateKey: CryptoKey; readonly publicKey: CryptoKey; readonly jwk: JWK };

export async function signingKey(kid: string, algorithm = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' } };
}

/** What a key server is told to do; `body` answers with that text instead of the keys. */
export type JwksServerState = {
  keys: readonly SigningKey[];
  failing: boolean;
  body: string | undefined;
  /** Sends whoever asks to that address instead. */
  redirect: string | undefined;
  /** Begins its answer and does not end it. */
  trickles: boolean;
  asked: number;
};

/** An issuer's key endpoint: counts how often it is asked, and can fail. Stops when the test is over. */
export async function startJwksServer(keys: readonly SigningKey[]): Promise<{ jwksUri: string; state: JwksServerState }> {
  const state: JwksServerState = { keys, failing: false, body: undefined, redirect: undefined, trickles: false, asked: 0 };
  const server = createServer((_, response) => {
    state.asked += 1;
    const { redirect } = state;
    if (redirect !== undefined) {
      response.writeHead(302, { location: redirect }).end();
      return;
    }
    response.writeHead(state.failing ? 503 : 200, { 'content-type': 'application/json' });
    if (state.trickles) {
      response.write('{"keys":');
      return;
    }
    response.end(state.body ?? JSON.stringify({ keys: state.keys.map(({ jwk }) => jwk) }));
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

import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { findVaultsHere } from '../../../infra/local/vault-names.ts';
import { makeSecretCaller } from '../../../shared/adapters/key-vault/secret-caller.ts';
import { makeSecretReader } from '../../../shared/adapters/key-vault/secret-reader.ts';
import { instant } from '../../../shared/domain/instant.ts';
import { SecretText } from '../../../shared/domain/secrets/secret-text.ts';
import type { Credential } from '../../../shared/ports/azure.ts';
import type { SecretCaller, SecretOutcome } from '../../../shared/ports/key-vault.ts';
import { answering, type Behaviour, type RawServer, startRawServer, useCertificates } from '../resource-manager/raw-server.ts';

const certificates = useCertificates();
beforeAll(() => findVaultsHere());

const tenantId = '11111111-1111-4111-8111-111111111111';
const authority = 'https://login.example.com';
const own = `Bearer authorization="${authority}/${tenantId}", resource="https://vault.localhost"`;
const clock = { now: () => instant('2026-11-22T03:00:00.000Z') };
const planted = 'planted-value-91ac';
const credential: Credential = {
  tier: 'operator',
  identity: 'operator',
  token: 'the-token',
  expiresAt: instant('2026-11-22T04:00:00.000Z'),
};
const json = { 'content-type': 'application/json' };

type Vault = {
  readonly server: RawServer;
  readonly url: string;
  readonly caller: SecretCaller;
  readonly read: (name: string) => Promise<unknown>;
};

/** A vault that asks for a token as it is told, and behaves as it is told with whoever has one. */
async function startVault(
  withToken: Behaviour,
  withoutToken: Behaviour = answering(401, { 'www-authenticate': own }),
  timeoutMs = 30_000,
): Promise<Vault> {
  const server = await startRawServer(certificates(), (socket, request) =>
    /^authorization:/im.test(request.head) ? withToken(socket, request) : withoutToken(socket, request),
  );
  const suffix = `.vault.localhost:${new URL(server.origin).port}`;
  const options = { suffix, authorities: [authority], tenantId, clock, timeoutMs };
  const reader = makeSecretReader({
    ...options,
    credential: { getToken: async () => ({ token: 'the-token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
  });
  const url = `https://kv-1${suffix}`;
  return { server, url, caller: makeSecretCaller(options), read: (name) => reader.read(url, name) };
}

const setOn = ({ caller, url }: Vault, withCredential = credential): Promise<SecretOutcome> =>
  caller.callOnce(
    { kind: 'keyvaultSecret', method: 'set', vault: url, name: 'new', value: new SecretText(planted) },
    withCredential,
    'op_a',
  );
const withToken = ({ server }: Vault) => server.requests.filter(({ head }) => /^authorization:/im.test(head));
const withValue = ({ server }: Vault) => server.requests.filter(({ body }) => body.includes(planted));

describe('a challenge that is not ours gets neither token nor value', () => {
  it.each([
    ['another authority', own.replace(authority, 'https://login.evil.example')],
    ['another tenant', own.replace(tenantId, 'common')],
    ['another resource', own.replace('vault.localhost', 'management.azure.com')],
    ['a resource further up, which the client itself would take', own.replace('vault.localhost', 'localhost')],
    ['a second resource', `${own}, resource="https://localhost"`],
    ['nothing', 'Basic'],
  ])('that names %s', async (_, header) => {
    const vault = await startVault(answering(200), answering(401, { 'www-authenticate': header }));
    expect(await setOn(vault)).toEqual({ kind: 'notSent', reason: 'The vault asks for a token of another authority or resource.' });
    expect(await vault.read('new')).toMatchObject({ state: 'unreadable' });
    expect(withToken(vault)).toEqual([]);
    expect(withValue(vault)).toEqual([]);
  });

  it('and not a second one, once the token was shown', async () => {
    const vault = await startVault(answering(401, { 'www-authenticate': 'Bearer error="insufficient_claims", claims="e30="' }));
    expect(await setOn(vault)).toMatchObject({ kind: 'refused', status: 401 });
    expect(withToken(vault)).toHaveLength(1);
  });
});

describe('no other host is contacted', () => {
  it('by a redirect, before or after the token', async () => {
    const other = await startRawServer(certificates(), answering(200));
    const away = answering(307, { location: `${other.origin}/secrets/new` });
    expect(await setOn(await startVault(away))).toMatchObject({ kind: 'doubtful' });
    expect(await setOn(await startVault(answering(200), away))).toMatchObject({ kind: 'notSent' });
    expect(await (await startVault(away)).read('new')).toMatchObject({ state: 'unreadable' });
    expect(other.connections()).toBe(0);
  });

  it('by the next page of a list', async () => {
    const other = await startRawServer(certificates(), answering(200));
    const page = JSON.stringify({ value: [], nextLink: `${other.origin}/secrets?api-version=7.6` });
    const vault = await startVault(answering(200, json, page));
    expect(await vault.read('new')).toMatchObject({ state: 'unreadable' });
    expect(await vault.caller.callOnce({ kind: 'keyvaultSecret', method: 'list', vault: vault.url }, credential, 'op_a')).toMatchObject({
      kind: 'doubtful',
    });
    expect(other.connections()).toBe(0);
  });

  it('by the next page of a list that leads elsewhere on the vault', async () => {
    const vault = await startVault((socket, request) => {
      const host = /^host: (.*)$/im.exec(request.head)?.[1] ?? '';
      answering(200, json, JSON.stringify({ value: [], nextLink: `https://${host}/secrets/api-token` }))(socket, request);
    });
    expect(await vault.caller.callOnce({ kind: 'keyvaultSecret', method: 'list', vault: vault.url }, credential, 'op_a')).toMatchObject({
      kind: 'doubtful',
    });
    expect(withToken(vault)).toHaveLength(1);
  });
});

describe('what the wire does to a call', () => {
  const hangUp: Behaviour = (socket) => socket.destroy();

  it('was not sent where no connection comes up', async () => {
    const vault = await startVault(answering(200));
    const nobody = vault.url.replace(/:\d+$/, ':1');
    const caller = makeSecretCaller({ suffix: '.vault.localhost:1', authorities: [authority], tenantId, clock });
    expect(await caller.callOnce({ kind: 'keyvaultSecret', method: 'delete', vault: nobody, name: 'new' }, credential, 'op_a')).toEqual({
      kind: 'notSent',
      reason: 'The vault could not be asked which token it wants (ECONNREFUSED); nothing else was sent.',
    });
  });

  it('was not sent where the vault hangs up on the question for the token', async () => {
    const vault = await startVault(answering(200), hangUp);
    expect(await setOn(vault)).toMatchObject({ kind: 'notSent' });
    expect(withValue(vault)).toEqual([]);
  });

  it('is in doubt where the vault hangs up on the call, which goes out once', async () => {
    const vault = await startVault(hangUp);
    expect(await setOn(vault)).toEqual({
      kind: 'doubtful',
      reason: 'The connection to the vault ended before an answer came (ECONNRESET); the call may have happened.',
    });
    expect(withValue(vault)).toHaveLength(1);
  });

  it('is in doubt where no answer comes in time', async () => {
    const vault = await startVault(() => undefined, undefined, 1_500);
    expect(await setOn(vault)).toMatchObject({ kind: 'doubtful', reason: expect.stringContaining('timeout') });
  });

  it.each([500, 502, 503, 504, 408])('is in doubt after a %d, and is not repeated', async (status) => {
    const vault = await startVault(answering(status));
    expect(await setOn(vault)).toMatchObject({ kind: 'doubtful' });
    expect(withToken(vault)).toHaveLength(1);
  });

  it('did not happen where the vault says when to come again', async () => {
    expect(await setOn(await startVault(answering(503, { 'retry-after': '9' })))).toEqual({
      kind: 'busy',
      status: 503,
      retryAfterMs: 9_000,
    });
    expect(await setOn(await startVault(answering(200), answering(503)))).toMatchObject({ kind: 'busy', status: 503 });
  });

  it('is in doubt where the answer is cut off, is no JSON, or is of another secret', async () => {
    const cutOff: Behaviour = (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
    expect(await setOn(await startVault(cutOff))).toMatchObject({ kind: 'doubtful' });
    expect(await setOn(await startVault(answering(200, json, '<html>')))).toMatchObject({ kind: 'doubtful' });
    const other = JSON.stringify({ id: 'https://kv-2.vault.localhost/secrets/new/0123456789abcdef0123456789abcdef', attributes: {} });
    expect(await setOn(await startVault(answering(200, json, other)))).toMatchObject({ kind: 'doubtful' });
  });

  it('reads no value of another secret, another version, or without end', async () => {
    const bundle =
      (name: string, version: string): Behaviour =>
      (socket, request) => {
        const host = /^host: (.*)$/im.exec(request.head)?.[1] ?? '';
        answering(
          200,
          json,
          JSON.stringify({ value: 'x', id: `https://${host}/secrets/${name}/${version}`, attributes: {} }),
        )(socket, request);
      };
    const version = '0123456789abcdef0123456789abcdef';
    const good = await startVault(bundle('new', version));
    expect(await good.caller.readValue(good.url, 'new', version, credential)).toMatchObject({ kind: 'value' });
    for (const behaviour of [
      bundle('other', version),
      bundle('new', version.replace('0', 'f')),
      bundle('new', ''),
      answering(200, json, ' '.repeat(1_100_000)),
    ]) {
      const { caller, url } = await startVault(behaviour);
      expect(await caller.readValue(url, 'new', version, credential)).toMatchObject({ kind: 'unreadable' });
    }
  });

  it('sends no token that is none, nor names that are none', async () => {
    const vault = await startVault(answering(200));
    expect(await setOn(vault, { ...credential, token: 'a\r\nb: c' })).toMatchObject({ kind: 'notSent' });
    expect(await vault.caller.readValue(vault.url, '../keys/a', undefined, credential)).toMatchObject({ kind: 'unreadable' });
    expect(await vault.caller.readValue(vault.url, 'a', 'x', credential)).toMatchObject({ kind: 'unreadable' });
    expect(vault.server.connections()).toBe(0);
  });
});

describe('a value that was sent', () => {
  it('is in nothing that is told, whatever the vault repeats of it', async () => {
    const error = { error: { code: planted, message: planted, innererror: { code: planted, message: planted } } };
    for (const status of [400, 403, 409, 500]) {
      const outcome = await setOn(await startVault(answering(status, { ...json, 'x-ms-request-id': planted }, JSON.stringify(error))));
      expect(inspect(outcome, { depth: 9 })).not.toContain(planted);
    }
    const echo: Behaviour = (socket) => socket.end(`HTTP/1.1 2${planted}\r\n\r\n`);
    expect(inspect(await setOn(await startVault(echo)), { depth: 9 })).not.toContain(planted);
  });
});

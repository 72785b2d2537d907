import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pagesOf, refusalOf, useKeyVault } from './key-vault-setup.ts';

const bench = useKeyVault();
const second = 1_000;
const day = 24 * 60 * 60 * second;

const reader = () => bench.client('reader');
const operator = (vault?: string) => bench.client('operator', vault);
const secrets = (vault?: string) => bench.client('secrets', vault);

describe('who is let in', () => {
  it('is nobody without a token: the answer says where to get one, and for what', async () => {
    const answer = await fetch(`${bench.keyVault().vaultUrl('kv-dev-1')}/secrets?api-version=7.6`);
    expect(answer.status).toBe(401);
    const authority = bench.identity().issuer.replace(/\/v2\.0$/, '');
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer authorization="${authority}", resource="https://vault.localhost"`);
    expect(await answer.json()).toEqual({
      error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' },
    });
  });

  it('is nobody with a token for Azure Resource Manager', async () => {
    const authorization = `Bearer ${await bench.token('secrets', 'https://management.azure.com')}`;
    const answer = await fetch(`${bench.keyVault().vaultUrl('kv-dev-1')}/secrets?api-version=7.6`, { headers: { authorization } });
    expect(answer.status).toBe(401);
  });

  it('is nobody whose token has ended', async () => {
    await secrets().getSecret('database-password');
    bench.advance(2 * day);
    expect(await refusalOf(secrets().getSecret('database-password'))).toEqual({ status: 401, code: 'Unauthorized' });
  });

  it('is a client that answers the challenge, with its check of the resource on', async () => {
    const { value, properties } = await secrets().getSecret('database-password');
    expect(value).toMatch(/^[\w-]{32}$/);
    expect(properties).toMatchObject({
      name: 'database-password',
      enabled: true,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    });
    expect(
      bench
        .keyVault()
        .requests()
        .map(({ status }) => status),
    ).toEqual([401, 200]);
  });

  it('knows no vault but those that there are', async () => {
    const answer = await fetch(`${bench.keyVault().vaultUrl('kv-other')}/secrets?api-version=7.6`);
    expect(answer.status).toBe(404);
  });
});

describe('what each identity may do', () => {
  it('refuses a value to the reader and to the operator', async () => {
    expect(await refusalOf(reader().getSecret('database-password'))).toEqual({ status: 403, code: 'Forbidden' });
    expect(await refusalOf(operator().getSecret('database-password'))).toEqual({ status: 403, code: 'Forbidden' });
  });

  it('refuses changes to the reader and to the identity that reads values', async () => {
    for (const client of [reader(), secrets()]) {
      expect(await refusalOf(client.setSecret('new', 'x'))).toEqual({ status: 403, code: 'Forbidden' });
      expect(await refusalOf(client.beginDeleteSecret('database-password'))).toEqual({ status: 403, code: 'Forbidden' });
      expect(await refusalOf(client.purgeDeletedSecret('database-password'))).toEqual({ status: 403, code: 'Forbidden' });
    }
    // Asked to recover what is there, the client reads its value and is content, so it is asked for what is not.
    expect(await refusalOf(reader().beginRecoverDeletedSecret('nothing'))).toEqual({ status: 403, code: 'Forbidden' });
    expect(await refusalOf(secrets().beginRecoverDeletedSecret('nothing'))).toEqual({ status: 403, code: 'Forbidden' });
  });

  it('refuses everything to an identity without a role, also what is not there', async () => {
    const other = bench.client('directory');
    expect(await refusalOf(other.listPropertiesOfSecrets().next())).toMatchObject({ status: 403 });
    expect(await refusalOf(other.getSecret('nothing'))).toEqual({ status: 403, code: 'Forbidden' });
  });

  it('takes roles that are assigned at a vault or at one secret, and no further', async () => {
    const principalId = '66666666-6666-4666-8666-000000000003';
    const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6';
    const vault = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dev/providers/Microsoft.KeyVault/vaults/kv-dev-1';
    const scopeId = `${vault}/secrets/api-token`;
    await bench.restart({ assigned: () => [{ principalId, roleId: secretsUser, scopeId }] });
    const other = bench.client('directory');
    expect((await other.getSecret('api-token')).name).toBe('api-token');
    expect(await refusalOf(other.getSecret('database-password'))).toMatchObject({ status: 403 });
    expect(await refusalOf(bench.client('directory', 'kv-prod-1').getSecret('api-token'))).toMatchObject({ status: 403 });
  });
});

describe('secrets and their versions', () => {
  it('gives each set a version of its own, and keeps the older ones', async () => {
    const first = await operator().setSecret('rotated', 'one', { tags: { usedBy: 'web' }, contentType: 'text/plain' });
    bench.advance(second);
    const next = await operator().setSecret('ROTATED', 'two');
    expect(first.properties.version).toMatch(/^[0-9a-f]{32}$/);
    expect(next.properties.version).not.toBe(first.properties.version);
    expect((await secrets().getSecret('rotated')).value).toBe('two');
    expect(await secrets().getSecret('rotated', { version: first.properties.version ?? '' })).toMatchObject({
      value: 'one',
      properties: { contentType: 'text/plain', tags: { usedBy: 'web' } },
    });
    const [versions = []] = await pagesOf(reader().listPropertiesOfSecretVersions('rotated').byPage());
    expect(versions.map(({ version }) => version).sort()).toEqual([first.properties.version, next.properties.version].sort());
  });

  it('answers 404 for what is not there', async () => {
    expect(await refusalOf(secrets().getSecret('nothing'))).toEqual({ status: 404, code: 'SecretNotFound' });
    const version = '0'.repeat(32);
    expect(await refusalOf(secrets().getSecret('database-password', { version }))).toEqual({ status: 404, code: 'SecretNotFound' });
    expect(await pagesOf(reader().listPropertiesOfSecretVersions('nothing').byPage())).toEqual([[]]);
  });

  it('refuses a name that is none', async () => {
    expect(await refusalOf(operator().setSecret('not_a_name', 'x'))).toEqual({ status: 400, code: 'BadParameter' });
    expect(await refusalOf(operator().setSecret('a'.repeat(128), 'x'))).toEqual({ status: 400, code: 'BadParameter' });
  });

  it('does not give the value of a disabled one', async () => {
    expect(await refusalOf(secrets().getSecret('retired-token'))).toEqual({ status: 403, code: 'Forbidden' });
    const answer = await fetch(`${bench.keyVault().vaultUrl('kv-dev-1')}/secrets/retired-token?api-version=7.6`, {
      headers: { authorization: `Bearer ${await bench.token('secrets')}` },
    });
    expect(await answer.json()).toMatchObject({ error: { code: 'Forbidden', innererror: { code: 'SecretDisabled' } } });
  });

  it('gives one that has expired, or is not yet valid, as Azure does', async () => {
    const { properties } = await secrets().getSecret('lapsed-token');
    expect(properties.expiresOn?.getTime()).toBeLessThan(bench.now());
    const notBefore = new Date(Math.floor(bench.now() / second) * second + day);
    await operator().setSecret('early', 'x', { notBefore });
    expect(await secrets().getSecret('early')).toMatchObject({ value: 'x', properties: { notBefore } });
  });

  it('keeps long, many-lined and binary-looking values exactly', async () => {
    const values = [
      'x'.repeat(25_000),
      '-----BEGIN KEY-----\r\nabc\n\tdef\n-----END KEY-----\n',
      '\u0000\u0001\u001f"\\\u2028é😀',
      '',
      ' ',
    ];
    for (const [index, value] of values.entries()) {
      await operator().setSecret(`exact-${index}`, value);
      expect((await secrets().getSecret(`exact-${index}`)).value).toBe(value);
    }
  });

  it('refuses a value over 25 KiB, by its bytes, and a sixteenth tag', async () => {
    expect(await refusalOf(operator().setSecret('long', 'x'.repeat(25 * 1024 + 1)))).toEqual({ status: 400, code: 'BadParameter' });
    expect(await refusalOf(operator().setSecret('long', 'é'.repeat(12_801)))).toEqual({ status: 400, code: 'BadParameter' });
    await operator().setSecret('long', 'x'.repeat(25 * 1024));
    const tags = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`tag-${index}`, '']));
    expect(await refusalOf(operator().setSecret('tagged', 'x', { tags }))).toEqual({ status: 400, code: 'BadParameter' });
  });

  it('lists pages of 25 at most, without values and versions', async () => {
    for (let index = 0; index < 26; index += 1) await operator().setSecret(`many-${String(index).padStart(2, '0')}`, 'x');
    const pages = await pagesOf(reader().listPropertiesOfSecrets().byPage());
    expect(pages.map((page) => page.length)).toEqual([25, 6]);
    expect(new Set(pages.flat().map(({ name }) => name)).size).toBe(31);
    expect(pages.flat().every(({ version }) => version === undefined || version === '')).toBe(true);
    const small = await pagesOf(reader().listPropertiesOfSecrets().byPage({ maxPageSize: 11 }));
    expect(small.map((page) => page.length)).toEqual([11, 11, 9]);
  });
});

describe('deleted secrets', () => {
  const remove = async (name: string, vault?: string) => await operator(vault).beginDeleteSecret(name);

  it('leave their name taken until they are recovered or purged', async () => {
    const deleted = (await remove('api-token')).getResult();
    expect(deleted?.scheduledPurgeDate?.getTime()).toBe(Math.floor(bench.now() / second) * second + 90 * day);
    expect(await refusalOf(secrets().getSecret('api-token'))).toEqual({ status: 404, code: 'SecretNotFound' });
    expect(await refusalOf(operator().setSecret('api-token', 'x'))).toEqual({ status: 409, code: 'Conflict' });
    expect(await refusalOf(remove('api-token'))).toEqual({ status: 404, code: 'SecretNotFound' });
    expect((await reader().getDeletedSecret('api-token')).deletedOn?.getTime()).toBe(Math.floor(bench.now() / second) * second);
    expect((await pagesOf(reader().listDeletedSecrets().byPage())).flat().map(({ name }) => name)).toEqual(['api-token']);
  });

  it('come back whole', async () => {
    const { value } = await secrets().getSecret('database-password');
    const [before = []] = await pagesOf(reader().listPropertiesOfSecretVersions('database-password').byPage());
    await remove('database-password');
    await operator().beginRecoverDeletedSecret('database-password');
    expect((await secrets().getSecret('database-password')).value).toBe(value);
    expect((await pagesOf(reader().listPropertiesOfSecretVersions('database-password').byPage()))[0]).toEqual(before);
  });

  it('are gone for good once they are purged', async () => {
    await remove('api-token');
    await operator().purgeDeletedSecret('api-token');
    expect(await refusalOf(reader().getDeletedSecret('api-token'))).toEqual({ status: 404, code: 'SecretNotFound' });
    expect(await refusalOf(operator().purgeDeletedSecret('api-token'))).toEqual({ status: 404, code: 'SecretNotFound' });
    await operator().setSecret('api-token', 'anew');
  });

  it('cannot be purged where the vault has purge protection', async () => {
    await remove('api-token', 'kv-prod-1');
    expect(await refusalOf(operator('kv-prod-1').purgeDeletedSecret('api-token'))).toEqual({ status: 403, code: 'Forbidden' });
    expect((await bench.client('reader', 'kv-prod-1').getDeletedSecret('api-token')).properties.recoveryLevel).toBe('Recoverable');
  });

  it('go by themselves when their time has come', async () => {
    await remove('api-token');
    bench.advance(90 * day);
    // The token of before has ended meanwhile; this one is of another audience, the same but for its slash.
    const client = bench.client('reader', 'kv-dev-1', {}, 'https://vault.localhost/');
    expect(await pagesOf(client.listDeletedSecrets().byPage())).toEqual([[]]);
  });
});

describe('what can go wrong', () => {
  it('throttles, saying when to come again', async () => {
    bench.keyVault().faults.inject({ name: 'throttle', retryAfterSeconds: 7, match: { pathEnd: '/kv-dev-1/secrets/new' } });
    expect(await refusalOf(operator().setSecret('new', 'x'))).toEqual({ status: 429, code: 'Throttled' });
    const answers = bench
      .keyVault()
      .requests()
      .map(({ status, effect }) => ({ status, effect }));
    expect(answers).toEqual([
      { status: 401, effect: null },
      { status: 429, effect: null },
    ]);
    await operator().setSecret('new', 'x');
  });

  it('is met by Azure’s client with repetitions', async () => {
    bench.keyVault().faults.inject({ name: 'throttle', retryAfterSeconds: 0, times: 2 });
    const patient = bench.client('secrets', 'kv-dev-1', { retryOptions: { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 1 } });
    expect((await patient.getSecret('api-token')).name).toBe('api-token');
  });

  it('breaks the connection before or after the effect, and the log tells which', async () => {
    bench.keyVault().faults.inject({ name: 'resetBeforeEffect', match: { method: 'PUT' } });
    bench.keyVault().faults.inject({ name: 'resetAfterEffect', match: { method: 'PUT' } });
    await expect(operator().setSecret('one', 'x')).rejects.toThrow();
    await expect(operator().setSecret('two', 'x')).rejects.toThrow();
    const authenticated = bench
      .keyVault()
      .requests()
      .filter(({ principalId }) => principalId !== null);
    expect(authenticated.map(({ effect, faults }) => ({ effect: effect?.resourceId ?? null, faults }))).toEqual([
      { effect: null, faults: ['resetBeforeEffect'] },
      { effect: '/kv-dev-1/secrets/two', faults: ['resetAfterEffect'] },
    ]);
  });

  it('lets another process inject faults, with the key', async () => {
    const address = `${bench.keyVault().vaultUrl('kv-dev-1')}/_faults`;
    const order = { method: 'POST', body: JSON.stringify({ inject: { name: 'unavailable' } }) };
    expect((await fetch(address, order)).status).toBe(401);
    expect((await fetch(address, { ...order, headers: { 'x-admin-key': bench.keyVault().adminKey } })).status).toBe(201);
    expect(await refusalOf(reader().listPropertiesOfSecrets().next())).toMatchObject({ status: 503 });
  });
});

describe('what is kept', () => {
  it('outlives a restart, in files that only their owner can read', async () => {
    await operator().setSecret('kept', 'planted-value-5d1f');
    const { value } = await secrets().getSecret('database-password');
    await bench.restart();
    expect((await secrets().getSecret('kept')).value).toBe('planted-value-5d1f');
    expect((await secrets().getSecret('database-password')).value).toBe(value);
    const files = readdirSync(bench.directory());
    expect(files.map((name) => statSync(join(bench.directory(), name)).mode & 0o777)).toEqual(files.map(() => 0o600));
  });

  it('is random: no two environments share a value', async () => {
    const values = await Promise.all(['kv-dev-1', 'kv-prod-1'].map(async (vault) => (await secrets(vault).getSecret('api-token')).value));
    expect(new Set(values).size).toBe(2);
  });

  it('never has a value, or what a value could be guessed by, in the log', async () => {
    await operator().setSecret('kept', 'planted-value-5d1f');
    await secrets().getSecret('kept');
    expect(readFileSync(join(bench.directory(), 'requests.ndjson'), 'utf8')).not.toContain('planted-value');
    expect(
      bench
        .keyVault()
        .requests()
        .every(({ bodySha256 }) => bodySha256 === null),
    ).toBe(true);
  });
});

describe('versions of the protocol', () => {
  it.each(['7.4', '7.5', '7.6', '2025-07-01'] as const)('takes what a client of %s sends', async (serviceVersion) => {
    const client = bench.client('secrets', 'kv-dev-1', { serviceVersion });
    expect((await client.getSecret('api-token')).name).toBe('api-token');
    expect(decodeURIComponent(bench.keyVault().requests().at(-1)?.url ?? '')).toContain(`api-version=${serviceVersion}`);
  });
});

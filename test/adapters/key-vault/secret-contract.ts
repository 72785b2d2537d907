import { expect, it } from 'vitest';
import type { Tier } from '../../../shared/domain/access/tiers.ts';
import type { SecretRequest } from '../../../shared/domain/secrets/secret-request.ts';
import { SecretText } from '../../../shared/domain/secrets/secret-text.ts';
import type { Credential } from '../../../shared/ports/azure.ts';
import type { SecretCaller, SecretOutcome, SecretReader, SecretValueOutcome } from '../../../shared/ports/key-vault.ts';

/** What is behind the two ports, with two vaults as they are at first in the local environment. */
export type SecretsUnderTest = {
  readonly reader: SecretReader;
  readonly caller: SecretCaller;
  readonly credential: (tier: Tier) => Promise<Credential>;
  /** Canonical addresses; the second one has purge protection. */
  readonly dev: string;
  readonly prod: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly advance: (milliseconds: number) => void;
  /** What the next call of an effect meets. */
  readonly throttleNext: (retryAfterSeconds: number) => void;
  readonly loseNext: (when: 'beforeEffect' | 'afterEffect') => void;
};

const second = 1_000;
const day = 24 * 60 * 60 * second;
const kind = 'keyvaultSecret';

/** The ports to Key Vault, whatever is behind them. */
export function describeSecrets(subject: () => SecretsUnderTest): void {
  const call = async (request: SecretRequest): Promise<SecretOutcome> => {
    const tier = request.method === 'list' || request.method === 'get' ? 'reader' : 'operator';
    return await subject().caller.callOnce(request, await subject().credential(tier), 'op_contract');
  };
  const set = (name: string, value: string, vault = subject().dev) =>
    call({ kind, method: 'set', vault, name, value: new SecretText(value) });
  const change = (method: 'delete' | 'recover' | 'purge', name: string, vault = subject().dev) => call({ kind, method, vault, name });
  const read = (name: string, vault = subject().dev) => subject().reader.read(vault, name);
  const value = async (name: string, version?: string): Promise<SecretValueOutcome> =>
    await subject().caller.readValue(subject().dev, name, version, await subject().credential('secrets'));
  const valueText = async (name: string, version?: string) => {
    const outcome = await value(name, version);
    return outcome.kind === 'value' ? outcome.value.reveal() : outcome.kind;
  };

  it('refuses what is not there, and says by which code', async () => {
    const missing = { kind: 'refused', status: 404, code: 'SecretNotFound' };
    expect(await change('delete', 'nothing')).toMatchObject(missing);
    expect(await change('recover', 'nothing')).toMatchObject(missing);
    expect(await change('purge', 'nothing')).toMatchObject(missing);
    expect(await call({ kind, method: 'get', vault: subject().dev, name: 'nothing' })).toMatchObject(missing);
    expect(await call({ kind, method: 'get', vault: subject().dev, name: 'api-token', version: '0'.repeat(32) })).toMatchObject(missing);
    expect(await value('nothing')).toMatchObject(missing);
    expect(await value('api-token', '0'.repeat(32))).toMatchObject(missing);
    expect(await read('nothing')).toEqual({ state: 'absent' });
  });

  it('contacts nobody for an address that is not of a vault', async () => {
    const credential = await subject().credential('operator');
    for (const vault of ['https://kv-dev-1.vault.example.com', 'https://vault.localhost', subject().dev.replace('https:', 'http:')]) {
      expect(await subject().reader.read(vault, 'api-token')).toMatchObject({ state: 'unreadable' });
      expect(await subject().caller.callOnce({ kind, method: 'delete', vault, name: 'api-token' }, credential, 'op_a')).toMatchObject({
        kind: 'notSent',
      });
      expect(await subject().caller.readValue(vault, 'api-token', undefined, credential)).toMatchObject({ kind: 'unreadable' });
    }
  });

  it('sets versions, tells them newest first, and reads the value of each', async () => {
    const one = await set('rotated', 'one');
    subject().advance(2 * second);
    const two = await set('rotated', 'two');
    expect(one).toMatchObject({
      kind: 'done',
      status: 200,
      answer: { of: 'secret', secret: { name: 'rotated', enabled: true, tags: {} } },
    });
    const versions = [two, one].map((outcome) =>
      outcome.kind === 'done' && outcome.answer.of === 'secret' ? outcome.answer.secret.version : undefined,
    );
    expect(new Set(versions).size).toBe(2);
    expect(await read('rotated')).toMatchObject({ state: 'present', versions: versions.map((version) => ({ name: 'rotated', version })) });
    expect(await valueText('rotated')).toBe('two');
    expect(await valueText('rotated', versions[1])).toBe('one');
  });

  it('gives a new version the properties that it is to keep', async () => {
    const request = { kind, method: 'set', vault: subject().dev, name: 'kept', value: new SecretText('three') } as const;
    const kept = { tags: { usedBy: 'shop-web', environment: 'prod' }, contentType: 'text/plain' };
    await subject().caller.callOnce(request, await subject().credential('operator'), 'op_contract', kept);
    expect(await read('kept')).toMatchObject({ state: 'present', versions: [kept] });
    expect(await valueText('kept')).toBe('three');
  });

  it('never has a value in what it tells of a call', async () => {
    const outcome = await set('planted', 'planted-value-77c2');
    expect(JSON.stringify([outcome, await read('planted'), await call({ kind, method: 'list', vault: subject().dev })])).not.toContain(
      'planted-value',
    );
    expect(JSON.stringify(await value('planted'))).not.toContain('planted-value');
  });

  it('gets properties, of the newest version or of one', async () => {
    const got = await call({ kind, method: 'get', vault: subject().dev, name: 'database-password' });
    const state = await read('database-password');
    const newest = state.state === 'present' ? state.versions[0] : undefined;
    const oldest = state.state === 'present' ? state.versions.at(-1) : undefined;
    expect(newest).toMatchObject({
      tags: { owner: 'payments' },
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
      managed: false,
    });
    expect(got).toMatchObject({ kind: 'done', answer: { of: 'secret', secret: newest ?? {} } });
    const version = oldest?.version ?? '';
    expect(version).not.toBe(newest?.version);
    expect(await call({ kind, method: 'get', vault: subject().dev, name: 'database-password', version })).toMatchObject({
      kind: 'done',
      answer: { of: 'secret', secret: oldest ?? {} },
    });
  });

  it('lists what is not deleted, without versions', async () => {
    await change('delete', 'storage-connection');
    const listed = await call({ kind, method: 'list', vault: subject().dev });
    const secrets = listed.kind === 'done' && listed.answer.of === 'list' ? listed.answer.secrets : [];
    expect(secrets.map(({ name }) => name)).toEqual(['api-token', 'database-password', 'lapsed-token', 'retired-token']);
    expect(secrets.every((secret) => !('version' in secret))).toBe(true);
    expect(listed).toMatchObject({ answer: { isWhole: true } });
  });

  it('does not give the value of a disabled version, and tells when one expires or has expired', async () => {
    expect(await value('retired-token')).toMatchObject({ kind: 'refused', status: 403, code: 'SecretDisabled' });
    const lapsed = await value('lapsed-token');
    const lapsedAt = lapsed.kind === 'value' ? Date.parse(lapsed.properties.expires ?? '') : Number.NaN;
    expect(lapsedAt).toBeLessThan(subject().now());
    const state = await read('api-token');
    expect(state.state === 'present' ? Date.parse(state.versions[0].expires ?? '') : Number.NaN).toBeGreaterThan(subject().now());
  });

  it('deletes softly, takes the name, and recovers all of it', async () => {
    const before = await read('database-password');
    const at = Math.floor(subject().now() / second) * second;
    const deleted = { deleted: new Date(at).toISOString(), scheduledPurge: new Date(at + 90 * day).toISOString() };
    expect(await change('delete', 'database-password')).toMatchObject({ kind: 'done', answer: { of: 'deleted', secret: deleted } });
    expect(await read('database-password')).toMatchObject({ state: 'deleted', secret: { name: 'database-password', ...deleted } });
    expect(await value('database-password')).toMatchObject({ kind: 'refused', code: 'SecretNotFound' });
    expect(await set('database-password', 'x')).toMatchObject({ kind: 'refused', status: 409, code: 'ObjectIsDeletedButRecoverable' });
    expect(await change('recover', 'database-password')).toMatchObject({ kind: 'done', answer: { of: 'secret' } });
    expect(await read('database-password')).toEqual(before);
  });

  it('does not recover what is there', async () => {
    expect(await change('recover', 'api-token')).toMatchObject({ kind: 'refused', status: 404 });
  });

  it('purges only where the vault lets it', async () => {
    await change('delete', 'api-token');
    expect(await change('purge', 'api-token')).toMatchObject({ kind: 'done', status: 204, answer: { of: 'nothing' } });
    expect(await read('api-token')).toEqual({ state: 'absent' });
    await change('delete', 'api-token', subject().prod);
    expect(await change('purge', 'api-token', subject().prod)).toMatchObject({ kind: 'refused', status: 403, code: 'Forbidden' });
    expect(await read('api-token', subject().prod)).toMatchObject({ state: 'deleted' });
  });

  it('keeps long, many-lined and binary-looking values exactly', async () => {
    const values = ['x'.repeat(25_000), '-----BEGIN KEY-----\r\nabc\n\tdef\n-----END KEY-----\n', '\u0000\u0001\u001f"\\\u2028é😀', ' '];
    for (const [index, text] of values.entries()) {
      await set(`exact-${index}`, text);
      expect(await valueText(`exact-${index}`)).toBe(text);
    }
  });

  it('tells that the vault is busy, and that nothing happened', async () => {
    subject().throttleNext(7);
    expect(await set('late', 'x')).toEqual({ kind: 'busy', status: 429, retryAfterMs: 7_000 });
    expect(await read('late')).toEqual({ state: 'absent' });
  });

  it('doubts what was lost, whether or not it happened', async () => {
    subject().loseNext('beforeEffect');
    expect(await set('lost', 'x')).toMatchObject({ kind: 'doubtful' });
    expect(await read('lost')).toEqual({ state: 'absent' });
    subject().loseNext('afterEffect');
    expect(await change('delete', 'api-token')).toMatchObject({ kind: 'doubtful' });
    expect(await read('api-token')).toMatchObject({ state: 'deleted' });
  });

  it('keeps the request id of Key Vault', async () => {
    expect(await set('traced', 'x')).toMatchObject({ requestId: expect.stringMatching(/^[\w-]+$/) });
    expect(await value('traced')).toMatchObject({ requestId: expect.stringMatching(/^[\w-]+$/) });
    expect(await value('nothing')).toMatchObject({ requestId: expect.stringMatching(/^[\w-]+$/) });
  });
}

import { beforeEach, describe, expect, it } from 'vitest';
import { makeSecretCaller } from '../../../shared/adapters/key-vault/secret-caller.ts';
import { makeSecretReader } from '../../../shared/adapters/key-vault/secret-reader.ts';
import type { Tier } from '../../../shared/domain/access/tiers.ts';
import { instantFromEpochMs } from '../../../shared/domain/instant.ts';
import { SecretText } from '../../../shared/domain/secrets/secret-text.ts';
import type { Credential } from '../../../shared/ports/azure.ts';
import { useKeyVault } from '../../infra/local/key-vault-setup.ts';
import { describeSecrets, type SecretsUnderTest } from './secret-contract.ts';

const bench = useKeyVault();
let subject: SecretsUnderTest;

beforeEach(() => {
  const { suffix, vaultUrl, faults } = bench.keyVault();
  const authorities = [bench.identity().address];
  const clock = { now: () => instantFromEpochMs(bench.now()) };
  const options = { suffix, authorities, tenantId: '11111111-1111-4111-8111-111111111111', clock };
  subject = {
    reader: makeSecretReader({ ...options, credential: bench.credential('reader') }),
    caller: makeSecretCaller(options),
    credential: credentialOf,
    dev: vaultUrl('kv-dev-1'),
    prod: vaultUrl('kv-prod-1'),
    now: bench.now,
    advance: bench.advance,
    throttleNext: (retryAfterSeconds) => faults.inject({ name: 'throttle', retryAfterSeconds }),
    loseNext: (when) => faults.inject({ name: when === 'beforeEffect' ? 'resetBeforeEffect' : 'resetAfterEffect' }),
  };
});

async function credentialOf(tier: Tier): Promise<Credential> {
  return { tier, identity: tier, token: await bench.token(tier), expiresAt: instantFromEpochMs(bench.now() + 3_600_000) };
}

describe('Key Vault over Azure’s client', () => {
  describeSecrets(() => subject);
});

describe('what goes over the wire', () => {
  const sent = () =>
    bench
      .keyVault()
      .requests()
      .map(({ method, url, status }) => `${method} ${decodeURIComponent(url).replace(/\?.*/, '')} ${status}`);
  const kind = 'keyvaultSecret';

  it('is of an effect the challenge, and the call once', async () => {
    const { caller, dev } = subject;
    const operator = await credentialOf('operator');
    await caller.callOnce({ kind, method: 'set', vault: dev, name: 'new', value: new SecretText('x') }, operator, 'op_a');
    await caller.callOnce({ kind, method: 'delete', vault: dev, name: 'new' }, operator, 'op_b');
    await caller.callOnce({ kind, method: 'recover', vault: dev, name: 'new' }, operator, 'op_c');
    await caller.callOnce({ kind, method: 'delete', vault: dev, name: 'new' }, operator, 'op_d');
    await caller.callOnce({ kind, method: 'purge', vault: dev, name: 'new' }, operator, 'op_e');
    expect(sent()).toEqual([
      'PUT /kv-dev-1/secrets/new 401',
      'PUT /kv-dev-1/secrets/new 200',
      'DELETE /kv-dev-1/secrets/new 401',
      'DELETE /kv-dev-1/secrets/new 200',
      'POST /kv-dev-1/deletedsecrets/new/recover 401',
      'POST /kv-dev-1/deletedsecrets/new/recover 200',
      'DELETE /kv-dev-1/secrets/new 401',
      'DELETE /kv-dev-1/secrets/new 200',
      'DELETE /kv-dev-1/deletedsecrets/new 401',
      'DELETE /kv-dev-1/deletedsecrets/new 204',
    ]);
    expect(
      bench
        .keyVault()
        .requests()
        .map(({ clientRequestId }) => clientRequestId),
    ).toEqual(['op_a', 'op_b', 'op_c', 'op_d', 'op_e'].flatMap((id) => [id, id]));
  });

  it('has no body where there is no token yet', async () => {
    const operator = await credentialOf('operator');
    await subject.caller.callOnce({ kind, method: 'set', vault: subject.dev, name: 'new', value: new SecretText('x') }, operator, 'op_a');
    expect(
      bench
        .keyVault()
        .requests()
        .map(({ bodySizeBytes }) => bodySizeBytes),
    ).toEqual([0, expect.any(Number)]);
  });

  it('repeats a read that was throttled, but no effect', async () => {
    bench.keyVault().faults.inject({ name: 'throttle', retryAfterSeconds: 0, times: 2 });
    expect(await subject.reader.read(subject.dev, 'api-token')).toMatchObject({ state: 'present' });
    expect(sent().map((line) => line.slice(-3))).toEqual(['401', '429', '429', '200']);
  });

  it('follows a list over its pages', async () => {
    const client = bench.client('operator');
    for (let index = 0; index < 26; index += 1) await client.setSecret('many', 'x');
    const state = await subject.reader.read(subject.dev, 'many');
    expect(state.state === 'present' ? state.versions.length : 0).toBe(26);
  });

  it('refuses what an identity may not do', async () => {
    const reader = await credentialOf('reader');
    expect(await subject.caller.callOnce({ kind, method: 'delete', vault: subject.dev, name: 'api-token' }, reader, 'op_a')).toMatchObject({
      kind: 'refused',
      status: 403,
      code: 'ForbiddenByRbac',
      message: 'The identity has no right to this in the vault.',
    });
    expect(await subject.caller.readValue(subject.dev, 'api-token', undefined, reader)).toMatchObject({
      kind: 'refused',
      code: 'ForbiddenByRbac',
    });
  });

  it('refuses a value that is too long as Azure does, without repeating it', async () => {
    const operator = await credentialOf('operator');
    const value = new SecretText('x'.repeat(25 * 1024 + 1));
    expect(await subject.caller.callOnce({ kind, method: 'set', vault: subject.dev, name: 'long', value }, operator, 'op_a')).toMatchObject(
      {
        kind: 'refused',
        status: 400,
        code: 'BadParameter',
        message: 'Key Vault does not take the request as it is.',
      },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { instant } from '../../../shared/domain/instant.ts';
import { assessSecret } from '../../../shared/domain/risk/assess-secret.ts';
import type { SecretRequest } from '../../../shared/domain/secrets/secret-request.ts';
import type { SecretProperties, SecretState } from '../../../shared/domain/secrets/secret-state.ts';
import { SecretText } from '../../../shared/domain/secrets/secret-text.ts';

const readAt = instant('2026-11-21T20:12:00.000Z');
const at = { kind: 'keyvaultSecret', vault: 'https://kv-1.vault.azure.net', name: 'a' } as const;
const key = { kty: 'RSA', n: 'AQAB', e: 'AQAB' } as const;
const properties: SecretProperties = {
  name: 'a',
  version: '0'.repeat(32),
  enabled: true,
  tags: {},
  managed: false,
  recoveryLevel: 'Recoverable',
};

function judged(
  request: SecretRequest,
  environment: 'prod' | 'dev',
  state: SecretState = { state: 'present', versions: [properties] },
  softDelete = true,
) {
  const vault = { resourceId: '/subscriptions/s', softDelete, purgeProtection: false };
  return assessSecret(request, {
    scopes: { existence: 'present', scopes: [{ scope: '/s', tags: { environment } }], readAt },
    vault,
    state,
  });
}

const calls: Readonly<Record<string, SecretRequest>> = {
  list: { kind: 'keyvaultSecret', method: 'list', vault: at.vault },
  get: { ...at, method: 'get' },
  reveal: { ...at, method: 'get', revealTo: key },
  set: { ...at, method: 'set', value: new SecretText('hunter2') },
  delete: { ...at, method: 'delete' },
  recover: { ...at, method: 'recover' },
  purge: { ...at, method: 'purge' },
};

describe('the level of each method', () => {
  it.each([
    ['list', 'low', 'low'],
    ['get', 'low', 'low'],
    ['reveal', 'high', 'high'],
    ['set', 'high', 'high'],
    ['delete', 'critical', 'high'],
    ['recover', 'high', 'medium'],
    ['purge', 'critical', 'high'],
  ])('%s is %s in production, %s elsewhere', (name, production, elsewhere) => {
    const request = calls[name] ?? calls['list'];
    if (request === undefined) throw new RangeError('no such call');
    expect([judged(request, 'prod').level, judged(request, 'dev').level]).toEqual([production, elsewhere]);
  });
});

describe('what was read', () => {
  const codesOf = (...asked: Parameters<typeof judged>) => judged(...asked).factors.map(({ code }) => code);

  it.each<[string, SecretRequest, SecretState, boolean, string]>([
    [
      'a deletion that nobody could undo, as the vault keeps nothing',
      { ...at, method: 'delete' },
      { state: 'present', versions: [properties] },
      false,
      'deletesSecretForGood',
    ],
    [
      'a deletion that nobody could undo, as the secret says',
      { ...at, method: 'delete' },
      { state: 'present', versions: [{ ...properties, recoveryLevel: 'Purgeable' }] },
      true,
      'deletesSecretForGood',
    ],
    [
      'who uses it',
      { ...at, method: 'delete' },
      { state: 'present', versions: [{ ...properties, tags: { 'Used-By': 'web' } }] },
      true,
      'secretHasUsers',
    ],
    [
      'who used what is destroyed',
      { ...at, method: 'purge' },
      { state: 'deleted', secret: { ...properties, tags: { app: 'web' } } },
      true,
      'secretHasUsers',
    ],
    [
      'what a new version would not have',
      { ...at, method: 'set', value: new SecretText('x') },
      { state: 'present', versions: [{ ...properties, expires: instant('2027-01-01T00:00:00.000Z') }] },
      true,
      'losesSecretProperties',
    ],
    [
      'a certificate',
      { ...at, method: 'delete' },
      { state: 'present', versions: [{ ...properties, managed: true }] },
      true,
      'secretOfCertificate',
    ],
    [
      'what could not be read',
      { ...at, method: 'set', value: new SecretText('x') },
      { state: 'unreadable', reason: 'No.' },
      true,
      'secretNotRead',
    ],
    [
      'an end that is near',
      { ...at, method: 'delete' },
      { state: 'present', versions: [{ ...properties, expires: instant('2026-11-22T00:00:00.000Z') }] },
      true,
      'secretExpiresSoon',
    ],
  ])('%s is told', (_, request, state, softDelete, code) => {
    expect(codesOf(request, 'dev', state, softDelete)).toContain(code);
  });

  it('never tells a value', () => {
    expect(JSON.stringify(judged({ ...at, method: 'set', value: new SecretText('hunter2') }, 'prod'))).not.toContain('hunter2');
  });

  it('is production where the vault says nothing of itself', () => {
    const vault = { resourceId: undefined, softDelete: false, purgeProtection: false };
    expect(
      assessSecret({ ...at, method: 'recover' }, { scopes: { existence: 'unreadable', scopes: [], readAt }, vault, state: undefined })
        .environment,
    ).toBe('production');
  });
});

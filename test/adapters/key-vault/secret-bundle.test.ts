import { describe, expect, it } from 'vitest';
import { deletedOf, propertiesOf } from '../../../shared/adapters/key-vault/secret-bundle.ts';
import type { JsonObject } from '../../../shared/domain/json.ts';

const vault = 'https://kv-1.vault.azure.net';
const id = `${vault}/secrets/Database-Password/0123456789abcdef0123456789ABCDEF`;
const attributes = { enabled: true, created: 1_793_000_000, updated: 1_793_000_001, recoveryLevel: 'Recoverable', recoverableDays: 90 };

describe('a secret is not read', () => {
  const wrong: readonly (readonly [string, JsonObject])[] = [
    ['of another vault', { id: id.replace('kv-1', 'kv-2'), attributes }],
    ['without an id', { attributes }],
    ['of another kind', { id: id.replace('/secrets/', '/keys/'), attributes }],
    ['with a version that is none', { id: `${id}0`, attributes }],
    ['with tags that are no texts', { id, attributes, tags: { owner: 1 } }],
    ['with tags that are a list', { id, attributes, tags: [] }],
    ['whose state is no yes or no', { id, attributes: { ...attributes, enabled: 'true' } }],
    ['whose times are none', { id, attributes: { ...attributes, exp: 'soon' } }],
    ['that expires after the year 9999', { id, attributes: { ...attributes, exp: 253_402_300_800 } }],
    ['that expires before there was time', { id, attributes: { ...attributes, exp: -1 } }],
  ];
  it.each(wrong)('%s', (_, bundle) => {
    expect(propertiesOf(bundle, vault)).toBeUndefined();
  });
});

describe('a secret is read', () => {
  it('with all that Key Vault says of it, but never with its value', () => {
    const bundle = { value: 'planted', id, contentType: 'text/plain', tags: { usedBy: 'web' }, managed: true };
    const nbf = 1_793_000_002;
    expect(propertiesOf({ ...bundle, attributes: { ...attributes, nbf, exp: 1_893_000_000 } }, vault)).toEqual({
      name: 'database-password',
      version: '0123456789abcdef0123456789abcdef',
      enabled: true,
      created: '2026-10-26T07:33:20.000Z',
      updated: '2026-10-26T07:33:21.000Z',
      notBefore: '2026-10-26T07:33:22.000Z',
      expires: '2029-12-26T17:20:00.000Z',
      contentType: 'text/plain',
      tags: { usedBy: 'web' },
      managed: true,
      recoveryLevel: 'Recoverable',
      recoverableDays: 90,
    });
  });

  it('with the little that there may be', () => {
    expect(propertiesOf({ id: `${vault}/secrets/a`, tags: null }, vault)).toEqual({ name: 'a', enabled: true, tags: {}, managed: false });
  });

  it('with the port of https, which says nothing', () => {
    expect(propertiesOf({ id: 'https://kv-1.vault.azure.net:443/secrets/a' }, vault)).toMatchObject({ name: 'a' });
  });

  it('with its end, where it is deleted', () => {
    const deleted = { id, attributes, deletedDate: 1_793_000_000, scheduledPurgeDate: 1_793_000_001 };
    expect(deletedOf(deleted, vault)).toMatchObject({ deleted: '2026-10-26T07:33:20.000Z', scheduledPurge: '2026-10-26T07:33:21.000Z' });
    expect(deletedOf({ ...deleted, deletedDate: 'now' }, vault)).toBeUndefined();
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/domain/json.ts';
import { parseSecretRequest, SecretRequestError, secretRequestJson } from '../../../shared/domain/secrets/secret-request.ts';
import { SecretText } from '../../../shared/domain/secrets/secret-text.ts';

const vault = 'https://kv-1.vault.azure.net';
const get = { method: 'get', vault, name: 'db-password' };

function parsed(fields: JsonObject) {
  return parseSecretRequest({ kind: 'keyvaultSecret', fields: { kind: 'keyvaultSecret', ...fields } });
}

function refusalOf(fields: JsonObject): string {
  try {
    parsed(fields);
  } catch (error) {
    if (error instanceof SecretRequestError) return error.field;
    throw error;
  }
  return 'taken';
}

function publicJwk(kind: 'P-256' | 'P-384' | number): JsonObject {
  const { publicKey } =
    typeof kind === 'number' ? generateKeyPairSync('rsa', { modulusLength: kind }) : generateKeyPairSync('ec', { namedCurve: kind });
  return JSON.parse(JSON.stringify(publicKey.export({ format: 'jwk' })));
}

describe('a vault', () => {
  it.each([
    'http://kv-1.vault.azure.net',
    'https://kv-1.vault.azure.net/',
    'https://kv-1.vault.azure.net/secrets',
    'https://kv-1.vault.azure.net?x=1',
    'https://kv-1.vault.azure.net#x',
    'https://user@kv-1.vault.azure.net',
    'https://kv-1.vault.azure.net:443x',
    'https://kv-1.vault.azure.net:',
    'https://kv-1.vault.azure.net.',
    'https://.vault.azure.net',
    'https://kv--1.vault.azure.net',
    'https://-kv.vault.azure.net',
    'https://kv_1.vault.azure.net',
    'https://kv-1.vault.azure.net\n',
    ' https://kv-1.vault.azure.net',
    'https:\\\\kv-1.vault.azure.net',
    'https://\u212av-1.vault.azure.net',
    'https://kv-1。vault.azure.net',
    'https://[::1]',
    'kv-1',
    '',
  ])('is not %j', (address) => {
    expect(refusalOf({ ...get, vault: address })).toBe('target.vault');
  });

  it('is its host, without case', () => {
    expect(parsed({ ...get, vault: 'HTTPS://KV-1.Vault.Azure.NET' })).toEqual({ kind: 'keyvaultSecret', ...get });
  });
});

describe('a name and a version', () => {
  it.each(['', 'a'.repeat(128), 'a/b', 'a.b', '../a', 'a b', 'ä', 'a\u0000', 'providers'])('%j is no name', (name) => {
    expect(refusalOf({ ...get, name })).toBe('target.name');
  });

  it.each(['', '1', 'g'.repeat(32), '0'.repeat(33), `${'0'.repeat(31)}/`])('%j is no version', (version) => {
    expect(refusalOf({ ...get, version })).toBe('target.version');
  });

  it('are the same in any case', () => {
    expect(parsed({ ...get, name: 'DB-Password', version: 'ABCDEF00000000000000000000000000' })).toMatchObject({
      name: 'db-password',
      version: 'abcdef00000000000000000000000000',
    });
  });
});

describe('fields', () => {
  it.each<[string, JsonObject, string]>([
    ['a field that nobody knows', { ...get, recoveryId: 'x' }, 'target.recoveryId'],
    ['__proto__', JSON.parse(`{"method":"get","vault":"${vault}","name":"a","__proto__":{}}`), 'target.__proto__'],
    ['a value to get', { ...get, value: 'x' }, 'target.value'],
    ['a version to set', { ...get, method: 'set', value: 'x', version: '0'.repeat(32) }, 'target.version'],
    ['a name to list', { ...get, method: 'list' }, 'target.name'],
    ['reveal to delete', { ...get, method: 'delete', reveal: false }, 'target.reveal'],
    ['a method of HTTP', { ...get, method: 'GET' }, 'target.method'],
    ['a method that every object has', { ...get, method: 'constructor' }, 'target.method'],
    ['no name', { method: 'purge', vault }, 'target.name'],
    ['no value', { ...get, method: 'set' }, 'target.value'],
    ['an empty value', { ...get, method: 'set', value: '' }, 'target.value'],
    ['a value of more than Key Vault takes', { ...get, method: 'set', value: 'ä'.repeat(12_801) }, 'target.value'],
    ['a value that is no text', { ...get, method: 'set', value: { a: 1 } }, 'target.value'],
    ['reveal that is no boolean', { ...get, reveal: 'true' }, 'target.reveal'],
    ['reveal without a key', { ...get, reveal: true }, 'target.revealTo'],
    ['a key without reveal', { ...get, revealTo: publicJwk('P-256') }, 'target.revealTo'],
  ])('%s', (_, fields, field) => {
    expect(refusalOf(fields)).toBe(field);
  });

  it('reveal of false is none', () => {
    expect(parsed({ ...get, reveal: false })).toEqual(parsed(get));
  });

  it('takes values of many lines, and of bytes that look like anything', () => {
    const value = '-----BEGIN X-----\r\n\u0000\u0001"\\ü\n';
    expect(secretRequestJson(parsed({ ...get, method: 'set', value }))).toMatchObject({ value });
  });
});

describe('a key to reveal to', () => {
  const reveal = (revealTo: JsonObject) => refusalOf({ ...get, reveal: true, revealTo });
  const ec = publicJwk('P-256');
  const rsa = publicJwk(2048);

  it.each([
    ['P-256', ec],
    ['RSA of 2,048 bits', rsa],
  ])('may be %s', (_, key) => {
    expect(reveal(key)).toBe('taken');
  });

  it.each<[string, JsonObject]>([
    ['a private key', { ...ec, d: 'AAAA' }],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }],
    ['another curve', publicJwk('P-384')],
    ['a short RSA key', publicJwk(1024)],
    ['an RSA key that encrypts nothing', { ...rsa, e: 'AQ' }],
    ['an even modulus', { ...rsa, n: Buffer.alloc(256, 254).toString('base64url') }],
    ['a point beside the curve', { ...ec, x: Buffer.alloc(32, 1).toString('base64url') }],
    ['the point at infinity', { ...ec, x: Buffer.alloc(32).toString('base64url'), y: Buffer.alloc(32).toString('base64url') }],
    ['a member more', { ...ec, kid: 'mine' }],
    ['a key by reference', { kty: 'EC', crv: 'P-256', x5u: 'https://evil.example' }],
    ['nothing', {}],
  ])('is not %s', (_, key) => {
    expect(reveal(key)).toBe('target.revealTo');
  });

  it('is not told again in the refusal, private as it may be', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = JSON.parse(JSON.stringify(privateKey.export({ format: 'jwk' })));
    expect(() => parsed({ ...get, reveal: true, revealTo: jwk })).toThrow(/private key/);
    expect(() => parsed({ ...get, reveal: true, revealTo: jwk })).not.toThrow(jwk.d);
  });
});

describe('a value on its way', () => {
  it('prints as a placeholder however it is printed', async () => {
    const { inspect } = await import('node:util');
    const value = new SecretText('hunter2');
    expect(`${value} ${String(value)} ${JSON.stringify({ value })} ${inspect({ value }, { showHidden: true })}`).not.toContain('hunter2');
  });
});

import { describe, expect, it } from 'vitest';
import { maskAnswerWithSecrets, maskSecrets, maskText } from '../../shared/domain/masking.ts';
import answers from '../corpus/masking/answers.json' with { type: 'json' };
import lookAlikes from '../corpus/masking/look-alikes.json' with { type: 'json' };

const key = 'bm90LWEta2V5LW5vdC1hLWtleS1ub3QtYS1rZXk=';

describe('what Azure answers is masked, and the paths are listed', () => {
  it.each(answers.map((row) => [row.answer, row] as const))('%s', (_, { body, masked }) => {
    expect(maskSecrets(body).masked).toEqual(masked);
  });

  it.each(answers.map((row) => [row.answer, row] as const))('%s: no key and no password is left in it', (_, { body }) => {
    expect(JSON.stringify(maskSecrets(body).value)).not.toMatch(/bm90LWEta2V5|hunter2|YXBpVmVyc2lvbjog/);
  });
});

describe('what only looks like a secret stays', () => {
  it.each(lookAlikes.map((row) => [row.what, row.body] as const))('%s', (_, body) => {
    expect(maskSecrets(body)).toEqual({ value: body, masked: [] });
  });
});

describe('a value is a secret by its name', () => {
  it.each([
    'password',
    'adminPassword',
    'administratorLoginPassword',
    'ADMIN_PASSWORD',
    'admin-password',
    'passwords',
    'pwd',
    'passphrase',
    'clientSecret',
    'secrets',
    'accessToken',
    'refresh_token',
    'credential',
    'connectionString',
    'apiKey',
    'x-functions-key',
    'sshPrivateKey',
    'primaryKey',
    'key2',
    'sasUri',
    'customData',
    'userData',
    'protectedSettings',
    'Authorization',
    'kubeConfig',
  ])('%s', (name) => {
    expect(maskSecrets({ [name]: 'x' })).toEqual({ value: { [name]: maskText }, masked: [name] });
  });

  it('and so is all that stands below it', () => {
    expect(maskSecrets({ protectedSettings: { commandToExecute: 'sh', count: 1, list: ['a', { b: 'c' }] } })).toEqual({
      value: { protectedSettings: { commandToExecute: maskText, count: maskText, list: [maskText, { b: maskText }] } },
      masked: ['protectedSettings.commandToExecute', 'protectedSettings.count', 'protectedSettings.list[0]', 'protectedSettings.list[1].b'],
    });
  });
});

describe('a value is a secret by its shape, whatever it is called', () => {
  it.each([
    ['a storage connection string', `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${key};EndpointSuffix=core.windows.net`],
    ['in lower case', `accountkey=${key}`],
    ['with spaces', `AccountKey = ${key}`],
    ['a service bus connection string', `Endpoint=sb://n/;SharedAccessKeyName=k;SharedAccessKey=${key}`],
    ['a shared access signature', `https://st.blob.core.windows.net/c/b?sv=2024-11-04&sig=${encodeURIComponent(key)}`],
    ['a signature at the start', `sig=${key}&se=2026`],
    ['a signature of a device', `SharedAccessSignature sig=${key}&se=1&sr=hub`],
    ['a database connection string', 'Server=tcp:s;User ID=sa;Password=hunter2;'],
    ['one with spaces', 'Server=tcp:s;Pwd = hunter2;'],
    ['an address with a password', 'amqps://user:hunter2@broker.example:5671/'],
    ['an address with a password and no user', 'redis://:hunter2@cache.example:6380'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE'],
    ['another private key', '-----BEGIN PGP PRIVATE KEY BLOCK-----\nMIIE'],
    ['a token', 'eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovLyJ9.c2lnbmF0dXJlLW9mLWl0'],
    ['a token in a sentence', 'use Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovLyJ9.c2lnbmF0dXJlLW9mLWl0 until noon'],
  ])('%s', (_, text) => {
    expect(maskSecrets({ note: text })).toEqual({ value: { note: maskText }, masked: ['note'] });
    expect(maskSecrets(text).value).toBe(maskText);
  });

  it('and is found in linear time: four million characters that almost begin a token', () => {
    expect(maskSecrets('-eyJ'.repeat(1_000_000)).masked).toEqual([]);
    expect(maskSecrets('.eyJ'.repeat(1_000_000)).masked).toEqual([]);
    expect(maskSecrets('://'.repeat(1_300_000)).masked).toEqual([]);
    expect(maskSecrets('-----BEGIN '.repeat(360_000)).masked).toEqual([]);
  });
});

describe('masking', () => {
  it('keeps names, order, arrays, null, booleans and empty texts', () => {
    const { value } = maskSecrets({ secret: { b: null, a: true, '': '' }, list: [[], {}, [1]] });
    expect(JSON.stringify(value)).toBe('{"secret":{"b":null,"a":true,"":""},"list":[[],{},[1]]}');
  });

  it('of what is masked changes nothing, and lists nothing again', () => {
    const once = maskSecrets({ adminPassword: 'x', keys: [{ keyName: 'key1', value: key }] });
    expect(maskSecrets(once.value)).toEqual({ value: once.value, masked: [] });
  });

  it('leaves what it was given as it was', () => {
    const given = { adminPassword: 'x' };
    maskSecrets(given);
    expect(given).toEqual({ adminPassword: 'x' });
  });

  it('does not lose a name that objects inherit', () => {
    const { value } = maskSecrets(JSON.parse('{"__proto__":{"password":"x"}}'));
    expect(JSON.stringify(value)).toBe(`{"__proto__":{"password":"${maskText}"}}`);
  });
});

describe('of an answer to a call that asks for secrets', () => {
  it.each([
    ['a function’s keys, named by their owner', { default: key, deploy: key }, ['default', 'deploy']],
    ['batch keys', { accountName: 'b', primary: key, secondary: key }, ['accountName', 'primary', 'secondary']],
    [
      'app settings',
      { id: '/x', name: 'appsettings', type: 'Microsoft.Web/sites/config', properties: { STRIPE: 'sk_live_1', RETRIES: 3 } },
      ['properties.STRIPE', 'properties.RETRIES'],
    ],
    [
      'app configuration keys',
      { value: [{ id: '0-l4-s0', name: 'Primary', value: key, connectionString: 'Endpoint=x', readOnly: false }] },
      ['value[0].value', 'value[0].connectionString'],
    ],
    ['a text', 'anything', ['']],
  ])('everything is masked but what says which it is: %s', (_, body, masked) => {
    expect(maskAnswerWithSecrets(body).masked).toEqual(masked);
  });

  it('a label that holds more than a text is masked too', () => {
    expect(maskAnswerWithSecrets({ name: { value: 'hunter2' }, id: ['hunter2'] }).masked).toEqual(['name.value', 'id[0]']);
  });

  it('a label that looks like a secret is masked too', () => {
    expect(maskAnswerWithSecrets({ id: 'amqps://user:hunter2@broker.example' }).masked).toEqual(['id']);
  });

  it('times stay', () => {
    expect(maskAnswerWithSecrets({ keys: [{ creationTime: '2026-01-02T03:04:05Z' }] }).masked).toEqual([]);
  });
});

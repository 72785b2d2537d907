import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../shared/domain/json.ts';
import { maskSecrets } from '../../../shared/domain/masking/mask.ts';
import type { MaskedCall } from '../../../shared/domain/masking/masked.ts';

const answer = (action: string): MaskedCall => ({ part: 'answer', action });
const masked = (value: JsonValue, call?: MaskedCall) => maskSecrets(value, call === undefined ? {} : { call }).value;

describe('what is masked', () => {
  it('gets a placeholder that says nothing of it, and its path is listed', () => {
    expect(maskSecrets({ properties: { adminPassword: 'x', size: 'S1' }, keys: [{ keyName: 'key1', value: 'y' }] })).toEqual({
      value: { properties: { adminPassword: '«masked 1»', size: 'S1' }, keys: [{ keyName: 'key1', value: '«masked 2»' }] },
      masked: ['properties.adminPassword', 'keys[0].value'],
    });
  });

  it('is told apart from another secret, and from the same one it is not', () => {
    expect(masked({ password: 'a', secret: 'b', clientSecret: 'a' })).toEqual({
      password: '«masked 1»',
      secret: '«masked 2»',
      clientSecret: '«masked 1»',
    });
  });

  it('is the same secret inside a text', () => {
    expect(masked({ password: 'hunter-2', note: 'Server=s;Password=hunter-2;' })).toEqual({
      password: '«masked 1»',
      note: 'Server=s;Password=«masked 1»;',
    });
  });

  it('is hidden wherever else it stands, where it is particular enough', () => {
    expect(masked({ b: 'Hunter-2-hunter-2', password: 'Hunter-2-hunter-2' })).toEqual({ b: '«masked 1»', password: '«masked 1»' });
    expect(masked({ environment: 'production', password: 'production' })).toEqual({ environment: 'production', password: '«masked 1»' });
  });

  it('is never taken for a placeholder that was there before', () => {
    expect(masked({ note: '«masked 1»', password: 'x' })).toEqual({ note: '«masked 1»', password: '«masked 2»' });
    expect(masked({ password: 'x', '«masked 1»': 'a', note: '{"a":"\\u00abmasked 2\\u00bb"}' })).toMatchObject({ password: '«masked 3»' });
  });

  it('is found beside a placeholder that somebody put there to hide it', () => {
    expect(masked('Server=s;Password=«masked 7»hunter2«masked 7»;')).toBe('Server=s;Password=«masked 7»«masked 1»«masked 7»;');
  });

  it('may be a name; then it stands in no path either', () => {
    const given = { tags: { 'https://user:hunter2@host.example/': 'x' } };
    expect(maskSecrets(given)).toEqual({
      value: { tags: { 'https://user:«masked 1»@host.example/': 'x' } },
      masked: ['tags["https://user:«masked 1»@host.example/"]'],
    });
  });

  it('is listed a thousand times at most, and counted beyond', () => {
    const { masked: paths } = maskSecrets({ items: Array.from({ length: 1_200 }, () => ({ password: 'x' })) });
    expect(paths).toHaveLength(1_001);
    expect(paths.at(-1)).toBe('… and 200 more');
  });

  it('is listed by a path that hostile names cannot make long', () => {
    const [path = ''] = maskSecrets({ ['n'.repeat(100_000)]: { password: 'x' } }).masked;
    expect(path.length).toBeLessThan(200);
    expect(path.endsWith('.password')).toBe(true);
  });
});

describe('masking', () => {
  it('keeps names, order, arrays, null, booleans and empty texts', () => {
    const value = masked({ secret: { b: null, a: true, '': '' }, list: [[], {}, [1]] });
    expect(JSON.stringify(value)).toBe('{"secret":{"b":null,"a":true,"":""},"list":[[],{},[1]]}');
  });

  it('leaves what it was given as it was', () => {
    const given = { adminPassword: 'x' };
    maskSecrets(given);
    expect(given).toEqual({ adminPassword: 'x' });
  });

  it('does not lose a name that objects inherit', () => {
    expect(JSON.stringify(masked(JSON.parse('{"__proto__":{"password":"x"}}')))).toBe('{"__proto__":{"password":"«masked 1»"}}');
  });

  it('hides what nests deeper than anything that is walked', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(300)}"x"${'}'.repeat(300)}`);
    expect(JSON.stringify(masked(deep))).toContain('«masked 1»');
  });

  it('hides JSON in JSON in JSON without end', () => {
    let text = JSON.stringify({ a: 'x' });
    for (let level = 0; level < 8; level += 1) text = JSON.stringify(text);
    expect(JSON.stringify(masked(text))).not.toContain('x');
  });

  it('writes JSON in a text anew only where it held a secret', () => {
    expect(masked('{ "a" : 1.50 }')).toBe('{ "a" : 1.50 }');
    expect(masked('{\n  "a": 1,\n  "token": "x"\n}')).toBe('{\n  "a": 1,\n  "token": "«masked 1»"\n}');
  });
});

describe('what the call says', () => {
  it('makes an answer to a call for secrets secret as a whole, but for what says which is which', () => {
    expect(masked({ keys: [{ keyName: 'a', odd: 'x', creationTime: '2026-01-02T03:04:05Z' }] }, answer('m.s/a/listkeys/action'))).toEqual({
      keys: [{ keyName: 'a', odd: '«masked 1»', creationTime: '2026-01-02T03:04:05Z' }],
    });
  });

  it('does not make its request so', () => {
    expect(masked({ regenerate: 'key1' }, { part: 'request', action: 'm.s/a/regeneratekey/action' })).toEqual({ regenerate: 'key1' });
  });

  it('tells that the value of a certificate is one', () => {
    expect(masked({ properties: { value: 'x' } }, answer('microsoft.app/managedenvironments/certificates/read'))).toEqual({
      properties: { value: '«masked 1»' },
    });
    expect(masked({ properties: { value: 'x' } }, answer('microsoft.network/ipgroups/read'))).toEqual({ properties: { value: 'x' } });
  });

  it('and that of each in a list of them', () => {
    const list = { value: [{ name: 'a', properties: { value: 'x' } }], nextLink: 'https://management.azure.com/next' };
    expect(masked(list, answer('microsoft.app/managedenvironments/certificates/read'))).toEqual({
      value: [{ name: 'a', properties: { value: '«masked 1»' } }],
      nextLink: 'https://management.azure.com/next',
    });
  });
});

describe('personal data', () => {
  const text = 'anna@contoso.com, +49 30 901820, 4111 1111 1111 1111, 12345678Z';

  it('stays unless it is asked for', () => {
    expect(masked(text)).toBe(text);
  });

  it('of the kinds that are asked for goes', () => {
    expect(maskSecrets(text, { personalData: ['email', 'card'] }).value).toBe('«masked 1», +49 30 901820, «masked 2», 12345678Z');
    expect(maskSecrets(text, { personalData: ['phone', 'nationalId'] }).value).toBe(
      'anna@contoso.com, «masked 1», 4111 1111 1111 1111, «masked 2»',
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../shared/domain/json.ts';
import { maskValues } from '../../../shared/domain/masking/mask-values.ts';

const value = `kP9+x&'"<Zq7/w\\é`;
const lines = 'first-line-of-it\nshort\nthe-third-line-of-it';
const json = '{"user":"svc-shop","password":"kP9xZq7wTT","nested":{"token":"abcdef0123456789"},"port":5432}';
const connection = 'Server=tcp:db-1;User ID=shop;Password=kP9xZq7wTT;Encrypt=True';

function hidden(text: JsonValue, secret: string = value): string {
  return JSON.stringify(maskValues(text, [secret]).value);
}

describe('a known value', () => {
  it.each<[string, JsonValue, string, readonly string[]]>([
    ['as .NET escapes it in JSON', `{"v":"kP9\\u002Bx\\u0026\\u0027\\u0022\\u003CZq7/w\\\\\\u00E9"}`, value, ['kP9', 'Zq7']],
    ['as .NET escapes it, in lower case', `kP9\\u002bx\\u0026\\u0027\\u0022\\u003cZq7/w\\\\\\u00e9`, value, ['kP9', 'Zq7']],
    ['as Python escapes what is no ASCII', `kP9+x&'\\"<Zq7/w\\\\\\u00e9`, value, ['kP9', 'Zq7']],
    ['in XML with numbers', `kP9+x&amp;&#39;&#34;&lt;Zq7/w\\é`, value, ['kP9', 'Zq7']],
    ['with the line ends of Windows', 'first-line-of-it\r\nshort\r\nthe-third-line-of-it', lines, ['first-line', 'short', 'third']],
    ['with its line ends gone', 'first-line-of-itshortthe-third-line-of-it', lines, ['first-line', 'short', 'third']],
    [
      'in base64 in lines',
      Buffer.from('x'.repeat(30) + 'correct horse battery staple '.repeat(4))
        .toString('base64')
        .replaceAll(/.{64}/g, '$&\r\n'),
      'x'.repeat(30) + 'correct horse battery staple '.repeat(4),
      ['Y29ycmVjdC', 'c3RhcGxl'],
    ],
    ['as the object that its JSON is', { password: 'kP9xZq7wTT', nested: ['abcdef0123456789'] }, json, ['kP9x', 'abcdef']],
    ['by the password of a connection string', { p: 'kP9xZq7wTT', server: 'tcp:db-1' }, connection, ['kP9x']],
    ['as a number', { pin: 8_675_309_123 }, '8675309123', ['8675309123']],
    ['in another case', 'KP9XZQ7WTT and kp9xzq7wtt', 'kP9xZq7wTT', ['KP9', 'kp9']],
    ['twice, one over the other', 'abcabcabcabcabc', 'abcabcabc', ['abc']],
    ['beside what is half of another', 'xxxxyyyyzzzz', 'yyyyzzzz', ['yyyy', 'zzzz']],
  ])('is hidden %s', (_, answer, secret, parts) => {
    const shown = hidden(answer, secret);
    for (const part of parts) expect(shown).not.toContain(part);
  });

  it.each<[string, JsonValue, string, JsonValue]>([
    ['by HTML of .NET', 'in kP9&#x2B;x&amp;&#x27;&quot;&lt;Zq7/w\\&#xE9;!', value, 'in «masked»!'],
    ['by XML, within JSON', '{\\"v\\":\\"kP9+x&amp;\'&quot;&lt;Zq7/w\\\\\\\\é\\"}', value, '{\\"v\\":\\"«masked»\\"}'],
    ['for a URL, in small letters, within JSON', 'u=kp9%2bx%26%27%22%3czq7%2fw%5c%c3%a9', value, 'u=«masked»'],
    ['for a URL, twice', 'u=kP9%252Bx%2526%2527%2522%253CZq7%252Fw%255C%25C3%25A9', value, 'u=«masked»'],
    ['in a form, beside what is not ASCII', 'p=corr%C3%A8ct+horse', 'corrèct horse', 'p=«masked»'],
    ['in capitals, not only of ASCII', 'CORRÈCT HORSE!', 'corrèct horse', '«masked»!'],
    ['in lines', 'correct-ho\n  rse-batte\n  ry-staple', 'correct-horse-battery-staple', '«masked»'],
    ['in two entries of a list', ['x', 'correct-ho', 'rse-battery', 'y'], 'correct-horse-battery', ['x', '«masked»', '«masked»', 'y']],
    [
      'in lines of a log',
      [{ line: 'at correct-ho' }, { line: 'rse-battery!' }],
      'correct-horse-battery',
      [{ line: 'at «masked»' }, { line: '«masked»!' }],
    ],
    ['by its first half', 'starts correct-horse-b', 'correct-horse-battery-staple', 'starts «masked»'],
    ['by its last half', 'ends in ttery-staple.', 'battery-staple', 'ends in «masked».'],
    ['by its beginning, cut off', 'value correct-…', 'correct-horse-battery-staple', 'value «masked»…'],
    ['by its beginning, cut off with dots', 'value "correct-h..."', 'correct-horse-battery-staple', 'value "«masked»..."'],
    ['by its beginning, starred', 'value correct-***', 'correct-horse-battery-staple', 'value «masked»***'],
    ['by its end', 'value ...y-staple', 'correct-horse-battery-staple', 'value ...«masked»'],
    ['by the beginning of its base64', 'cut: Y29ycmVjdC1o[truncated]', 'correct-horse-battery-staple', 'cut: «masked»[truncated]'],
  ])('is hidden as it is written %s, and what is around it stays', (_, answer, secret, shown) => {
    expect(maskValues(answer, [secret]).value).toEqual(shown);
  });

  it.each<[string, JsonValue, string]>([
    ['the beginning of a long value, with nothing cut off', 'correct-h is a word', 'correct-horse-battery-staple'],
    ['less than eight letters of it', 'correct...', 'correct-horse-battery-staple'],
    ['the beginning of a value that is short', 'hunter2-...', 'hunter2-abc'],
    [
      'its address',
      { endpoint: 'https://st1.blob.core.windows.net/' },
      'https://st1.blob.core.windows.net/c?sv=2024-11-04&sig=AAECAwQFBgcICQoLDA0ODxAREhMUFRYX%3D',
    ],
    ['the letters of a short value, in two texts', ['ab', 'cd'], 'abcd'],
    ['the letters of it in an order that is not its own', ['ry-staple', 'correct-ho'], 'correct-horse-battery-staple'],
  ])('is not %s', (_, answer, secret) => {
    expect(maskValues(answer, [secret])).toEqual({ value: answer, masked: [] });
  });

  it('is hidden with another that it overlaps', () => {
    expect(JSON.stringify(maskValues('>abcdefgh<', ['abcdef', 'cdefgh']).value)).toBe('">«masked»<"');
  });

  it('leaves what it has nothing to do with', () => {
    const answer = { server: 'tcp:db-1', user: 'shop', encrypt: 'True', port: 5432, on: true, none: null };
    expect(maskValues(answer, [connection, json]).value).toEqual(answer);
  });

  it.each(['a', 'abc', '42'])('of few letters (%s) is hidden where it is all of a text, and not within others', (few) => {
    expect(maskValues([few, `x${few}y`, 'map'], [few]).value).toEqual(['«masked»', `x${few}y`, 'map']);
  });

  it('that is no well-formed text is hidden, and stops nothing', () => {
    const broken = 'correct horse \uD800 battery';
    expect(maskValues(['x', broken], [broken]).value).toEqual(['x', '«masked»']);
  });

  it('as two names of one object leaves both properties there', () => {
    const { value: shown } = maskValues({ 'a hunter2': 1, 'a HUNTER2': 2, 'a «masked»': 3 }, ['hunter2']);
    expect(Object.values(shown as object)).toEqual([1, 2, 3]);
  });
});

describe('the work', () => {
  it('is given up where letters that repeat could be taken for too much, and all of the text is hidden', () => {
    const text = 'a'.repeat(1_000_000);
    expect(maskValues([text, 'aaaa'], [`${'a'.repeat(25_000)}b`]).value).toEqual(['«masked»', '«masked»']);
  });

  it('grows with the answer, not with the answer times the lines of every value', () => {
    const long = Array.from({ length: 1_900 }, (_, index) => `line-${String(index).padStart(7, '0')}`).join('\n');
    const secrets = Array.from({ length: 4 }, (_, index) => long.replaceAll('line', `ln${String(index).padStart(2, '0')}`));
    const answer = Array.from({ length: 20_000 }, (_, index) => `a resource of the group number ${index}`);
    expect(maskValues([...answer, 'ln03-0001899'], secrets).masked).toEqual(['[20000]']);
  }, 20_000);
});

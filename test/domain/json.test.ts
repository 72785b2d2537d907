import { describe, expect, it } from 'vitest';
import { isJsonObject, JsonError, type JsonProblem, parseJson, parseJsonText, property } from '../../shared/domain/json.ts';

function problemOf(bytes: Uint8Array | string): JsonProblem | 'accepted' {
  try {
    parseJson(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
    return 'accepted';
  } catch (error) {
    if (error instanceof JsonError) return error.code;
    throw error;
  }
}

describe('bytes that are no UTF-8', () => {
  it.each([
    ['a byte that never occurs', [0x22, 0xff, 0x22]],
    ['an overlong form of "/"', [0x22, 0xc0, 0xaf, 0x22]],
    ['half of a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a sequence cut off', [0x22, 0xe2, 0x82]],
    ['a code point above U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
  ])('%s', (_, bytes) => {
    expect(problemOf(Uint8Array.from(bytes))).toBe('notUtf8');
  });
});

describe('text that is no JSON', () => {
  it.each([
    ['a byte order mark', '\uFEFF{}'],
    ['nothing', ''],
    ['two values', '{} {}'],
    ['a comment', '{} // why'],
    ['a comma at the end', '[1,]'],
    ['single quotes', "{'a':1}"],
    ['a bare name', '{a:1}'],
    ['a leading zero', '01'],
    ['a plus sign', '+1'],
    ['NaN', 'NaN'],
    ['a tab in a string', '"a\tb"'],
    ['an unknown escape', '"\\x41"'],
  ])('%s', (_, text) => {
    expect(problemOf(text)).toBe('notJson');
  });

  it('UTF-16', () => {
    expect(problemOf(Buffer.from('{}', 'utf16le'))).toBe('notJson');
  });
});

describe('the place where a text is no JSON', () => {
  it.each([
    ['a bare word', '[1,x]', 3],
    ['a comma at the end', '{"a":1,}', 7],
    ['an end too early', '{"a":', 5],
    ['a second value', '{} {}', 3],
    ['a text that names a place itself', '["at position 7", x]', 18],
    ['a byte order mark', '\uFEFF{}', 0],
  ])('%s', (_, text, where) => {
    expect(() => parseJsonText(text)).toThrow(expect.objectContaining({ code: 'notJson', where }));
  });

  it('is not looked for below 64 levels', () => {
    expect(problemOf('['.repeat(2_000_000))).toBe('tooDeep');
    expect(problemOf('[x'.repeat(1_000_000))).toBe('tooDeep');
  });
});

describe('a name given twice in one object', () => {
  it.each([
    ['plainly', '{"a":1,"a":2}'],
    ['with the same value', '{"a":1,"a":1}'],
    ['once escaped', '{"a":1,"\\u0061":2}'],
    ['as __proto__', '{"__proto__":1,"__proto__":2}'],
    ['as __proto__, once escaped', '{"__proto__":1,"\\u005f_proto__":2}'],
    ['as the empty name', '{"":1,"":2}'],
    ['deep inside', '{"x":[{"y":{"a":1,"b":2,"a":3}}]}'],
    ['after an object that was closed in between', '{"a":1,"b":{"a":1},"a":2}'],
  ])('%s', (_, text) => {
    expect(problemOf(text)).toBe('duplicateName');
  });

  it('is no fault in two objects', () => {
    expect(parseJsonText('[{"a":1},{"a":2}]')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('is no fault where only the case differs, since JSON tells them apart', () => {
    expect(parseJsonText('{"a":1,"A":2}')).toEqual({ a: 1, A: 2 });
  });

  it('is named in the message, with its place', () => {
    expect(() => parseJsonText('{"name":1,"name":2}')).toThrow(
      expect.objectContaining({ code: 'duplicateName', where: 10, message: 'The name "name" occurs twice in one object.' }),
    );
  });
});

describe('nesting', () => {
  it('of 65 arrays is refused', () => {
    expect(problemOf(`${'['.repeat(65)}${']'.repeat(65)}`)).toBe('tooDeep');
  });

  it('of 65 objects is refused', () => {
    expect(problemOf(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)).toBe('tooDeep');
  });

  it('of 64, arrays and objects mixed, is accepted', () => {
    expect(problemOf(`${'[{"a":'.repeat(32)}1${'}]'.repeat(32)}`)).toBe('accepted');
  });

  it('of 65, arrays and objects mixed, is refused', () => {
    expect(problemOf(`[${'[{"a":'.repeat(32)}1${'}]'.repeat(32)}]`)).toBe('tooDeep');
  });

  it('counts depth and not brackets', () => {
    expect(problemOf(`[${'[],'.repeat(100)}[]]`)).toBe('accepted');
  });

  it('of two million is refused without an overflow', () => {
    expect(problemOf('['.repeat(2_000_000) + ']'.repeat(2_000_000))).toBe('tooDeep');
  });
});

describe('a number that an IEEE double does not carry exactly', () => {
  it.each([
    '9007199254740993',
    '12345678901234567890',
    '-9007199254740993',
    '0.10000000000000001',
    '1.00000000000000000001',
    '3.141592653589793238462643383279',
    '1e400',
    '-1e400',
    '1e-400',
    '2e308',
  ])('%s', (literal) => {
    expect(problemOf(literal)).toBe('numberNotExact');
    expect(problemOf(`{"a":[${literal}]}`)).toBe('numberNotExact');
  });

  it('is refused however long its exponent is, and nobody reckons with it', () => {
    expect(problemOf(`1e${'9'.repeat(4_000_000)}`)).toBe('numberNotExact');
  });
});

describe('a number that survives', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['0.0', 0],
    ['0e99999', 0],
    ['1.50', 1.5],
    ['15e-1', 1.5],
    ['1E2', 100],
    ['1e+2', 100],
    ['1e21', 1e21],
    ['100000000000000000000000', 1e23],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992],
    ['0.1', 0.1],
    ['-1.5e-7', -1.5e-7],
    ['5e-324', 5e-324],
    ['1.7976931348623157e308', Number.MAX_VALUE],
  ])('%s', (literal, value) => {
    expect(parseJsonText(literal)).toBe(value);
  });
});

describe('half of a surrogate pair', () => {
  it.each([
    ['high, in a value', '"\\ud83d"'],
    ['low, in a value', '"\\ude00"'],
    ['in the wrong order', '"\\ude00\\ud83d"'],
    ['in a name', '{"\\ud83d":1}'],
    ['in an array', '["a","b\\udfff"]'],
  ])('%s', (_, text) => {
    expect(problemOf(text)).toBe('loneSurrogate');
  });

  it('is no fault with its other half', () => {
    expect(parseJsonText('"\\ud83d\\ude00"')).toBe('😀');
  });
});

describe('what is read', () => {
  it('keeps __proto__ as a name like any other, and inherits nothing from it', () => {
    const value = parseJsonText('{"__proto__":{"admin":true}}');
    expect(Object.keys(isJsonObject(value) ? value : {})).toEqual(['__proto__']);
    expect(property(value, 'admin')).toBeUndefined();
    expect(property(value, '__proto__')).toEqual({ admin: true });
  });

  it('gives no property that an object does not have of its own', () => {
    expect(property(parseJsonText('{}'), 'constructor')).toBeUndefined();
    expect(property(parseJsonText('{}'), '__proto__')).toBeUndefined();
  });

  it('gives no property of an array, a text, null or nothing', () => {
    expect(property([1], 'length')).toBeUndefined();
    expect(property('abc', 'length')).toBeUndefined();
    expect(property(null, 'a')).toBeUndefined();
    expect(property(undefined, 'a')).toBeUndefined();
  });

  it('may be any JSON value', () => {
    expect(['null', 'true', '"text"', '1', '[]', '{}'].map(parseJsonText)).toEqual([null, true, 'text', 1, [], {}]);
  });

  it('may hold line separators and any other character in its texts', () => {
    expect(parseJsonText('"\u2028\u2029é\u0000"'.replace('\u0000', '\\u0000'))).toBe('\u2028\u2029é\u0000');
  });
});

describe('a body of very many values', () => {
  const problemWithin = (text: string, maxValues: number): string | undefined => {
    try {
      parseJson(new TextEncoder().encode(text), maxValues);
      return undefined;
    } catch (error) {
      return error instanceof JsonError ? error.code : String(error);
    }
  };

  it.each([
    ['[0,0]', 3],
    ['{"a":{"b":[]}}', 3],
    ['"text"', 1],
  ])('is counted with its lists and objects: %s holds %i', (text, values) => {
    expect(problemWithin(text, values)).toBeUndefined();
    expect(problemWithin(text, values - 1)).toBe('tooMany');
  });
});

import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/domain/canonical-json.ts';
import { parseJsonText } from '../../shared/domain/json.ts';

/** Source: RFC 8785, section 3.2 and appendix B. */
describe('canonical JSON', () => {
  it('sorts names by UTF-16 units, so that an emoji comes before U+FB33', () => {
    expect(canonicalJson({ '\ufb33': 1, '😀': 2, b: 3, a: 4, '': 5, '1': 6 })).toBe('{"":5,"1":6,"a":4,"b":3,"😀":2,"\ufb33":1}');
  });

  it('sorts at every depth and leaves arrays in their order', () => {
    expect(canonicalJson([{ b: [{ z: 1, y: 2 }], a: null }, 1])).toBe('[{"a":null,"b":[{"y":2,"z":1}]},1]');
  });

  it.each([
    ['1e21', '1e+21'],
    ['-0', '0'],
    ['1.50', '1.5'],
    ['0.000001', '0.000001'],
    ['0.0000001', '1e-7'],
    ['100000000000000000000', '100000000000000000000'],
  ])('writes %s as %s', (literal, canonical) => {
    expect(canonicalJson(parseJsonText(literal))).toBe(canonical);
  });

  it('escapes what must be escaped and nothing else', () => {
    expect(canonicalJson('€$\u000f\nA\'B"\\\u2028/\u007f')).toBe('"€$\\u000f\\nA\'B\\"\\\\\u2028/\u007f"');
  });

  it('keeps __proto__', () => {
    expect(canonicalJson(parseJsonText('{"b":1,"__proto__":{"y":1,"x":2}}'))).toBe('{"__proto__":{"x":2,"y":1},"b":1}');
  });

  it('writes equal values equally, however they were written', () => {
    const one = canonicalJson(parseJsonText('{ "b" : 1.0, "a" : "\\u00e9" }'));
    const other = canonicalJson(parseJsonText('{"a":"é","b":1}'));
    expect(one).toBe(other);
  });
});

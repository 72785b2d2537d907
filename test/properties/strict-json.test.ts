import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/domain/canonical-json.ts';
import { JsonError, type JsonValue, parseJson, parseJsonText } from '../../shared/domain/json.ts';
import { jsonValues } from './json-values.ts';
import { runs } from './runs.ts';

describe('strict JSON', () => {
  it('throws nothing but its own error, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
        ),
        (bytes) => {
          try {
            parseJson(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(JsonError);
          }
        },
      ),
      runs,
    );
  });

  it('reads what JSON.stringify writes of any value', () => {
    fc.assert(
      fc.property(jsonValues, fc.constantFrom(0, 1, 2), (value, spaces) => {
        const text = JSON.stringify(value, undefined, spaces);
        expect(JSON.stringify(parseJsonText(text))).toBe(JSON.stringify(value));
      }),
      runs,
    );
  });

  it('accepts a number only where its value is that of the double that it becomes', () => {
    const digits = fc.stringMatching(/^[0-9]{1,25}$/);
    const literals = fc
      .tuple(
        fc.constantFrom('', '-'),
        digits,
        fc.option(digits, { nil: undefined }),
        fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined }),
      )
      .map(([sign, whole, fraction, exponent]) => ({
        sign,
        whole: whole.replace(/^0+(?=\d)/, ''),
        fraction: fraction ?? '',
        exponent: exponent ?? 0,
      }));
    fc.assert(
      fc.property(literals, ({ sign, whole, fraction, exponent }) => {
        const literal = `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}e${exponent}`;
        const value = accepted(literal);
        if (value !== undefined) expect(scaled(literal)).toBe(scaled(String(value)));
        else expect(scaled(literal)).not.toBe(scaled(String(Number(literal))));
      }),
      { ...runs, numRuns: 2_000 },
    );
  });
});

function accepted(literal: string): JsonValue | undefined {
  try {
    return parseJsonText(literal);
  } catch {
    return undefined;
  }
}

/** A decimal literal as a whole number of 10⁻⁴⁰⁰, which is exact. */
function scaled(literal: string): bigint {
  const [mantissa = '', exponent = '0'] = literal.split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const value = BigInt(whole + fraction) * 10n ** BigInt(400 + Number(exponent) - fraction.length);
  return mantissa.startsWith('-') ? -value : value;
}

describe('canonical JSON', () => {
  it('is idempotent: what is canonical stays as it is, byte for byte', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        const once = canonicalJson(value);
        expect(canonicalJson(parseJson(new TextEncoder().encode(once)))).toBe(once);
      }),
      runs,
    );
  });

  it('does not depend on the order of names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), jsonValues, { noNullPrototype: true }), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
      runs,
    );
  });

  it('means the same value', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(plain);
      }),
      runs,
    );
  });
});

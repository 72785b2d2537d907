import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonValue } from '../../shared/domain/json.ts';
import { maskAnswerWithSecrets, maskSecrets, maskText } from '../../shared/domain/masking.ts';
import { jsonValues } from './json-values.ts';
import { runs } from './runs.ts';

/** The value with every leaf left out: names, order, arrays and their lengths. */
function shapeOf(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (isJsonObject(value)) return Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]);
  return 'leaf';
}

function leavesOf(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (isJsonObject(value)) return Object.values(value).flatMap(leavesOf);
  return [value];
}

describe.each([
  ['masking', maskSecrets],
  ['masking an answer that holds secrets', maskAnswerWithSecrets],
] as const)('%s', (_, mask) => {
  it('keeps the structure of any value', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        expect(shapeOf(mask(value).value)).toEqual(shapeOf(value));
      }),
      runs,
    );
  });

  it('twice is the same as once', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        const once = mask(value).value;
        expect(mask(once)).toEqual({ value: once, masked: [] });
      }),
      runs,
    );
  });

  it('changes leaves to the mask and to nothing else, and lists each of them', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        const { value: after, masked } = mask(value);
        const pairs = leavesOf(value).map((leaf, index) => [leaf, leavesOf(after)[index]] as const);
        const changed = pairs.filter(([before, now]) => before !== now);
        expect(changed.every(([, now]) => now === maskText)).toBe(true);
        expect(masked).toHaveLength(changed.length);
      }),
      runs,
    );
  });
});

it('no text and no number below a secret name is left', () => {
  fc.assert(
    fc.property(
      jsonValues,
      fc.constantFrom('password', 'clientSecret', 'primaryMasterKey', 'connection_string', 'protectedSettings'),
      (value, name) => {
        const left = leavesOf(maskSecrets({ [name]: value }).value);
        const isHarmless = (leaf: JsonValue) =>
          leaf === null || typeof leaf === 'boolean' || leaf === '' || leaf === maskText || leaf === '2026-01-02T03:04:05Z';
        expect(left.filter((leaf) => !isHarmless(leaf))).toEqual([]);
      },
    ),
    runs,
  );
});

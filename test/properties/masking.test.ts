import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSecretlintMasker } from '../../shared/adapters/secretlint/secretlint-masker.ts';
import { isJsonObject, type JsonValue } from '../../shared/domain/json.ts';
import { maskSecrets } from '../../shared/domain/masking/mask.ts';
import { personalDataKinds } from '../../shared/domain/masking/personal-data.ts';
import { hostileTexts } from '../support/hostile-texts.ts';
import { readPositives, render } from '../support/secret-corpus.ts';
import { jsonValues } from './json-values.ts';
import { runs } from './runs.ts';

const masker = makeSecretlintMasker({ personalData: personalDataKinds });
const listing = { part: 'answer', action: 'contoso.things/things/listkeys/action' } as const;

/** Names, order, arrays and their lengths, without the leaves. */
function shapeOf(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (isJsonObject(value)) return Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]);
  return 'leaf';
}

function leavesOf(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return isJsonObject(value) ? Object.values(value).flatMap(leavesOf) : [value];
}

/** Texts put together from what shapes begin with and secrets are made of, so that matches touch, overlap and hide each other. */
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...hostileTexts), fc.constantFrom(...pieces()), fc.string({ unit: 'grapheme', maxLength: 6 })), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));

function pieces(): readonly string[] {
  return readPositives()
    .map((row) => render(row, 1))
    .filter((value) => typeof value === 'string')
    .map((text) => text.slice(0, 400));
}

const values = fc.oneof(
  jsonValues,
  hostile,
  hostile.map((text) => ({ note: text, [text.slice(0, 60)]: [text] })),
);

describe.each([
  ['anything', undefined],
  ['an answer that lists secrets', listing],
])('masking %s', (_, call) => {
  it('keeps the structure', async () => {
    await fc.assert(
      fc.asyncProperty(jsonValues, async (value) => {
        expect(shapeOf((await masker.mask(value, call)).value)).toEqual(shapeOf(value));
      }),
      runs,
    );
  });

  it('twice is the same as once', async () => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const once = await masker.mask(value, call);
        expect(await masker.mask(once.value, call)).toEqual({ value: once.value, masked: [] });
      }),
      runs,
    );
  });

  it('lists a path where, and only where, something changed', async () => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const { value: after, masked } = await masker.mask(value, call);
        expect(masked.length > 0).toBe(JSON.stringify(after) !== JSON.stringify(value));
      }),
      runs,
    );
  });

  it('says the same of the same every time', async () => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        expect(await masker.mask(structuredClone(value), call)).toEqual(await masker.mask(value, call));
      }),
      runs,
    );
  });
});

it('no text and no number that a secret name holds is left', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ minLength: 1 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
      fc.constantFrom('password', 'clientSecret', 'primaryMasterKey', 'connection_string', 'protectedSettings'),
      (value, name) => {
        const { value: masked } = maskSecrets({ [name]: value });
        expect(leavesOf(masked)[0]).toMatch(/^«masked \d+»$|^(?:true|false|null|none)$/i);
      },
    ),
    runs,
  );
});

it('equal secrets get equal placeholders, others never do', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 8 }), (secrets) => {
      const { value } = maskSecrets(secrets.map((password) => ({ password })));
      const shown = leavesOf(value);
      for (const [one, secret] of secrets.entries()) {
        for (const [other, another] of secrets.entries()) expect(shown[one] === shown[other]).toBe(secret === another);
      }
    }),
    runs,
  );
});

import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../shared/domain/json.ts';
import { maskSecrets } from '../../../shared/domain/masking/mask.ts';

const header = 'eyJhbGciOiJIUzI1NiJ9';
const payload = 'eyJzdWIiOiJhZGEifQ';
const signature = 'dBjftJeZ4CVPmB92K27uhbUJU1p1rwW1gFWFOEjXk';

const masked = (value: JsonValue): JsonValue => maskSecrets(value).value;

describe('in a list', () => {
  it('a long word is no signature without the two parts before it', () => {
    expect(masked([header, signature])).toEqual([header, signature]);
  });

  it('the signature of a JSON Web Token that was split at its dots is hidden', () => {
    expect(masked([header, payload, signature])).toEqual([header, payload, '«masked 1»']);
  });

  it('a word after two that say nothing stays', () => {
    expect(masked(['one', 'password', 'reset'])).toEqual(['one', 'password', 'reset']);
  });

  it('what follows a flag that names a secret is hidden', () => {
    expect(masked(['--name', 'db', '--password', 'hunter22'])).toEqual(['--name', 'db', '--password', '«masked 1»']);
  });
});

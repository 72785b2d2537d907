import { describe, expect, it } from 'vitest';
import { makeSecretlintMasker } from '../../shared/adapters/secretlint/secretlint-masker.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import { hiddenUnread } from '../../shared/domain/masking/masking.ts';
import { personalDataKinds } from '../../shared/domain/masking/personal-data.ts';
import { ordinaryBodies } from '../support/ordinary-bodies.ts';

const masker = makeSecretlintMasker({ personalData: personalDataKinds });
const mebibyte = 1_048_576;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const listOf = (count: number, item: (index: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, index) => item(index));

describe('a body that is more work than any honest one hides what is not read', () => {
  it.each<readonly [string, readonly string[], string]>([
    ['texts in base64', listOf(150_000, (index) => base64(`hello hello ${index}`)), base64('Password=Wq7!rTz2pLmX')],
    ['texts encoded in percent signs twice', listOf(190_000, (index) => `%2525${index}`), 'Password%253DWq7!rTz2pLmX'],
    ['beginnings of passwords', listOf(190_000, (index) => `${index}password="`), 'password="Wq7!rTz2pLmX"'],
  ])('%s', async (_, costly, secret) => {
    const { value, masked } = await masker.mask([...costly, secret, 'westeurope', '5f3c1d0e-9b7a-4c2d-8e6f-0a1b2c3d4e5f']);
    expect(JSON.stringify(value)).not.toContain(secret);
    expect(masked.filter((path) => path === hiddenUnread)).toHaveLength(1);
    expect(Array.isArray(value) && value.slice(-2)).toEqual(['westeurope', '5f3c1d0e-9b7a-4c2d-8e6f-0a1b2c3d4e5f']);
  });

  it('also inside one text', async () => {
    const text = `${'mysql -uroot -x '.repeat(200_000)} Password=Wq7!rTz2pLmX;`;
    const { value, masked } = await masker.mask({ log: text });
    expect(JSON.stringify(value)).not.toContain('Wq7!rTz2pLmX');
    expect(masked).toEqual(['log', hiddenUnread]);
  });

  it('and says so of nothing that was read', async () => {
    const { masked } = await masker.mask({ connection: 'Server=db;Password=Wq7!rTz2pLmX;' });
    expect(masked).toEqual(['connection']);
  });
});

it.each(ordinaryBodies.map(({ kind, body }) => [kind, body] as const))(
  '4 MiB of what Azure answers stay as they are: %s',
  async (_, body) => {
    const value: JsonValue = body(4 * mebibyte);
    expect((await masker.mask(value)).masked).toEqual([]);
  },
);

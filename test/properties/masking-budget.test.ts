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

  it('under one placeholder for all that nobody read', async () => {
    const { value } = await masker.mask(listOf(7_000, (index) => `Password=Wq7rTz${index};`));
    const shown = Array.isArray(value) ? value : [];
    expect(shown.slice(0, 2)).toEqual(['Password=«masked 1»;', 'Password=«masked 2»;']);
    expect(new Set(shown.slice(-1_000)).size).toBe(1);
  });

  it('also what stands under a name that nobody read; the names of one object stay apart', async () => {
    const names = Object.fromEntries(listOf(7_000, (index) => `Password=Wq7rTz${index};`).map((name) => [name, 'plain']));
    const { value, masked } = await masker.mask(names);
    const entries = Object.entries(value ?? {});
    expect(entries).toHaveLength(7_000);
    expect(entries[0]).toEqual(['Password=«masked 1»;', 'plain']);
    expect(entries.at(-1)?.join(' ')).toMatch(/^«masked \d+» «masked \d+»$/);
    expect(masked.at(-1)).toBe(hiddenUnread);
  });

  it('also where it begins as the secret of a provider', async () => {
    const { value, masked } = await masker.mask(listOf(3_000, (index) => `sk-ant-api03-plain-${index}`));
    expect(Array.isArray(value) && value.at(-1)).toMatch(/^«masked \d+»$/);
    expect(masked.at(-1)).toBe(hiddenUnread);
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

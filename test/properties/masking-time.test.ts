import { describe, expect, it } from 'vitest';
import { makeSecretlintMasker } from '../../shared/adapters/secretlint/secretlint-masker.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import { personalDataKinds } from '../../shared/domain/masking/personal-data.ts';
import { hostileTexts } from '../support/hostile-texts.ts';

const masker = makeSecretlintMasker({ personalData: personalDataKinds });
const small = 4_096;
const factor = 8;

/** Work that grows with the square of the length would take sixty-four times as long for eight times as much; linear work takes eight times, give or take. */
const tooMuch = 24;

async function costMs(value: JsonValue): Promise<number> {
  const before = process.cpuUsage();
  await masker.mask(value);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** A floor of two milliseconds, below which the clock says nothing. The least of a few looks counts, since other things run too; one that is small enough suffices. */
async function growth(make: (length: number) => JsonValue): Promise<number> {
  const [short, long] = [make(small), make(small * factor)];
  await masker.mask(short);
  const one = Math.max(2, await costMs(short));
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 4 && least >= tooMuch; look += 1) least = Math.min(least, (await costMs(long)) / one);
  return least;
}

describe('time grows with the length, and no faster', () => {
  it.each(hostileTexts.map((piece) => [JSON.stringify(piece), piece] as const))('of a text of nothing but %s', async (_, piece) => {
    expect(await growth((length) => piece.repeat(Math.ceil(length / piece.length)))).toBeLessThan(tooMuch);
  });

  it.each<readonly [string, (index: number) => JsonValue]>([
    ['pairs', (index) => ({ name: `a${index}`, value: 'b' })],
    ['names that differ', (index) => ({ [`k${index}key`]: 'x' })],
    ['secrets that differ', (index) => ({ password: `x${index}` })],
    ['texts with a secret', (index) => `Password=a${index}x;`],
    ['texts of JSON', (index) => `{"a":${index}}`],
    ['texts in base64', (index) => Buffer.from(`hello hello hello ${index}`).toString('base64')],
    ['tokens that differ', (index) => `ghs_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa${index}`],
  ])('of a list of %s', async (_, item) => {
    const list = (length: number): JsonValue => Array.from({ length: Math.ceil(length / 20) }, (__, index) => item(index));
    expect(await growth(list)).toBeLessThan(tooMuch);
  });

  it('of a name under which many secrets stand', async () => {
    const nested = (length: number): JsonValue => ({
      ['n'.repeat(length)]: Array.from({ length: Math.ceil(length / 20) }, () => ({ password: 'x' })),
    });
    expect(await growth(nested)).toBeLessThan(tooMuch);
  });
});

import { describe, expect, it } from 'vitest';
import { makeSecretlintMasker } from '../../../shared/adapters/secretlint/secretlint-masker.ts';
import { judgePositive, readLookAlikes, readPositives, render } from '../../support/secret-corpus.ts';

const masker = makeSecretlintMasker({ personalData: [] });

describe('what only looks like a secret comes back as it was', () => {
  it.each(readLookAlikes().map((row) => [`${row.kind}: ${row.what}`, row] as const))('%s', async (_, row) => {
    const given = render(row, 1);
    expect(await masker.mask(given, row.call)).toEqual({ value: given, masked: [] });
  });
});

describe('nothing of a secret is left, and what stands beside it is', () => {
  it.each(readPositives().map((row) => [`${row.kind}: ${row.what}`, row] as const))('%s', async (_, row) => {
    expect(await judgePositive(masker, row)).toMatchObject({ isHidden: true, lost: [] });
  });
});

describe('what was masked is not masked again', () => {
  it.each(readPositives().map((row) => [`${row.kind}: ${row.what}`, row] as const))('%s', async (_, row) => {
    const { value } = await masker.mask(render(row, 1), row.call);
    expect(await masker.mask(value, row.call)).toEqual({ value, masked: [] });
  });
});

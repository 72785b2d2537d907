import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../shared/adapters/https/retry-after.ts';

/** 2026-11-21T20:12:00.000Z. */
const nowMs = 1_795_291_920_000;

describe('Retry-After', () => {
  it.each([
    [undefined, 5_000],
    ['', 5_000],
    ['soon', 5_000],
    ['-5', 5_000],
    ['1.5', 5_000],
    ['2026-11-21T20:13:00Z', 5_000],
    ['0', 1_000],
    ['1', 1_000],
    ['17', 17_000],
    [' 17 ', 17_000],
    ['300', 300_000],
    ['999999', 300_000],
    ['Sat, 21 Nov 2026 20:12:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 20:11:00 GMT', 1_000],
    ['Sun, 22 Nov 2026 20:12:00 GMT', 300_000],
  ])('%j is %i ms', (header, expected) => {
    expect(retryAfterMs(header, nowMs)).toBe(expected);
  });
});

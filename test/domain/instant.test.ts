import { describe, expect, it } from 'vitest';
import { epochMsOf, instant, instantFromEpochMs, isInstant, plusMs } from '../../shared/domain/instant.ts';

describe('what is no instant', () => {
  it.each([
    ['a date', '2026-11-21'],
    ['no milliseconds', '2026-11-21T20:12:00Z'],
    ['microseconds', '2026-11-21T20:12:00.000000Z'],
    ['an offset', '2026-11-21T20:12:00.000+00:00'],
    ['a lower-case z', '2026-11-21T20:12:00.000z'],
    ['a space for T', '2026-11-21 20:12:00.000Z'],
    ['month 13', '2026-13-01T00:00:00.000Z'],
    ['31 February, which Date.parse takes for 3 March', '2026-02-31T00:00:00.000Z'],
    ['29 February of a common year', '2026-02-29T00:00:00.000Z'],
    ['24:00, which Date.parse takes for the next day', '2026-11-21T24:00:00.000Z'],
    ['a leap second', '2026-12-31T23:59:60.000Z'],
    ['a line end after it', '2026-11-21T20:12:00.000Z\n'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(isInstant(text)).toBe(false);
    expect(() => instant(text)).toThrow(RangeError);
  });

  it('a time after the year 9999, which would not sort as text', () => {
    expect(() => instantFromEpochMs(253_402_300_800_000)).toThrow(RangeError);
  });

  it('not a number', () => {
    expect(() => instantFromEpochMs(Number.NaN)).toThrow(RangeError);
  });
});

describe('an instant', () => {
  it('is UTC with milliseconds', () => {
    expect(isInstant('2026-11-21T20:12:00.000Z')).toBe(true);
    expect(isInstant('2028-02-29T23:59:59.999Z')).toBe(true);
  });

  it('is counted in milliseconds of the epoch', () => {
    expect(epochMsOf(instant('1970-01-01T00:00:01.500Z'))).toBe(1500);
    expect(instantFromEpochMs(1_795_291_920_000)).toBe('2026-11-21T20:12:00.000Z');
  });

  it('goes over midnight and the end of a year', () => {
    expect(plusMs(instant('2026-12-31T23:30:00.000Z'), 3_600_000)).toBe('2027-01-01T00:30:00.000Z');
  });

  it('compares as text', () => {
    expect(instant('2026-11-21T20:12:00.000Z') < instant('2026-11-21T20:12:00.001Z')).toBe(true);
    expect(instant('2026-11-21T20:12:00.000Z') < instant('2026-02-28T23:59:59.999Z')).toBe(false);
  });
});

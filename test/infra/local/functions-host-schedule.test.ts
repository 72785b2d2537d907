import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../infra/local/functions-host/schedule.ts';

describe('a schedule that is refused', () => {
  it.each([
    ['five fields', '*/5 * * * *'],
    ['seven fields', '0 0 0 1 1 * 2026'],
    ['nothing', ''],
    ['a time span', '00:05:00'],
    ['a list', '0,30 * * * * *'],
    ['a range', '0 0 9-17 * * *'],
    ['a name', '0 0 0 * * Mon'],
    ['a step from a number', '0 5/10 * * * *'],
    ['a step of nothing', '*/0 * * * * *'],
    ['a step beyond the field', '0 */60 * * * *'],
    ['a second too large', '60 * * * * *'],
    ['a day too small', '0 0 0 0 * *'],
    ['a weekday too large', '0 0 0 * * 7'],
    ['a sign', '0 -1 * * * *'],
    ['a day that never comes', '0 0 0 31 2 *'],
  ])('%s', (_, expression) => {
    expect(() => parseSchedule(expression)).toThrow(expect.objectContaining({ code: 'invalidSchedule' }));
  });
});

describe('the next occurrence', () => {
  it.each([
    ['every minute', '0 * * * * *', '2026-03-01T10:00:30.500Z', '2026-03-01T10:01:00.000Z'],
    ['never the same moment again', '0 * * * * *', '2026-03-01T10:01:00.000Z', '2026-03-01T10:02:00.000Z'],
    ['every second', '* * * * * *', '2026-03-01T10:00:00.001Z', '2026-03-01T10:00:01.000Z'],
    ['every five minutes', '0 */5 * * * *', '2026-03-01T10:55:01.000Z', '2026-03-01T11:00:00.000Z'],
    ['every second day of the month starts with the first', '0 0 0 */2 * *', '2026-03-30T12:00:00.000Z', '2026-03-31T00:00:00.000Z'],
    ['daily, over the end of a year', '30 15 2 * * *', '2026-12-31T02:15:30.000Z', '2027-01-01T02:15:30.000Z'],
    ['on Mondays', '0 0 6 * * 1', '2026-03-01T00:00:00.000Z', '2026-03-02T06:00:00.000Z'],
    ['on a Friday the 13th: both must hold', '0 0 0 13 * 5', '2026-03-14T00:00:00.000Z', '2026-11-13T00:00:00.000Z'],
    ['on leap days', '0 0 0 29 2 *', '2026-03-01T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
  ])('%s', (_, expression, after, expected) => {
    expect(parseSchedule(expression).next(new Date(after)).toISOString()).toBe(expected);
  });
});

describe('more than one occurrence in a minute', () => {
  it.each([
    ['*/30 * * * * *', true],
    ['0 * * * * *', false],
    ['0 0 0 29 2 *', false],
  ])('%s: %s', (expression, subMinute) => {
    expect(parseSchedule(expression).subMinute).toBe(subMinute);
  });
});

import { HostFailure } from './failure.ts';

/** The times, in UTC, that an NCRONTAB expression names. */
export type Schedule = {
  readonly expression: string;
  /** The first occurrence after `after`. */
  readonly next: (after: Date) => Date;
  /** More than one occurrence within a minute: the cloud's host then keeps no status of the timer. */
  readonly subMinute: boolean;
};

type Field = { readonly name: string; readonly low: number; readonly high: number };

const fields: readonly Field[] = [
  { name: 'second', low: 0, high: 59 },
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day', low: 1, high: 31 },
  { name: 'month', low: 1, high: 12 },
  { name: 'day of week', low: 0, high: 6 },
];

/** 29 February falls on a given day of the week once in at most 40 years. */
const longestGapYears = 40;

/**
 * Parses six fields, each `*`, a number, or either with a step of all values (`*` followed by `/n`). NCRONTAB also knows lists, ranges,
 * names and time spans: they are refused. Throws `invalidSchedule`.
 */
export function parseSchedule(expression: string): Schedule {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    throw new HostFailure('invalidSchedule', `Schedule "${expression}": six fields are expected (second minute hour day month weekday).`);
  }
  const [seconds, minutes, hours, days, months, weekdays] = fields.map((field, index) => valuesOf(parts[index] ?? '', field, expression));
  const has = (values: ReadonlySet<number> | undefined, value: number): boolean => values?.has(value) ?? false;
  const matchesDay = (time: Date): boolean =>
    has(months, time.getUTCMonth() + 1) && has(days, time.getUTCDate()) && has(weekdays, time.getUTCDay());

  const next = (after: Date): Date => {
    const time = new Date(Math.floor(after.getTime() / 1000) * 1000 + 1000);
    const lastYear = time.getUTCFullYear() + longestGapYears;
    while (time.getUTCFullYear() <= lastYear) {
      if (!matchesDay(time)) {
        time.setUTCHours(24, 0, 0);
      } else if (!has(hours, time.getUTCHours())) {
        time.setUTCMinutes(60, 0);
      } else if (!has(minutes, time.getUTCMinutes())) {
        time.setUTCSeconds(60);
      } else if (!has(seconds, time.getUTCSeconds())) {
        time.setUTCSeconds(time.getUTCSeconds() + 1);
      } else {
        return time;
      }
    }
    throw new HostFailure('invalidSchedule', `Schedule "${expression}" never comes.`);
  };
  const first = next(new Date(0));
  return { expression, next, subMinute: next(first).getTime() - first.getTime() < 60_000 };
}

function valuesOf(part: string, field: Field, expression: string): ReadonlySet<number> {
  const all = Array.from({ length: field.high - field.low + 1 }, (_, index) => field.low + index);
  if (part === '*') {
    return new Set(all);
  }
  const step = /^\*\/(\d{1,2})$/.exec(part);
  const stepSize = Number(step?.[1]);
  if (step !== null && stepSize >= 1 && stepSize <= field.high) {
    return new Set(all.filter((value) => (value - field.low) % stepSize === 0));
  }
  const value = Number(part);
  if (/^\d{1,2}$/.test(part) && value >= field.low && value <= field.high) {
    return new Set([value]);
  }
  throw new HostFailure(
    'invalidSchedule',
    `Schedule "${expression}": this host does not understand "${part}" as a ${field.name}; it knows *, */n and numbers.`,
  );
}

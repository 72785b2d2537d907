import type { JsonValue } from '../json.ts';
import { type Difference, isWithin, pathOf } from './differences.ts';
import { isWord } from './openings.ts';
import type { JudgedCall } from './rule.ts';

/**
 * A property that makes a resource weaker when it has certain values. `property` and `within` are folded names; `within` is something it stands in, at any height.
 * `leftOut`: what it is where a PUT no longer gives it.
 */
export type Setting = {
  readonly property: string;
  readonly within?: string;
  readonly type?: RegExp;
  readonly weak: (value: JsonValue, before: JsonValue | undefined) => boolean;
  readonly leftOut: 'weak' | 'fine';
};

/** Azure takes a text or a number for a switch as well. */
export const on = (value: JsonValue): boolean => value === true || value === 1 || isWord(value, 'true', '1');
export const off = (value: JsonValue): boolean => value === false || value === 0 || isWord(value, 'false', '0');
export const oneOf =
  (...words: readonly string[]) =>
  (value: JsonValue): boolean =>
    isWord(value, ...words);
/** Weaker than it was; a first value is weaker than nothing. */
export const lowered = (value: JsonValue, before: JsonValue | undefined): boolean => numberOf(value) < numberOf(before);
/** Weaker the more entries it has: a list of exceptions that grows. */
export const grown = (value: JsonValue, before: JsonValue | undefined): boolean =>
  Array.isArray(value) && value.length > (Array.isArray(before) ? before.length : 0);
/** Weak where there is none of it, or where what there was is taken away. */
export const taken = (value: JsonValue): boolean => value === '' || value === null;

function numberOf(value: JsonValue | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
}

/** The first of some settings that the call makes weaker than it is, as evidence. What is as weak already, or gets stronger, is none. */
export function findWeakened({ path, differences }: JudgedCall, settings: readonly Setting[]): string | undefined {
  for (const setting of settings) {
    if (!(setting.type?.test(path.type) ?? true)) continue;
    const weakened = differences.of(setting.property).find((difference) => appliesTo(setting, difference) && weakens(setting, difference));
    if (weakened !== undefined) return shown(weakened);
  }
  return undefined;
}

function appliesTo({ within }: Setting, { place }: Difference): boolean {
  return within === undefined || isWithin(place, within);
}

function weakens({ weak, leftOut }: Setting, { before, after }: Difference): boolean {
  if (before !== undefined && weak(before, before)) return false;
  return after === undefined ? before !== undefined && leftOut === 'weak' : weak(after, before);
}

function shown({ place, before, after }: Difference): string {
  const now = before === undefined ? '' : ` (now ${brief(before)})`;
  return `${pathOf(place)}: ${after === undefined ? 'left out' : brief(after)}${now}`;
}

/** Switches, levels and numbers may be shown; longer texts and structures are not, since nobody knows what they hold. */
function brief(value: JsonValue): string {
  if (typeof value === 'string') return value.length <= 32 ? value : 'a text';
  return typeof value === 'object' && value !== null ? 'a structure' : String(value);
}

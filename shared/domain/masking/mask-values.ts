import { isJsonObject, type JsonValue } from '../json.ts';
import { spellingsOf } from './value-spellings.ts';

/** What stands for a known value, wherever it is found. */
export const knownValuePlaceholder = '«masked»';

/** Values shorter than this are masked only where they are all of a text: they would be found in everything. */
const shortestWithin = 4;
/** From this length on the case of letters makes no difference: hosts and hexadecimal digits come back in another one. */
const shortestInAnyCase = 8;
/** So much of a spelling is looked up at every place of a text; the rest is compared only where that is found. */
const longKey = 12;
/** So many spellings are compared at most; every text after that is hidden whole, rather than that nobody knows when it ends. */
const mostComparisons = 5_000_000;

/** Hides given values, however they are written, in whatever came back; the paths tell where. Pure. */
export function maskValues(
  value: JsonValue,
  secrets: readonly string[],
): { readonly value: JsonValue; readonly masked: readonly string[] } {
  const hide = makeHiding(secrets.filter((secret) => secret !== ''));
  const masked: string[] = [];
  const walk = (inner: JsonValue, place: string): JsonValue => {
    if (typeof inner === 'string' || typeof inner === 'number') {
      const text = String(inner);
      const hidden = hide(text);
      if (hidden === text) return inner;
      masked.push(place);
      return hidden;
    }
    if (Array.isArray(inner)) return inner.map((each, index) => walk(each, `${place}[${index}]`));
    if (!isJsonObject(inner)) return inner;
    const taken = new Set<string>();
    return Object.fromEntries(
      Object.entries(inner).map(([name, each]) => {
        const shown = freeName(hide(name), taken);
        taken.add(shown);
        return [shown, walk(each, place === '' ? shown : `${place}.${shown}`)];
      }),
    );
  };
  return { value: walk(value, ''), masked };
}

/** Names that differed in what is hidden are still the names of two properties. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count += 1) free = `${name} (${count})`;
  return free;
}

type Needle = { readonly folded: string; readonly exact: string | undefined };

function makeHiding(secrets: readonly string[]): (text: string) => string {
  const whole = new Set(secrets.flatMap((secret) => [secret, secret.trim()]));
  const byKey = needlesByKey(secrets);
  let comparisons = 0;

  const longestAt = (text: string, folded: string, at: number): number => {
    for (const length of [longKey, shortestWithin]) {
      const needles = byKey.get(folded.slice(at, at + length));
      if (needles === undefined) continue;
      comparisons += needles.length;
      const found = needles.find((needle) =>
        needle.exact === undefined ? folded.startsWith(needle.folded, at) : text.startsWith(needle.exact, at),
      );
      if (found !== undefined) return found.folded.length;
    }
    return 0;
  };

  return (text) => {
    if (whole.has(text)) return knownValuePlaceholder;
    const folded = asciiLower(text);
    let shown = '';
    let shownUpTo = 0;
    let hiddenUpTo = 0;
    for (let at = 0; at + shortestWithin <= text.length; at += 1) {
      if (comparisons > mostComparisons) return knownValuePlaceholder;
      const length = longestAt(text, folded, at);
      if (length === 0) continue;
      // What overlaps or touches what is hidden is hidden with it.
      if (at > hiddenUpTo || hiddenUpTo === 0) shown += `${text.slice(shownUpTo, at)}${knownValuePlaceholder}`;
      hiddenUpTo = Math.max(hiddenUpTo, at + length);
      shownUpTo = hiddenUpTo;
    }
    return shown === '' ? text : shown + text.slice(shownUpTo);
  };
}

/** Every spelling below its beginning, the longest first: those of any length are found by the 12 letters that they begin with, short ones by 4. */
function needlesByKey(secrets: readonly string[]): ReadonlyMap<string, readonly Needle[]> {
  const spellings = new Set(secrets.flatMap(spellingsOf));
  const byKey = new Map<string, Needle[]>();
  for (const spelling of spellings) {
    if (spelling.length < shortestWithin) continue;
    const folded = asciiLower(spelling);
    const key = folded.slice(0, spelling.length >= longKey ? longKey : shortestWithin);
    const needle = { folded, exact: spelling.length >= shortestInAnyCase ? undefined : spelling };
    const others = byKey.get(key);
    if (others === undefined) byKey.set(key, [needle]);
    else others.push(needle);
  }
  for (const needles of byKey.values()) needles.sort((one, other) => other.folded.length - one.folded.length);
  return byKey;
}

/** Only A to Z, so that the text keeps its length. */
function asciiLower(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

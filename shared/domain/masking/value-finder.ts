import { everything, mergeRanges, type Range } from './ranges.ts';
import { valueReadings } from './value-readings.ts';
import { spellingsOf } from './value-spellings.ts';

/** Values shorter than this are masked only where they are all of a text: they would be found in everything. */
const shortestWithin = 4;
/** From this length on the case of letters makes no difference: hosts and hexadecimal digits come back in another one. */
const shortestInAnyCase = 8;
/** So much of a spelling is looked up at a place of a text; the rest is compared only where that is found. */
const longKey = 12;
/** The least that is told of a value that was cut off. */
const shortestPiece = 8;
/** So much is compared at most, in spellings and in every 16 letters of one; every text after that is hidden whole, rather than that nobody knows when it ends. */
const mostComparisons = 5_000_000;

export type ValueFinder = {
  /** Where known values stand in a text, in order. */
  rangesIn(text: string): readonly Range[];
  /** The same, but for those so short that they could come about where texts meet that have nothing to do with each other. */
  rangesAcross(text: string): readonly Range[];
};

type Needle = { readonly folded: string; readonly exact: string | undefined; readonly mayBeCut: boolean };
type ByKey = ReadonlyMap<string, readonly Needle[]>;

/** Finds given values, however they are written, and what is left of long ones that were cut off. */
export function makeValueFinder(secrets: readonly string[]): ValueFinder {
  const needles = needlesOf(secrets);
  const inside = makeScan(needles);
  const across = makeScan(needles.filter(({ folded }) => folded.length >= shortestInAnyCase));
  const spent = { comparisons: 0 };
  return { rangesIn: (text) => inReadings(text, inside, spent), rangesAcross: (text) => inReadings(text, across, spent) };
}

type Spent = { comparisons: number };
type Scan = (text: string, spent: Spent) => readonly Range[];

function inReadings(text: string, scan: Scan, spent: Spent): readonly Range[] {
  const found: Range[] = [];
  for (const reading of valueReadings(text)) {
    for (const range of scan(reading.text, spent)) found.push(reading.toSource(range));
    if (spent.comparisons > mostComparisons) return everything(text);
  }
  return mergeRanges(found);
}

function needlesOf(secrets: readonly string[]): readonly Needle[] {
  const needles = new Map<string, Needle>();
  for (const { text, mayBeCut } of secrets.flatMap(spellingsOf)) {
    if (text.length < shortestWithin) continue;
    const folded = plainOf(text);
    const exact = text.length >= shortestInAnyCase ? undefined : text;
    const key = exact ?? folded;
    needles.set(key, { folded, exact, mayBeCut: mayBeCut || needles.get(key)?.mayBeCut === true });
  }
  return [...needles.values()].sort((one, other) => other.folded.length - one.folded.length);
}

/** Every spelling below its beginning, the longest first: those of any length are found by the 12 letters that they begin with, short ones by 4, and cut ones by 8 at either end. */
function makeScan(needles: readonly Needle[]): Scan {
  const whole = byKey(needles, ({ folded }) => folded.slice(0, folded.length >= longKey ? longKey : shortestWithin));
  const cut = needles.filter(({ mayBeCut }) => mayBeCut);
  const begun = byKey(cut, ({ folded }) => folded.slice(0, shortestPiece));
  const ended = byKey(cut, ({ folded }) => folded.slice(-shortestPiece));
  const firsts = makeFilter([whole, begun, ended]);
  return (text, spent) => {
    const folded = plainOf(text);
    const ranges: Range[] = [];
    let hash = 0;
    for (let last = 0; last < folded.length; last += 1) {
      hash = nextHash(hash, folded.charCodeAt(last));
      const at = last + 1 - shortestWithin;
      if (firsts[hash] === 0 || at < 0) continue;
      // A piece may reach further than the short value that it begins with.
      const found = [wholeAt(whole, text, folded, at, spent), begunAt(begun, folded, at, spent), endedAt(ended, folded, at, spent)];
      for (const range of found) if (range !== undefined) ranges.push(range);
      if (spent.comparisons > mostComparisons) return everything(text);
    }
    return ranges;
  };
}

function byKey(needles: readonly Needle[], keyOf: (needle: Needle) => string): ByKey {
  const made = new Map<string, Needle[]>();
  for (const needle of needles) {
    const key = keyOf(needle);
    const others = made.get(key);
    if (others === undefined) made.set(key, [needle]);
    else others.push(needle);
  }
  return made;
}

/** Of the last four letters: what is older has left its 16 bits. */
function nextHash(hash: number, code: number): number {
  return ((hash << 4) ^ code) & 0xffff;
}

/** Nearly every place of a text is passed over by the four letters that stand there. */
function makeFilter(maps: readonly ByKey[]): Uint8Array {
  const filter = new Uint8Array(0x10000);
  for (const key of maps.flatMap((map) => [...map.keys()])) {
    let hash = 0;
    for (let at = 0; at < shortestWithin; at += 1) hash = nextHash(hash, key.charCodeAt(at));
    filter[hash] = 1;
  }
  return filter;
}

function wholeAt(whole: ByKey, text: string, folded: string, at: number, spent: Spent): Range | undefined {
  for (const length of [longKey, shortestWithin]) {
    const found = whole.get(folded.slice(at, at + length))?.find(({ folded: sought, exact }) => {
      if (exact !== undefined) return text.startsWith(exact, at);
      return alikeFrom(folded, at, sought, spent) === sought.length;
    });
    if (found !== undefined) return { start: at, end: at + found.folded.length };
  }
  return undefined;
}

/** How a service says that it left something out. */
const cutAfter = /\s?(?:…|\.{2,}|\*{3,}|•{3,}|[[(<]\s?(?:…|\.{2,}|trunc|cut|redacted))/iy;
const cutBefore = /(?:…|\.{2,}|\*{3,}|•{3,})[\])>]?\s?$/;
const longestCutMark = 8;

function begunAt(begun: ByKey, folded: string, at: number, spent: Spent): Range | undefined {
  for (const { folded: sought } of begun.get(folded.slice(at, at + shortestPiece)) ?? []) {
    const length = alikeFrom(folded, at, sought, spent);
    cutAfter.lastIndex = at + length;
    if (isHalf(length, sought) || cutAfter.test(folded)) return { start: at, end: at + length };
  }
  return undefined;
}

function endedAt(ended: ByKey, folded: string, at: number, spent: Spent): Range | undefined {
  const end = at + shortestPiece;
  for (const { folded: sought } of ended.get(folded.slice(at, end)) ?? []) {
    const start = end - alikeUpTo(folded, end, sought, spent);
    if (isHalf(end - start, sought) || cutBefore.test(folded.slice(Math.max(0, start - longestCutMark), start))) return { start, end };
  }
  return undefined;
}

function isHalf(length: number, sought: string): boolean {
  return length >= shortestPiece && length * 2 >= sought.length;
}

function alikeFrom(text: string, at: number, sought: string, spent: Spent): number {
  let length = 0;
  while (length < sought.length && text.charCodeAt(at + length) === sought.charCodeAt(length)) length += 1;
  spent.comparisons += 1 + (length >> 4);
  return length;
}

function alikeUpTo(text: string, end: number, sought: string, spent: Spent): number {
  let length = 0;
  while (length < sought.length && text.charCodeAt(end - 1 - length) === sought.charCodeAt(sought.length - 1 - length)) length += 1;
  spent.comparisons += 1 + (length >> 4);
  return length;
}

/** Without case, and with the spaces of forms; letter by letter, so that the text keeps its length. */
function plainOf(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!/[A-Z\u0080-\uffff]/.test(spaced)) return spaced;
  const lower = spaced.toLowerCase();
  return lower.length === text.length ? lower : spaced.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

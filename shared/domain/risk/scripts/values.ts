/** Stands in a value for what only the running shell could tell. */
export const unknownMark = '\u0000';
/** Stands in a value where an unquoted variable or a list of braces makes several words of one. */
export const wordBreak = '\u0001';
/** Stands between the elements of a list. */
export const listBreak = '\u0002';

/**
 * How a value came about. `variable`: through a plain variable; `computed`: put together by operators or commands; `decoded`: through a decoder;
 * `remote`: from the network; `gathered`: printed by a command that tells something of the machine.
 */
export type Trait = 'variable' | 'computed' | 'decoded' | 'remote' | 'gathered';

export type Value = { readonly text: string; readonly traits: ReadonlySet<Trait> };

const none: ReadonlySet<Trait> = new Set();
/** A value that is put together from others is cut at this length, and one variable may have so many values. */
const maxComposed = 4_096;
const maxAlternatives = 6;

export function literal(text: string): Value {
  return { text, traits: none };
}

export function valueWith(text: string, ...traits: readonly Trait[]): Value {
  return { text, traits: new Set(traits) };
}

export function unknownValue(...traits: readonly Trait[]): Value {
  return valueWith(unknownMark, ...traits);
}

export function isKnown(value: Value): boolean {
  return !value.text.includes(unknownMark);
}

export function allKnown(values: readonly Value[]): boolean {
  return values.every(isKnown);
}

export function marked(value: Value, ...traits: readonly Trait[]): Value {
  return { text: value.text, traits: union(value.traits, new Set(traits)) };
}

export function union(left: ReadonlySet<Trait>, right: ReadonlySet<Trait>): ReadonlySet<Trait> {
  if (right.size === 0 || left === right) return left;
  return left.size === 0 ? right : new Set([...left, ...right]);
}

/** One after another, in every combination up to a bound. */
export function concatenated(lefts: readonly Value[], rights: readonly Value[]): readonly Value[] {
  const values: Value[] = [];
  for (const left of lefts) {
    for (const right of rights) {
      if (values.length >= maxAlternatives) return [...values.slice(0, -1), unknownValue('computed')];
      values.push(joined(left, right));
    }
  }
  return values;
}

function joined(left: Value, right: Value): Value {
  if (left.text === '') return { text: right.text, traits: union(left.traits, right.traits) };
  if (right.text === '') return { text: left.text, traits: union(left.traits, right.traits) };
  const text = `${left.text}${right.text}`;
  const traits = union(left.traits, right.traits);
  return text.length > maxComposed && traits.size > 0 ? { text: `${text.slice(0, maxComposed)}${unknownMark}`, traits } : { text, traits };
}

/** Without repetitions, up to a bound; what is cut off is unknown. */
export function distinct(values: readonly Value[]): readonly Value[] {
  const seen = new Set<string>();
  const kept = values.filter(({ text }) => !seen.has(text) && seen.add(text).size <= maxAlternatives);
  return kept.length === seen.size ? kept : [...kept, unknownValue('computed')];
}

/** Applies a function to what is known; the rest stays unknown, and remembers that it was computed. */
export function mapped(values: readonly Value[], map: (text: string) => string | undefined, ...traits: readonly Trait[]): readonly Value[] {
  return values.map((value) => {
    const text = isKnown(value) ? map(value.text) : undefined;
    const all = union(value.traits, new Set<Trait>(['computed', ...traits]));
    return { text: text === undefined ? unknownMark : text.slice(0, maxDecoded), traits: all };
  });
}

/** A decoded text longer than this is cut, so that nested encodings cannot grow. */
const maxDecoded = 65_536;

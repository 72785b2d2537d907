import { isJsonObject, type JsonValue } from '../json.ts';
import { mergeRanges, type Range } from './ranges.ts';
import { makeValueFinder, type ValueFinder } from './value-finder.ts';

/** What stands for a known value, wherever it is found. */
export const knownValuePlaceholder = '«masked»';

/**
 * Hides given values, however they are written, in whatever came back, also where texts that follow each other hold one together; the paths tell where. Pure.
 */
export function maskValues(
  value: JsonValue,
  secrets: readonly string[],
): { readonly value: JsonValue; readonly masked: readonly string[] } {
  const known = secrets.filter((secret) => secret !== '');
  const finder = makeValueFinder(known);
  const whole = new Set(known.flatMap((secret) => [secret, secret.trim()]));
  const hide = (text: string, across: readonly Range[] = []): string => {
    if (whole.has(text)) return knownValuePlaceholder;
    return hideRanges(text, mergeRanges([...finder.rangesIn(text), ...across]));
  };
  const across = foundAcross(textsIn(value), finder);
  const masked: string[] = [];
  let texts = 0;
  const walk = (inner: JsonValue, place: string): JsonValue => {
    if (typeof inner === 'string' || typeof inner === 'number') {
      const text = String(inner);
      const hidden = typeof inner === 'string' ? hide(text, across.get(texts++)) : hide(text);
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

function hideRanges(text: string, ranges: readonly Range[]): string {
  let shown = '';
  let shownUpTo = 0;
  for (const { start, end } of ranges) {
    shown += `${text.slice(shownUpTo, start)}${knownValuePlaceholder}`;
    shownUpTo = end;
  }
  return shownUpTo === 0 ? text : shown + text.slice(shownUpTo);
}

/** In the order in which they stand. */
function textsIn(value: JsonValue, found: string[] = []): readonly string[] {
  if (typeof value === 'string') found.push(value);
  else if (Array.isArray(value)) for (const inner of value) textsIn(inner, found);
  else if (isJsonObject(value)) for (const inner of Object.values(value)) textsIn(inner, found);
  return found;
}

/** What is found in all texts put together, by the number of the text: a service may answer the lines or pieces of a value one by one. */
function foundAcross(texts: readonly string[], finder: ValueFinder): ReadonlyMap<number, readonly Range[]> {
  const found = new Map<number, Range[]>();
  let begin = 0;
  let index = 0;
  for (const { start, end } of texts.length < 2 ? [] : finder.rangesAcross(texts.join(''))) {
    for (; index < texts.length; index += 1) {
      const length = texts[index]?.length ?? 0;
      const from = Math.max(start - begin, 0);
      const upTo = Math.min(end - begin, length);
      const others = found.get(index);
      if (from < upTo && others === undefined) found.set(index, [{ start: from, end: upTo }]);
      else if (from < upTo) others?.push({ start: from, end: upTo });
      if (end <= begin + length) break;
      begin += length;
    }
  }
  return found;
}

import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

const foldedAlready = /^[\x20-\x40\x5b-\x7e]*$/;
const plainName = /^[\x20-\x7e]*$/;

/** A name of a property as Azure compares them: without case, also where a character outside ASCII folds to a letter of it. */
export function foldName(name: string): string {
  if (foldedAlready.test(name)) return name;
  return plainName.test(name) ? name.toLowerCase() : name.toUpperCase().toLowerCase();
}

/** The properties of an object by their folded names; where two names fold to one, the last counts. */
export function fieldsOf(object: JsonObject): ReadonlyMap<string, JsonValue> {
  const fields = new Map<string, JsonValue>();
  for (const name of Object.keys(object)) fields.set(foldName(name), object[name] ?? null);
  return fields;
}

/** What stands at a path of folded names, as `('properties', 'networkacls')`; undefined where anything on the way is missing. */
export function field(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((at, name) => (isJsonObject(at) ? lastNamed(at, name) : undefined), value);
}

/** The names that are asked for are ASCII, and whatever Azure takes for one of them is as long. */
function lastNamed(object: JsonObject, folded: string): JsonValue | undefined {
  let found: JsonValue | undefined;
  for (const name of Object.keys(object)) if (name.length === folded.length && foldName(name) === folded) found = object[name];
  return found;
}

/** The elements of a list at a path; none where it is missing or is no list. */
export function elements(value: JsonValue | undefined, ...path: readonly string[]): readonly JsonValue[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path; undefined where it is missing or is no text. */
export function text(value: JsonValue | undefined, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** A name that one object gives twice in different case; undefined where every name is given once. Linear in the size of the value. */
export function findNameInTwoCases(value: JsonValue): string | undefined {
  const waiting: JsonValue[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) for (const item of next) waiting.push(item);
    if (!isJsonObject(next)) continue;
    const names = Object.keys(next);
    const twice = firstTwice(names);
    if (twice !== undefined) return twice;
    for (const name of names) {
      const inner = next[name];
      if (typeof inner === 'object' && inner !== null) waiting.push(inner);
    }
  }
  return undefined;
}

/** Names in one spelling each are given once already: JSON with a name twice is refused before. */
function firstTwice(names: readonly string[]): string | undefined {
  if (names.length < 2 || names.every((name) => foldedAlready.test(name))) return undefined;
  const seen = new Set<string>();
  for (const name of names) {
    const folded = foldName(name);
    if (seen.has(folded)) return name;
    seen.add(folded);
  }
  return undefined;
}

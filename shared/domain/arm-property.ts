import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

const plainName = /^[\x20-\x7e]*$/;

/** A name of a property as Azure compares them: without case, also where a character outside ASCII folds to a letter of it. */
export function foldName(name: string): string {
  return plainName.test(name) ? name.toLowerCase() : name.toUpperCase().toLowerCase();
}

const indexed = new WeakMap<JsonObject, ReadonlyMap<string, JsonValue>>();

/** The properties of an object by their folded names. Kept per object, so that many look-ups stay linear; where two names fold to one, the last counts. */
export function fieldsOf(object: JsonObject): ReadonlyMap<string, JsonValue> {
  const known = indexed.get(object);
  if (known !== undefined) return known;
  const fields = new Map(Object.entries(object).map(([name, value]) => [foldName(name), value]));
  indexed.set(object, fields);
  return fields;
}

/** What stands at a path of folded names, as `('properties', 'networkacls')`; undefined where anything on the way is missing. */
export function field(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((at, name) => (isJsonObject(at) ? fieldsOf(at).get(name) : undefined), value);
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
    const seen = new Set<string>();
    for (const [name, inner] of Object.entries(next)) {
      const folded = foldName(name);
      if (seen.has(folded)) return name;
      seen.add(folded);
      waiting.push(inner);
    }
  }
  return undefined;
}

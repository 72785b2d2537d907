import { z } from 'zod';

export const jsonObject = z.record(z.string(), z.json());
export type JsonObject = z.infer<typeof jsonObject>;
export type Json = JsonObject[string];

/** A tag has a name and a text; ARM takes nothing else as a value. */
export const tagMap = z.record(z.string(), z.string());
export type TagMap = z.infer<typeof tagMap>;

export function asObject(value: unknown): JsonObject | undefined {
  const parsed = jsonObject.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** JSON Merge Patch (RFC 7396): null removes, objects merge, anything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  const changes = asObject(patch);
  if (changes === undefined || Array.isArray(patch)) {
    return patch;
  }
  const merged = new Map(Object.entries((Array.isArray(target) ? undefined : asObject(target)) ?? {}));
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) {
      merged.delete(key);
    } else {
      merged.set(key, mergePatch(merged.get(key), value));
    }
  }
  return Object.fromEntries(merged);
}

/** The object without the value at a dotted path; unchanged where there is none. */
export function withoutPath(object: JsonObject, path: readonly string[]): JsonObject {
  const [first, ...rest] = path;
  if (first === undefined || !Object.hasOwn(object, first)) {
    return object;
  }
  if (rest.length === 0) {
    return Object.fromEntries(Object.entries(object).filter(([key]) => key !== first));
  }
  const inner = asObject(object[first]);
  return inner === undefined ? object : { ...object, [first]: withoutPath(inner, rest) };
}

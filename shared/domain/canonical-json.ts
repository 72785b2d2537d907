import canonicalizeUntyped from 'canonicalize';
import type { JsonValue } from './json.ts';

/** RFC 8785 (JSON Canonicalization Scheme) text of a value that {@link parseJson} accepted or that our own code built. Throws TypeError for what has no JSON form. */
export function canonicalJson(value: JsonValue): string {
  const text = canonicalizeUntyped(value);
  if (text === undefined) throw new TypeError('the value has no JSON form');
  return text;
}

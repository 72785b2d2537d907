import type { JsonValue } from '../json.ts';
import type { Place } from './places.ts';
import { nameRule } from './secret-names.ts';

/** The lines of a private key that was split into a list; beginning and end stay. */
export function linesOfKey(items: readonly JsonValue[]): { readonly begin: number; readonly end: number } {
  const isLine = (item: JsonValue, pattern: RegExp) =>
    typeof item === 'string' && item.length < 100 && item.includes('-----') && pattern.test(item);
  const begin = items.findIndex((item) => isLine(item, /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/));
  if (begin < 0) return { begin: items.length, end: items.length };
  const end = items.findLastIndex((item) => isLine(item, /-----END [A-Z0-9 ]{0,40}PRIVATE KEY/));
  return { begin, end: end > begin ? end : items.length };
}

/** `["--password", "…"]`: a flag says what the next argument is. `["password", "…"]`: so does a name that stands before one value. */
export function placeOfItem(items: readonly JsonValue[], index: number, place: Place): Place {
  const label = index === 0 || place !== 'plain' ? undefined : items[index - 1];
  const item = items[index];
  if (place === 'plain' && isSignature(items, index)) return 'whole';
  if (typeof label !== 'string' || typeof item !== 'string' || label.length > maxFlag) return place;
  const isFlag = label.startsWith('-') && flag.test(label);
  // The names in long lists are looked up only where they can say something.
  if ((!isFlag && items.length !== 2) || nameRule(label) !== 'value') return place;
  if (isFlag) return item.startsWith('-') || item.startsWith('$') ? place : 'value';
  const isPair = /^[A-Za-z][\w.-]*$/.test(label) && !/^[A-Za-z_ -]*$/.test(item);
  return isPair ? 'value' : place;
}

const maxFlag = 64;
const flag = /^--?[A-Za-z][\w-]*$/;

/** The third part of a JSON Web Token that was split at its dots; without it the others prove nothing. Header and payload begin as JSON in base64 does. */
function isSignature(items: readonly JsonValue[], index: number): boolean {
  const payload = items[index - 1];
  if (typeof payload !== 'string' || !payload.startsWith('eyJ')) return false;
  const [header, signature] = [items[index - 2], items[index]];
  return typeof header === 'string' && header.startsWith('eyJ') && typeof signature === 'string' && /^[\w-]{20,}$/.test(signature);
}

import { isJsonObject, type JsonValue } from '../json.ts';

/** What stands for a known value, wherever it is found. */
export const knownValuePlaceholder = '«masked»';

/** Values shorter than this are masked only where they are all of a text: they would be found in everything. */
const shortestWithin = 4;
/** Lines of a value that are as long as this are masked on their own, as those of a private key are. */
const shortestLine = 12;

/** Hides given values, however they are written, in whatever came back; the paths tell where. Pure. */
export function maskValues(
  value: JsonValue,
  secrets: readonly string[],
): { readonly value: JsonValue; readonly masked: readonly string[] } {
  const known = secrets.filter((secret) => secret !== '');
  const whole = new Set(known);
  const spellings = [...new Set(known.flatMap(spellingsOf))]
    .filter((text) => text.length >= shortestWithin)
    .sort((a, b) => b.length - a.length);
  const masked: string[] = [];
  const hide = (text: string): string => {
    if (whole.has(text)) return knownValuePlaceholder;
    return spellings.reduce((rest, spelling) => (rest.includes(spelling) ? rest.replaceAll(spelling, knownValuePlaceholder) : rest), text);
  };
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
    return Object.fromEntries(
      Object.entries(inner).map(([name, each]) => {
        const shown = hide(name);
        return [shown, walk(each, place === '' ? shown : `${place}.${shown}`)];
      }),
    );
  };
  return { value: walk(value, ''), masked };
}

/** How a value may come back: as it is, escaped once or twice, in a URL or a form, in XML, in hexadecimal, and in base64 at any offset. */
function spellingsOf(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).filter((line) => line.length >= shortestLine);
  return [secret, secret.trim(), ...(lines.length > 1 ? lines : [])].flatMap((text) => {
    const escaped = JSON.stringify(text).slice(1, -1);
    const url = percentEncoded(text);
    const bytes = Buffer.from(text, 'utf8');
    const wide = Buffer.from(text, 'utf16le');
    return [
      text,
      escaped,
      JSON.stringify(escaped).slice(1, -1),
      text.replaceAll('/', '\\/'),
      url,
      encodeURI(text),
      url.replaceAll('%20', '+'),
      url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      ...base64Spellings(bytes),
      ...base64Spellings(wide),
    ];
  });
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The part of the base64 of anything around the bytes that depends on nothing but them, for each of the three ways in which they can lie. */
function base64Spellings(bytes: Buffer): readonly string[] {
  const found = [bytes.toString('base64'), bytes.toString('base64url')];
  for (const offset of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const first = offset === 0 ? 0 : offset + 1;
    const last = Math.floor((padded.length * 8) / 6);
    // Fewer characters than these could be found by chance.
    const minimum = 8;
    for (const encoding of ['base64', 'base64url'] as const) {
      const inner = padded.toString(encoding).slice(first, last);
      if (inner.length >= minimum) found.push(inner);
    }
  }
  return found;
}

import type { Range } from './ranges.ts';

/** A text with its escapes undone, and where each of its characters came from. */
export type Unescaped = { readonly text: string; readonly toSource: (range: Range) => Range };

const percentEscape = /%[0-9A-Fa-f]{2}/;
const markupEscape = /&(?:quot|amp|apos|lt|gt|#\d{2,3}|#x[0-9A-Fa-f]{2});|\\u00[0-7][0-9A-Fa-f]|\\[/"']/;

/** The readings of a text beside the one it has as it stands: without percent-encoding, and without the escapes of HTML, XML and JSON. */
export function unescapedReadings(text: string): readonly Unescaped[] {
  return [
    ...(percentEscape.test(text) ? [readWithout(text, percentAt)] : []),
    ...(markupEscape.test(text) ? [readWithout(text, markupAt)] : []),
  ];
}

type Escape = { readonly code: number; readonly length: number };

/** One pass over the code units into typed arrays: a text of nothing but escapes must not cost an object for each. */
function readWithout(text: string, escapeAt: (text: string, at: number, first: number) => Escape | undefined): Unescaped {
  const units = new Uint16Array(text.length);
  const origins = new Uint32Array(text.length + 1);
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const first = text.charCodeAt(at);
    const found = first === percent || first === ampersand || first === backslash ? escapeAt(text, at, first) : undefined;
    units[length] = found?.code ?? first;
    origins[length] = at;
    length += 1;
    at += found?.length ?? 1;
  }
  origins[length] = text.length;
  return {
    text: decodeUnits(units.subarray(0, length)),
    toSource: ({ start, end }) => ({ start: origins[start] ?? 0, end: origins[end] ?? text.length }),
  };
}

const percent = 0x25;
const ampersand = 0x26;
const backslash = 0x5c;

function decodeUnits(units: Uint16Array): string {
  return Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le');
}

function percentAt(text: string, at: number, first: number): Escape | undefined {
  if (first !== percent) return undefined;
  const code = hexAt(text, at + 1, 2);
  return code === undefined ? undefined : { code, length: 3 };
}

const entities = /&(?:(quot)|(amp)|(apos)|(lt)|(gt)|#(\d{2,3})|#x([0-9A-Fa-f]{2}));/y;
const entityCodes = [0x22, 0x26, 0x27, 0x3c, 0x3e];

function markupAt(text: string, at: number, first: number): Escape | undefined {
  if (first === backslash) {
    const next = text[at + 1];
    if (next === '/' || next === '"' || next === "'") return { code: next.charCodeAt(0), length: 2 };
    const code = next === 'u' && text.startsWith('00', at + 2) ? hexAt(text, at + 4, 2) : undefined;
    return code === undefined ? undefined : { code, length: 6 };
  }
  if (first !== ampersand) return undefined;
  entities.lastIndex = at;
  const match = entities.exec(text);
  if (match === null) return undefined;
  const named = entityCodes.find((_, index) => match[index + 1] !== undefined);
  const code = named ?? (match[6] !== undefined ? Number(match[6]) : Number.parseInt(match[7] ?? '0', 16));
  return { code, length: match[0].length };
}

function hexAt(text: string, at: number, digits: number): number | undefined {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = hexDigit(text.charCodeAt(index));
    if (digit === undefined) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number | undefined {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : undefined;
}

/** A run of base64 that is a text: what it says, and where it stands. */
export type EncodedText = { readonly range: Range; readonly text: string };

/** Long enough to hold a name and a secret; of either alphabet, also over several lines. */
const base64Run =
  /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}(?:(?:\r?\n|\\r?\\n|\\n)[ \t]{0,20}[A-Za-z0-9+/_-]{20,})*(?:(?:\r?\n|\\n)[ \t]{0,20}[A-Za-z0-9+/_-]{1,76}(?==))?={0,2}/g;

/** Texts that stand in a text in base64. What decodes to bytes that are no text is left out: it is a key, a digest or an image, and judged by its shape and name. */
export function encodedTexts(text: string): readonly EncodedText[] {
  const found: EncodedText[] = [];
  for (const match of text.matchAll(base64Run)) {
    const decoded = decodeText(match[0]);
    if (decoded !== undefined) found.push({ range: { start: match.index, end: match.index + match[0].length }, text: decoded });
  }
  return found;
}

const controls = /(?![\t\n\v\f\r])[\p{Cc}\ufffd]/u;
const probe = 32;

function decodeText(encoded: string): string | undefined {
  // A first look at a few bytes, since nearly every run is no text.
  const head = Buffer.from(encoded.slice(0, probe), 'base64');
  const isUtf16 = head.length >= 8 && [1, 3, 5, 7].every((at) => head[at] === 0) && head[0] !== 0;
  if (!isUtf16 && controls.test(head.toString('latin1'))) return undefined;
  const bytes = Buffer.from(encoded.replaceAll(/\\r?\\n|\\n|\s+/g, ''), 'base64');
  const text = bytes.toString(isUtf16 ? 'utf16le' : 'utf8');
  return controls.test(text) ? undefined : text;
}

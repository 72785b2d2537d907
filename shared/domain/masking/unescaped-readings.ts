import { foldedCode, noSign } from './folded-characters.ts';
import { hexAt } from './hex.ts';
import type { Range } from './ranges.ts';
import { traits } from './traits.ts';

/** A text with its escapes undone, and where each of its characters came from. */
export type Unescaped = { readonly text: string; readonly toSource: (range: Range) => Range };

const percentEscape = /%[0-9a-f]{2}/i;
const markupEscape = /&(?:quot|amp|apos|lt|gt|#\d{2,3}|#x[0-9a-f]{2});|\\u00[0-7][0-9a-f]|\\x[0-7][0-9a-f]|\\[/"']/i;

/**
 * The readings of a text beside the one it has as it stands: without percent-encoding, without the escapes of HTML, XML, JSON and JavaScript, and with
 * signs that imitate others, or that nobody sees, as a reader takes them.
 * `found` are the traits of the text.
 */
export function unescapedReadings(text: string, found: number): readonly Unescaped[] {
  const hasPercent = (found & traits.percent) !== 0 && percentEscape.test(text);
  const hasMarkup = (found & (traits.ampersand | traits.backslash)) !== 0 && markupEscape.test(text);
  const isFoldable = (found & traits.outsideAscii) !== 0 && holdsFoldable(text);
  if (!hasPercent && !hasMarkup && !isFoldable) return none;
  return [
    ...(hasPercent ? [readWithout(text, percentAt)] : []),
    ...(hasMarkup ? [readWithout(text, markupAt)] : []),
    ...(isFoldable ? [readWithout(text, foldedAt)] : []),
  ];
}

function holdsFoldable(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127 && foldedCode(code) !== code) return true;
  }
  return false;
}

function foldedAt(_: string, __: number, first: number): Escape | undefined {
  if (first < 128) return undefined;
  const code = foldedCode(first);
  return code === first ? undefined : { code: code === noSign ? undefined : code, length: 1 };
}

const none: readonly Unescaped[] = [];

/** `code` is what an escape stands for, if for anything. */
export type Escape = { readonly code: number | undefined; readonly length: number };
type EscapeAt = (text: string, at: number, first: number) => Escape | undefined;

/**
 * A text with what `escapeAt` finds undone; it is asked where one may begin: at percent, ampersand, backslash, line ends and beyond ASCII. Most readings hold nothing,
 * and then nobody asks where their characters came from.
 */
export function readWithout(text: string, escapeAt: EscapeAt): Unescaped {
  let origins: Uint32Array | undefined;
  return {
    text: text.length <= shortLength ? shortText(text, escapeAt) : longText(text, escapeAt),
    toSource: ({ start, end }) => {
      origins ??= originsOf(text, escapeAt);
      return { start: origins[start] ?? 0, end: origins[end] ?? text.length };
    },
  };
}

const shortLength = 500;

function shortText(text: string, escapeAt: EscapeAt): string {
  let plain = '';
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const written = beginsEscape(text.charCodeAt(at)) ? escapeAt(text, at, text.charCodeAt(at)) : undefined;
    if (written === undefined) {
      at += 1;
      continue;
    }
    plain += text.slice(from, at) + (written.code === undefined ? '' : String.fromCharCode(written.code));
    at += written.length;
    from = at;
  }
  return plain + text.slice(from);
}

/** Code units in a typed array: a text of nothing but escapes must not cost an object for each. */
function longText(text: string, escapeAt: EscapeAt): string {
  const units = new Uint16Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const first = text.charCodeAt(at);
    const written = beginsEscape(first) ? escapeAt(text, at, first) : undefined;
    at += written?.length ?? 1;
    const code = written === undefined ? first : written.code;
    if (code === undefined) continue;
    units[length] = code;
    length += 1;
  }
  return Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
}

function originsOf(text: string, escapeAt: EscapeAt): Uint32Array {
  const origins = new Uint32Array(text.length + 1);
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const first = text.charCodeAt(at);
    const written = beginsEscape(first) ? escapeAt(text, at, first) : undefined;
    if (written === undefined || written.code !== undefined) {
      origins[length] = at;
      length += 1;
    }
    at += written?.length ?? 1;
  }
  origins[length] = text.length;
  return origins.subarray(0, length + 1);
}

export const percent = 0x25;
export const ampersand = 0x26;
export const backslash = 0x5c;
const carriageReturn = 0x0d;

function beginsEscape(code: number): boolean {
  return code === percent || code === ampersand || code === backslash || code <= carriageReturn || code > 127;
}

function percentAt(text: string, at: number, first: number): Escape | undefined {
  if (first !== percent) return undefined;
  const code = hexAt(text, at + 1, 2);
  return code === undefined ? undefined : { code, length: 3 };
}

const entities = /&(?:(quot)|(amp)|(apos)|(lt)|(gt)|#(\d{2,3})|#x([0-9a-f]{2}));/iy;
const entityCodes = [0x22, 0x26, 0x27, 0x3c, 0x3e];

function markupAt(text: string, at: number, first: number): Escape | undefined {
  if (first === backslash) return backslashAt(text, at);
  if (first !== ampersand) return undefined;
  entities.lastIndex = at;
  const match = entities.exec(text);
  if (match === null) return undefined;
  const named = entityCodes.find((_, index) => match[index + 1] !== undefined);
  const code = named ?? (match[6] !== undefined ? Number(match[6]) : Number.parseInt(match[7] ?? '0', 16));
  return { code, length: match[0].length };
}

function backslashAt(text: string, at: number): Escape | undefined {
  const next = text[at + 1];
  if (next === '/' || next === '"' || next === "'") return { code: next.charCodeAt(0), length: 2 };
  const digits = next === 'u' && text.startsWith('00', at + 2) ? 4 : next === 'x' ? 2 : undefined;
  const code = digits === undefined ? undefined : hexAt(text, at + digits, 2);
  return digits === undefined || code === undefined || code > 127 ? undefined : { code, length: digits + 2 };
}

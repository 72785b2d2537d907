import { hexAt } from './hex.ts';
import { mayBePacked, type UnpackingBudget, unpack } from './packed-bytes.ts';
import { matchesOf, type Range } from './ranges.ts';
import { traits } from './traits.ts';
import type { WorkBudget } from './work-budget.ts';

/** A run of base64 or of hexadecimal digits that is a text: where it stands, and what it says; undefined where that cannot be known, so that it hides something. */
export type EncodedText = { readonly range: Range; readonly text: string | undefined };

/** Long enough to hold a name and a secret; of either alphabet, also over several lines. */
const base64Run =
  /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}(?:(?:\r?\n|\\r?\\n|\\n)[ \t]{0,20}[A-Za-z0-9+/_-]{20,})*(?:(?:\r?\n|\\n)[ \t]{0,20}[A-Za-z0-9+/_-]{1,76}(?==))?={0,2}/g;

/**
 * Texts that stand in a text in base64 or in hexadecimal, also packed by gzip, zlib or deflate. What decodes to bytes that are no text is left out: it is a
 * key, a digest or an image, and judged by its shape and name. `found` are the traits of the text.
 */
export function encodedTexts(text: string, found: number, budget: UnpackingBudget, work: WorkBudget): readonly EncodedText[] {
  const encoded = [...spacedTexts(text, found, work)];
  if ((found & traits.longRun) === 0) return encoded;
  for (const match of matchesOf(base64Run, text)) {
    if (isGuid(match[0])) continue;
    if (!work.spend(perRun + match[0].length)) return [{ range: { start: 0, end: text.length }, text: undefined }];
    const decoded = decodeHex(match[0], budget) ?? decodeBase64(match[0], budget);
    if (decoded === undefined) continue;
    encoded.push({ range: { start: match.index, end: match.index + match[0].length }, text: decoded === hides ? undefined : decoded });
  }
  return encoded;
}

/** `50 61 73 73`, `50:61:73:73`, `0x50, 0x61`: bytes with something between them, as dumps show them. */
const spacedRun = /(?<![0-9a-z])(?:0x)?[0-9a-f]{2}(?:(?:[:-]|,?\s{1,2})(?:0x)?[0-9a-f]{2}){11,}(?![0-9a-z])/gi;

/** Whether bytes stand apart in a text, so many that they can hold a name and a secret. */
export function mayHoldSpacedBytes(text: string, found: number): boolean {
  if ((found & traits.digit) === 0 || (found & (traits.space | traits.colon | traits.dash)) === 0) return false;
  spacedRun.lastIndex = 0;
  return spacedRun.test(text);
}

function spacedTexts(text: string, found: number, work: WorkBudget): readonly EncodedText[] {
  if (!mayHoldSpacedBytes(text, found)) return none;
  const encoded: EncodedText[] = [];
  for (const match of matchesOf(spacedRun, text)) {
    if (!work.spend(perRun + match[0].length)) return [{ range: { start: 0, end: text.length }, text: undefined }];
    const bytes = Buffer.from(match[0].replaceAll(/0x|[^0-9a-f]/gi, ''), 'hex');
    if (!bytes.every(isPrintable)) continue;
    encoded.push({ range: { start: match.index, end: match.index + match[0].length }, text: bytes.toString('latin1') });
  }
  return encoded;
}

const none: readonly EncodedText[] = [];
const hides = Symbol('hides');

/** What a run costs beside its characters. */
const perRun = 250;

/** It is written in the letters of base64 too, and by chance now and then begins as packed bytes do. */
function isGuid(run: string): boolean {
  return run.length === 36 && /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(run);
}

/** `0x50617373776f7264…`, every byte of it printable, which digests and keys are not. */
function decodeHex(encoded: string, budget: UnpackingBudget): string | typeof hides | undefined {
  const from = encoded.startsWith('0x') ? 2 : 0;
  if ((encoded.length - from) % 2 === 1) return undefined;
  if (/^1f8b08/i.test(encoded)) return unpackAll(Buffer.from(encoded, 'hex'), budget);
  for (let at = from; at < encoded.length; at += 2) {
    const code = hexAt(encoded, at, 2);
    if (code === undefined || !isPrintable(code)) return undefined;
  }
  return Buffer.from(encoded.slice(from), 'hex').toString('latin1');
}

/** A look at so many characters first, since nearly every run is no text. */
const probe = 32;

function decodeBase64(encoded: string, budget: UnpackingBudget): string | typeof hides | undefined {
  const head = Buffer.from(encoded.slice(0, probe), 'base64');
  if (isText(head)) return readText(bytesOf(encoded));
  if (mayBePacked(head)) return unpackAll(bytesOf(encoded), budget);
  const shift = shiftOf(encoded);
  return shift === undefined ? undefined : readText(Buffer.from(encoded.slice(shift), 'base64'));
}

function bytesOf(encoded: string): Buffer {
  return Buffer.from(breaks.test(encoded) ? encoded.replaceAll(everyBreak, '') : encoded, 'base64');
}

const breaks = /[\s\\]/;
const everyBreak = /\\r?\\n|\\n|\s+/g;

/** Texts are not packed more often, one inside the other. */
const maxLayers = 3;

function unpackAll(packed: Buffer, budget: UnpackingBudget): string | typeof hides | undefined {
  let bytes = packed;
  for (let layer = 0; ; layer += 1) {
    const unpacked = unpack(bytes, budget);
    if (unpacked === 'hides') return hides;
    if (unpacked === undefined) return layer === 0 ? undefined : readText(bytes);
    if (layer === maxLayers) return hides;
    bytes = unpacked;
  }
}

/** What stands right before a run, as a part of a path, moves all that follows: then only its end is a text, read from another character on. */
function shiftOf(encoded: string): number | undefined {
  if (encoded.length < 2 * probe || breaks.test(encoded)) return undefined;
  for (const shift of [0, 1, 2, 3]) {
    const from = shift + 4 * Math.floor((encoded.length - shift - probe) / 4);
    if (isText(Buffer.from(encoded.slice(from, from + probe), 'base64'))) return shift;
  }
  return undefined;
}

/** By its first bytes: whether nearly all are printable, or all are UTF-8 without controls, or every other one is zero. */
function isText(bytes: Buffer): boolean {
  if (utf16Order(bytes) !== undefined) return true;
  let printable = 0;
  let controls = 0;
  for (const byte of bytes) {
    if (isPrintable(byte)) printable += 1;
    else if (byte < 128) controls += 1;
  }
  if (printable * 8 >= bytes.length * 7) return true;
  return controls === 0 && printable * 3 >= bytes.length && isUtf8(bytes);
}

/** The last character may be cut. */
function isUtf8(bytes: Buffer): boolean {
  const invalid = bytes.toString('utf8').indexOf('\ufffd');
  return invalid < 0 || invalid >= bytes.length - 4;
}

function utf16Order(bytes: Buffer): 'little' | 'big' | undefined {
  const from = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff) ? 2 : 0;
  if (bytes.length < from + 8) return undefined;
  const areZero = (first: number) => [0, 2, 4].every((at) => bytes[from + first + at] === 0 && bytes[from + (1 - first) + at] !== 0);
  if (areZero(1)) return 'little';
  return areZero(0) ? 'big' : undefined;
}

function readText(bytes: Buffer): string {
  const order = utf16Order(bytes);
  if (order === undefined) return bytes.toString('utf8');
  const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
  return (order === 'little' ? even : Buffer.from(even).swap16()).toString('utf16le');
}

function isPrintable(byte: number): boolean {
  return (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13);
}

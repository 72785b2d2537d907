import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** How much is unpacked for one value, and how often bytes may be tried as deflate, which nothing announces. */
export type UnpackingBudget = { bytes: number; trials: number };

export function unpackingBudget(): UnpackingBudget {
  return { bytes: 8 * 1_048_576, trials: 2_000 };
}

/** What packed bytes hold; `hides` where that cannot be known within the budget; undefined for bytes that are not packed. */
export type Unpacked = Buffer | 'hides' | undefined;

/** No honest text is longer once unpacked than a body may be. */
const maxUnpacked = 4 * 1_048_576;

/**
 * Unpacks gzip (RFC 1952), zlib (RFC 1950) and deflate (RFC 1951). Bytes that begin as gzip and are none, or are cut short, hide what they hold, as bombs do;
 * what only may be zlib or deflate, and is none, is undefined.
 */
export function unpack(bytes: Buffer, budget: UnpackingBudget): Unpacked {
  if (isGzip(bytes)) return unpackWith(gunzipSync, bytes, budget, 'hides');
  if (isZlib(bytes)) return tryWith(inflateSync, bytes, budget);
  return mayBeDeflate(bytes) ? tryWith(inflateRawSync, bytes, budget) : undefined;
}

type Inflate = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

function tryWith(inflate: Inflate, bytes: Buffer, budget: UnpackingBudget): Unpacked {
  if (budget.trials <= 0) return 'hides';
  budget.trials -= 1;
  return unpackWith(inflate, bytes, budget, undefined);
}

function unpackWith(inflate: Inflate, bytes: Buffer, budget: UnpackingBudget, broken: Unpacked): Unpacked {
  const limit = Math.min(maxUnpacked, budget.bytes);
  if (limit <= 0) return 'hides';
  try {
    const unpacked = inflate(bytes, { maxOutputLength: limit });
    budget.bytes -= unpacked.length;
    return unpacked;
  } catch (error) {
    budget.bytes -= bytes.length;
    return isTooLarge(error) ? 'hides' : broken;
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** Method 8, a window that exists, and a sum that 31 divides. */
function isZlib(bytes: Buffer): boolean {
  const [method = 0, flags = 0] = bytes;
  return (method & 0x0f) === 8 && method >> 4 <= 7 && ((method << 8) | flags) % 31 === 0;
}

/** Whether bytes begin as packed ones do; of most others that is told without unpacking. Wants the first 24 bytes. */
export function mayBePacked(bytes: Buffer): boolean {
  return isGzip(bytes) || isZlib(bytes) || mayBeDeflate(bytes);
}

/** Shorter ones hold no name and secret. */
const shortestDeflate = 24;

/** By the header of the first block: a stored one repeats its length inverted, and the codes of a dynamic one are complete. */
function mayBeDeflate(bytes: Buffer): boolean {
  if (bytes.length < shortestDeflate) return false;
  switch (bitsAt(bytes, 1, 2)) {
    case 0:
      return (bytes.readUInt16LE(1) ^ bytes.readUInt16LE(3)) === 0xffff;
    case 1:
      return beginsWithText(bytes);
    case 2:
      return hasCompleteCodes(bytes);
    default:
      return false;
  }
}

function bitsAt(bytes: Buffer, at: number, count: number): number {
  let bits = 0;
  for (let index = 0; index < count; index += 1) bits |= (((bytes[(at + index) >> 3] ?? 0) >> ((at + index) & 7)) & 1) << index;
  return bits;
}

/** Fixed codes: the first symbol is a literal, of eight bits, most significant first; here it must be a printable one, a tab or the end of a line. */
function beginsWithText(bytes: Buffer): boolean {
  let symbol = 0;
  for (let bit = 0; bit < 8; bit += 1) symbol = (symbol << 1) | bitsAt(bytes, 3 + bit, 1);
  const literal = symbol - 0x30;
  return (literal >= 32 && literal <= 143) || (literal >= 9 && literal <= 13);
}

/** The lengths of the code that writes the codes, in three bits each, must fill the space of codes exactly. */
function hasCompleteCodes(bytes: Buffer): boolean {
  if (bitsAt(bytes, 3, 5) > 29 || bitsAt(bytes, 8, 5) > 29) return false;
  const count = bitsAt(bytes, 13, 4) + 4;
  let filled = 0;
  for (let index = 0; index < count; index += 1) {
    const length = bitsAt(bytes, 17 + 3 * index, 3);
    if (length > 0) filled += 128 >> length;
  }
  return filled === 128;
}

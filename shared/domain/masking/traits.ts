/**
 * What one look at the characters of a text tells: bits that are cheap to get and spare most texts most of the patterns. Each bit means that a character of
 * that kind is there at all, except for the runs.
 */
export const traits = {
  digit: 1,
  letter: 2,
  space: 4,
  slash: 8,
  equals: 16,
  colon: 32,
  quote: 64,
  less: 128,
  ampersand: 256,
  percent: 512,
  backslash: 1024,
  at: 2048,
  plus: 4096,
  /** Characters of base64 in either alphabet, twenty or more in a row. */
  longRun: 8192,
  /** Seven or more digits in all. */
  manyDigits: 16384,
  tilde: 32768,
  dash: 65536,
  dot: 131072,
  query: 262144,
  outsideAscii: 524288,
} as const;

const kinds = new Int32Array(128);
const inRun = new Uint8Array(128);

function mark(characters: string, bit: number): void {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    kinds[code] = (kinds[code] ?? 0) | bit;
  }
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const letters = `${lower}${lower.toUpperCase()}`;
mark(digits, traits.digit);
mark(letters, traits.letter);
mark(' \t\n\r\v\f', traits.space);
mark('/', traits.slash);
mark('=', traits.equals);
mark(':', traits.colon);
mark('"\'`', traits.quote);
mark('<', traits.less);
mark('&', traits.ampersand);
mark('%', traits.percent);
mark('\\', traits.backslash);
mark('@', traits.at);
mark('+', traits.plus);
mark('~', traits.tilde);
mark('-', traits.dash);
mark('.', traits.dot);
mark('?', traits.query);
for (const character of `${letters}${digits}+/_-`) inRun[character.charCodeAt(0)] = 1;

const longRun = 20;
const manyDigits = 7;

/** The traits of a text. Linear, and quicker than any pattern. */
export function traitsOf(text: string): number {
  let found = 0;
  let run = 0;
  let longest = 0;
  let digitCount = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127) {
      found |= traits.outsideAscii;
      run = 0;
      continue;
    }
    const kind = kinds[code] ?? 0;
    found |= kind;
    digitCount += kind & traits.digit;
    if (inRun[code] === 1) {
      run += 1;
      if (run > longest) longest = run;
    } else run = 0;
  }
  if (longest >= longRun) found |= traits.longRun;
  if (digitCount >= manyDigits) found |= traits.manyDigits;
  return found;
}

import { hexAt } from './hex.ts';
import { ampersand, backslash, type Escape, percent, readWithout, type Unescaped } from './unescaped-readings.ts';

/** A body in an error in a log is escaped three times. */
const mostLayers = 3;

const anyEscape = /%[0-9a-f]{2}|&(?:quot|amp|apos|lt|gt|#\d{1,6}|#x[0-9a-f]{1,5});|\\["'/\\nrtbfux]/i;
const lineEnd = /[\r\n]/;

/**
 * The readings of a text in which a known value is looked for: as it stands, then with one layer of escapes after the other undone (percent-encoding, XML and HTML, JSON and
 * JavaScript, whichever comes), and each of these with its lines put together. Pure.
 */
export function* valueReadings(text: string): Generator<Unescaped> {
  let reading: Unescaped = { text, toSource: (range) => range };
  for (let layer = 0; ; layer += 1) {
    yield reading;
    if (lineEnd.test(reading.text)) yield within(reading, lineEndAt);
    if (layer === mostLayers || !anyEscape.test(reading.text)) return;
    reading = within(reading, escapeAt);
  }
}

function within(outer: Unescaped, at: Parameters<typeof readWithout>[1]): Unescaped {
  const inner = readWithout(outer.text, at);
  return { text: inner.text, toSource: (range) => outer.toSource(inner.toSource(range)) };
}

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** The end of a line, with those after it and the indentation of the next. */
function lineEndAt(text: string, at: number, first: number): Escape | undefined {
  if (first !== lineFeed && first !== carriageReturn) return undefined;
  let end = at + 1;
  while (isSpace(text.charCodeAt(end))) end += 1;
  return { code: undefined, length: end - at };
}

function isSpace(code: number): boolean {
  return code === space || code === tab || code === lineFeed || code === carriageReturn;
}

function escapeAt(text: string, at: number, first: number): Escape | undefined {
  switch (first) {
    case percent:
      return written(hexAt(text, at + 1, 2), 3);
    case ampersand:
      return entityAt(text, at);
    case backslash:
      return backslashAt(text, at);
    default:
      return undefined;
  }
}

const entities = /&(?:(quot)|(amp)|(apos)|(lt)|(gt)|#(\d{1,6})|#x([0-9a-f]{1,5}));/iy;
const entityCodes = [0x22, 0x26, 0x27, 0x3c, 0x3e];

function entityAt(text: string, at: number): Escape | undefined {
  entities.lastIndex = at;
  const match = entities.exec(text);
  if (match === null) return undefined;
  const named = entityCodes.find((_, index) => match[index + 1] !== undefined);
  const code = named ?? (match[6] !== undefined ? Number(match[6]) : Number.parseInt(match[7] ?? '0', 16));
  return written(code > 0xffff ? undefined : code, match[0].length);
}

const afterBackslash: Readonly<Record<string, number>> = {
  '"': 0x22,
  "'": 0x27,
  '/': 0x2f,
  '\\': backslash,
  n: lineFeed,
  r: carriageReturn,
  t: tab,
  b: 0x08,
  f: 0x0c,
};

function backslashAt(text: string, at: number): Escape | undefined {
  const next = text[at + 1] ?? '';
  if (next === 'u') return written(hexAt(text, at + 2, 4), 6);
  if (next === 'x') return written(hexAt(text, at + 2, 2), 4);
  return written(afterBackslash[next], 2);
}

function written(code: number | undefined, length: number): Escape | undefined {
  return code === undefined ? undefined : { code, length };
}

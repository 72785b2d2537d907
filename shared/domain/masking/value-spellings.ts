import { isJsonObject, type JsonValue } from '../json.ts';
import { valueReadings } from './value-readings.ts';

/** Lines of a value, and parts of one, that are as long as this are masked on their own, as those of a private key are. */
const shortestLine = 12;
const shortestPart = 8;
/** So many lines are looked for in every spelling, and the others as they are. */
const spelledLines = 50;

/** A way in which a value may come back; `mayBeCut` where a piece of it would tell something. */
export type Spelling = { readonly text: string; readonly mayBeCut: boolean };

/** A piece of fewer letters may be anything. */
const shortestCut = 12;

/**
 * How a value may come back once escapes are undone: as it is, in a form, in hexadecimal, in base64 at any offset, with its lines put together, and in parts: line by line, and by
 * what is secret of a connection string, a URL or a JSON text, which services take apart. Pure.
 */
export function spellingsOf(secret: string): readonly Spelling[] {
  const lines = secret.split(/[\r\n]+/).filter((line) => line.length >= shortestLine);
  const manyLines = lines.length > 1 ? lines : [];
  const wholes = [secret, secret.trim(), ...partsOf(secret)];
  const cuttable = new Set(wholes.flatMap((text) => [text, ...inBase64(text)]).filter((text) => text.length >= shortestCut));
  const others = new Set([
    ...[...new Set([...wholes, ...manyLines.slice(0, spelledLines)])].flatMap(spell),
    secret.trim().replaceAll(/\r\n|\r|\n/g, ' '),
    ...chunksOf(secret),
    ...manyLines,
  ]);
  return [...[...cuttable].map((text) => ({ text, mayBeCut: true })), ...[...others].map((text) => ({ text, mayBeCut: false }))];
}

function spell(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8');
  // Percent-encoding is of bytes, and undone byte by byte; a value that itself looks escaped is undone with what it came back in.
  // Where it ends as an escape begins, that takes in what follows it.
  const written = new Set([text, bytes.toString('latin1')].flatMap((form) => [form, form.replace(/[\\%&]+$/, '')]));
  const readings = [...written].flatMap((form) => [...valueReadings(form)].map((reading) => reading.text));
  const escaped = JSON.stringify(text).slice(1, -1);
  return [
    ...readings,
    bytes.toString('hex'),
    ...base64Spellings(bytes),
    ...base64Spellings(Buffer.from(text, 'utf16le')),
    ...(escaped === text ? [] : base64Spellings(Buffer.from(escaped, 'utf8'))),
  ];
}

function inBase64(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8');
  return [bytes.toString('base64'), bytes.toString('base64url')];
}

/** The lines that base64 of the value is broken into, by MIME and by PEM. */
function chunksOf(secret: string): readonly string[] {
  const encoded = Buffer.from(secret, 'utf8').toString('base64');
  if (encoded.length <= 64) return [];
  return [64, 76].flatMap((length) => encoded.match(new RegExp(`.{${shortestLine},${length}}`, 'g')) ?? []);
}

/** What is secret within a value that others read as more than one. */
function partsOf(secret: string): readonly string[] {
  return [...jsonParts(secret), ...assignedParts(secret), ...urlParts(secret)].filter((part) => part.length >= shortestPart);
}

function jsonParts(secret: string): readonly string[] {
  if (!/^\s*[[{]/.test(secret)) return [];
  try {
    const value: JsonValue = JSON.parse(secret);
    return [...textsIn(value)];
  } catch {
    return [];
  }
}

function* textsIn(value: JsonValue): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const inner of value) yield* textsIn(inner);
  else if (isJsonObject(value)) for (const inner of Object.values(value)) yield* textsIn(inner);
}

/** `Password=…` of a connection string. */
function assignedParts(secret: string): readonly string[] {
  if (!secret.includes('=')) return [];
  return secret.split(/[;&]/).flatMap((part) => /^[^=]*(?:pass|pwd|key|secret|token|sig)[^=]*=(.+)$/is.exec(part)?.[1] ?? []);
}

/** The password of `postgres://user:password@host`. */
function urlParts(secret: string): readonly string[] {
  const password = URL.parse(secret.trim())?.password ?? '';
  if (password === '') return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
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

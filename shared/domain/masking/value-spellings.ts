import { isJsonObject, type JsonValue } from '../json.ts';

/** Lines of a value, and parts of one, that are as long as this are masked on their own, as those of a private key are. */
const shortestLine = 12;
const shortestPart = 8;
/** So many lines are looked for in every spelling, and the others as they are. */
const spelledLines = 50;

/**
 * How a value may come back: as it is, escaped once or twice, in a URL or a form, in XML, in hexadecimal, in base64 at any offset, with other ends of its lines, and in
 * parts: line by line, and by what is secret of a connection string, a URL or a JSON text, which services take apart. Pure.
 */
export function spellingsOf(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).filter((line) => line.length >= shortestLine);
  const spelledWhole = [secret, secret.trim(), ...partsOf(secret), ...(lines.length > 1 ? lines.slice(0, spelledLines) : [])];
  return [...withOtherLineEnds(secret), ...new Set(spelledWhole.flatMap(spell)), ...chunksOf(secret), ...(lines.length > 1 ? lines : [])];
}

function spell(text: string): readonly string[] {
  const url = percentEncoded(text);
  const bytes = Buffer.from(text, 'utf8');
  const escapings = [text, ...jsonEscapings(text)];
  return [
    ...escapings,
    ...escapings.map(jsonEscaped),
    text.replaceAll('/', '\\/'),
    url,
    encodeURI(text.toWellFormed()),
    url.replaceAll('%20', '+'),
    ...xmlEscapings(text),
    bytes.toString('hex'),
    ...base64Spellings(bytes),
    ...base64Spellings(Buffer.from(text, 'utf16le')),
  ];
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** What escapes nothing but what it must (JavaScript, Newtonsoft), what is beyond ASCII (Python), what HTML reads (Go, Newtonsoft), and all of it (System.Text.Json). */
function jsonEscapings(text: string): readonly string[] {
  const escaped = jsonEscaped(text);
  const all = escaped.replaceAll('\\"', '\\u0022').replace(/[&'+<>`]|[^\x20-\x7e]/g, numbered);
  return [
    escaped,
    escaped.replace(/[^\x20-\x7e]/g, numbered),
    escaped.replace(/[&<>]/g, numbered),
    escaped.replace(/[&'<>]/g, numbered),
    all,
  ];
}

function numbered(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`;
}

function xmlEscapings(text: string): readonly string[] {
  const least = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quotes = [
    ['"', "'"],
    ['&quot;', "'"],
    ['&quot;', '&#39;'],
    ['&quot;', '&apos;'],
    ['&quot;', '&#x27;'],
    ['&#34;', '&#39;'],
  ] as const;
  return quotes.map(([double, single]) => least.replaceAll('"', double).replaceAll("'", single));
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

function withOtherLineEnds(text: string): readonly string[] {
  return /[\r\n]/.test(text) ? ['\n', '\r\n', ' ', ''].map((end) => text.trim().replaceAll(/\r\n|\r|\n/g, end)) : [];
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

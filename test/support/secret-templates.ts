import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { isJsonObject, type JsonValue } from '../../shared/domain/json.ts';

/*
 * Rows of the corpora carry no secret: `{{base64:64}}` and the like are filled in here, from a seed, so that a failure can be repeated and nothing that a
 * scanner would flag is committed. Two seeds give the same row with other secrets of the same length.
 */

export type Seeded = () => number;

/** Mulberry32: small, and the same on every machine. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = upper.toLowerCase();
const digits = '0123456789';

function pick(random: Seeded, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

function bytes(random: Seeded, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

const base64OfJson = (value: JsonValue) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Public, and therefore always the same. */
const certificateDer = `MIIDXTCCAkWgAwIBAgIJAK${'QUJDRA'.repeat(60)}`;
const certificate = pem('CERTIFICATE', certificateDer);
const publicPem = pem('PUBLIC KEY', `MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A${'QUJDRA'.repeat(40)}`);

function pem(kind: string, body: string): string {
  const rule = '-'.repeat(5);
  return `${rule}BEGIN ${kind}${rule}\n${body.replaceAll(/.{64}/g, '$&\n')}\n${rule}END ${kind}${rule}`;
}

function privatePem(random: Seeded, kind: string): string {
  return pem(`${kind === '' ? '' : `${kind} `}PRIVATE KEY`, `MIIE${pick(random, `${upper}${lower}${digits}+/`, 600)}`);
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What each template makes. `argument` is what stands behind the colon. */
const makers: Readonly<Record<string, (random: Seeded, argument: string) => string>> = {
  base64: (random, length) => bytes(random, Number(length)).toString('base64'),
  base64raw: (random, length) => pick(random, `${upper}${lower}${digits}+/`, Number(length)),
  base32: (random, length) => pick(random, `${lower}234567`, Number(length)),
  alnum: (random, length) => `a1${pick(random, `${upper}${lower}${digits}`, Number(length) - 2)}`,
  letters: (random, length) => pick(random, `${upper}${lower}`, Number(length)),
  upper: (random, length) => pick(random, `${upper}${digits}`, Number(length)),
  digits: (random, length) => `1${pick(random, digits, Number(length) - 1)}`,
  hex: (random, length) => pick(random, 'abcdef0123456789', Number(length)),
  HEX: (random, length) => pick(random, 'ABCDEF0123456789', Number(length)),
  guid: (random) => [8, 4, 4, 4, 12].map((length) => pick(random, 'abcdef0123456789', length)).join('-'),
  // As people are made to choose them: capitals, small letters, a digit and a sign.
  password: (random) =>
    `${pick(random, upper, 2)}${pick(random, lower, 4)}${pick(random, digits, 2)}${pick(random, '!#*+^~', 1)}${pick(random, lower, 3)}`,
  sig: (random) => encodeURIComponent(`${pick(random, `${upper}${lower}${digits}`, 43)}=`),
  jwt: (random) =>
    [
      base64OfJson({ alg: 'RS256', kid: 'k' }),
      base64OfJson({ aud: pick(random, lower, 20) }),
      bytes(random, 256).toString('base64url'),
    ].join('.'),
  jwe: (random) =>
    [
      base64OfJson({ alg: 'RSA-OAEP', enc: 'A256GCM' }),
      ...[256, 12, 80, 16].map((length) => bytes(random, length).toString('base64url')),
    ].join('.'),
  basic: (random) => base64(`user:${pick(random, lower, 12)}`),
  pem: privatePem,
  pemStart: (random, kind) => privatePem(random, kind).slice(0, 200),
  pem64: (random, kind) => base64(privatePem(random, kind)),
  kubeconfig64: (random) => base64(`apiVersion: v1\nusers:\n- user:\n    token: ${pick(random, lower, 64)}\n`),
  certificate: () => certificate,
  certificate64: () => base64(certificate),
  certificateDer: () => certificateDer,
  publicPem: () => publicPem,
  textInBase64: () => base64('Nothing of this text is anything that nobody may read.'),
  jsonInBase64: () => base64(JSON.stringify({ size: 3, names: ['a', 'b'] })),
};

const template = /\{\{([A-Za-z0-9]+)(?::([^{}]*))?\}\}/g;

/** A row's body with its templates filled in. Throws RangeError for a template that does not exist. */
export function fill(body: JsonValue, random: Seeded): JsonValue {
  if (typeof body === 'string') {
    return body.replaceAll(template, (_, name: string, argument: string | undefined) => {
      const make = makers[name];
      if (make === undefined) throw new RangeError(`there is no template "${name}"`);
      return make(random, argument ?? '');
    });
  }
  if (Array.isArray(body)) return body.map((item: JsonValue) => fill(item, random));
  if (isJsonObject(body)) {
    return Object.fromEntries(Object.entries(body).map(([name, inner]) => [String(fill(name, random)), fill(inner, random)]));
  }
  return body;
}

/** Ways in which a secret is carried inside something else. */
const wrappings: Readonly<Record<string, (value: JsonValue) => string>> = {
  json: (value) => JSON.stringify(value),
  jsonIndented: (value) => JSON.stringify(value, null, 2),
  base64: (value) => base64(textOf(value)),
  base64url: (value) => Buffer.from(textOf(value)).toString('base64url'),
  base64Lines: (value) => base64(textOf(value)).replaceAll(/.{76}/g, '$&\n'),
  base64utf16: (value) => Buffer.from(textOf(value), 'utf16le').toString('base64'),
  gzip: (value) => gzipSync(textOf(value)).toString('base64'),
  zlib: (value) => deflateSync(textOf(value)).toString('base64'),
  deflate: (value) => deflateRawSync(textOf(value)).toString('base64'),
  hex: (value) => Buffer.from(textOf(value)).toString('hex'),
  spacedHex: (value) => Buffer.from(textOf(value)).toString('hex').match(/../g)?.join(' ') ?? '',
  hexList: (value) => Buffer.from(textOf(value)).toString('hex').replaceAll(/../g, '0x$&, ').slice(0, -2),
  hexEscapes: (value) => Buffer.from(textOf(value)).toString('hex').replaceAll(/../g, '\\x$&'),
  numericEntities: (value) => [...textOf(value)].map((sign) => `&#${sign.codePointAt(0)};`).join(''),
  percent: (value) => encodeURIComponent(textOf(value)),
  xml: (value) => textOf(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
  escapedLines: (value) => textOf(value).replaceAll('\n', '\\n'),
};

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function wrap(value: JsonValue, ways: readonly string[]): JsonValue {
  return ways.reduce<JsonValue>((inner, way) => {
    const wrapping = wrappings[way];
    if (wrapping === undefined) throw new RangeError(`there is no wrapping "${way}"`);
    return wrapping(inner);
  }, value);
}

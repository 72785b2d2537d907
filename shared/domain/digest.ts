import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { JsonValue } from './json.ts';

declare const digestBrand: unique symbol;

/** `sha256:` and 64 lower-case hexadecimal digits: SHA-256 over RFC 8785 canonical JSON, or over bytes where a name says so. */
export type Digest = string & { readonly [digestBrand]: true };

export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

function digest(text: string): Digest {
  if (!isDigest(text)) throw new RangeError('not a digest');
  return text;
}

export function digestOf(value: JsonValue): Digest {
  return digest(`sha256:${createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex')}`);
}

export function digestOfBytes(bytes: Uint8Array): Digest {
  return digest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

/** A keyed fingerprint: equal values are recognised by the holder of the key, and nobody else can guess what was hashed. */
export function hmacOf(key: Uint8Array, value: JsonValue): string {
  return `hmac-sha256:${createHmac('sha256', key).update(canonicalJson(value), 'utf8').digest('hex')}`;
}

/** Compares without telling by its time where the two differ. */
export function equalInConstantTime(left: string, right: string): boolean {
  const a = createHash('sha256').update(left, 'utf8').digest();
  const b = createHash('sha256').update(right, 'utf8').digest();
  return timingSafeEqual(a, b);
}

import { createHash, createPublicKey } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** A public key that a value is encrypted to: EC P-256, or RSA of 2,048 to 4,096 bits with the exponent 65537. Base64url members as RFC 7518 has them, and no others. */
export type RecipientKey =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: 'AQAB' };

/** Members of RFC 7518 that only the private key has; whoever sends one has given the key away. */
const privateMembers: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']);

const coordinate = /^[A-Za-z0-9_-]{43}$/;
const smallestModulusBits = 2048;
const largestModulusBits = 4096;

export type ParsedRecipientKey = { readonly ok: true; readonly key: RecipientKey } | { readonly ok: false; readonly problem: string };

/** Reads a hostile JWK. The problem never repeats what it holds. */
export function parseRecipientKey(value: JsonValue | undefined): ParsedRecipientKey {
  if (!isJsonObject(value)) return wrong('must be a public key as a JWK, an object');
  if (Object.keys(value).some((name) => privateMembers.has(name)))
    return wrong('holds a private key: make a new pair, and send only the public one');
  switch (value['kty']) {
    case 'EC':
      return parseEc(value);
    case 'RSA':
      return parseRsa(value);
    default:
      return wrong('must be of the type EC (P-256) or RSA');
  }
}

/** RFC 7638 thumbprint: SHA-256 over the required members, base64url. What people and events are told of a key. */
export function thumbprintOf(key: RecipientKey): string {
  return createHash('sha256')
    .update(canonicalJson({ ...key }), 'utf8')
    .digest('base64url');
}

function parseEc({ kty: _, crv, x, y, ...rest }: JsonObject): ParsedRecipientKey {
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) return wrong('may have the members kty, crv, x and y only');
  if (crv !== 'P-256') return wrong('must be on the curve P-256');
  if (typeof x !== 'string' || typeof y !== 'string' || !coordinate.test(x) || !coordinate.test(y))
    return wrong('must have x and y of 32 bytes in base64url');
  const key = { kty: 'EC', crv, x, y } as const;
  return isKey(key) ? { ok: true, key } : wrong('is no point on the curve P-256');
}

function parseRsa({ kty: _, n, e, ...rest }: JsonObject): ParsedRecipientKey {
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) return wrong('may have the members kty, n and e only');
  // With an exponent of 1 what is encrypted could be read by anybody.
  if (e !== 'AQAB') return wrong('must have the exponent 65537 (AQAB)');
  if (typeof n !== 'string' || !/^[A-Za-z0-9_-]{1,700}$/.test(n)) return wrong('must have a modulus in base64url');
  const bits = bitLength(Buffer.from(n, 'base64url'));
  if (bits < smallestModulusBits || bits > largestModulusBits)
    return wrong(`must have a modulus of ${smallestModulusBits} to ${largestModulusBits} bits`);
  const isEven = (Buffer.from(n, 'base64url').at(-1) ?? 0) % 2 === 0;
  const key = { kty: 'RSA', n, e } as const;
  return !isEven && isKey(key) ? { ok: true, key } : wrong('is no RSA key');
}

function bitLength(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : (bytes.length - first - 1) * 8 + (32 - Math.clz32(bytes[first] ?? 0));
}

/** OpenSSL refuses what is no key: a point beside the curve, say. */
function isKey(key: RecipientKey): boolean {
  try {
    const made = createPublicKey({ key, format: 'jwk' });
    // Two spellings of one key would have two thumbprints.
    const exported = made.export({ format: 'jwk' });
    return key.kty === 'EC' ? exported.x === key.x && exported.y === key.y : exported.n === key.n;
  } catch {
    return false;
  }
}

function wrong(problem: string): ParsedRecipientKey {
  return { ok: false, problem };
}

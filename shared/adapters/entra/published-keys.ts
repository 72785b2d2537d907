import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { epochMsOf } from '../../domain/instant.ts';
import { parseJson } from '../../domain/json.ts';
import { secureAddress } from '../../domain/secure-address.ts';
import type { Clock, Log } from '../../ports/system.ts';

export type PublishedKeysOptions = {
  readonly jwksUri: string;
  readonly clock: Clock;
  readonly log: Log;
  /** So long may an answer take, to its last byte; 5 s where nothing is said. */
  readonly timeoutMs?: number;
};

/**
 * The keys that an issuer publishes, for jose's `jwtVerify`. Throws jose's `JWKSNoMatchingKey` for a key that the issuer does not publish, and
 * {@link KeysUnavailable} where that cannot be known. `jwks` gives the set as it was last read.
 */
export type PublishedKeys = JWTVerifyGetKey & { readonly jwks: () => JSONWebKeySet | undefined };

export class KeysUnavailable extends Error {
  constructor() {
    super("The issuer's keys cannot be had right now.");
    this.name = 'KeysUnavailable';
  }
}

/** So old may keys be that are used without asking: a withdrawn key counts no longer than this, as long as the issuer answers. */
export const freshMs = 10 * 60 * 1000;
/** So old may keys be while the issuer does not answer; then everything that it signed is refused. */
export const maxAgeMs = 24 * 60 * 60 * 1000;
/** The issuer is asked at most once in this time, however many unknown keys are named to us. */
export const pauseMs = 30_000;
/** The same while there are no keys at all, so that an issuer that comes back is found soon. */
export const pauseWithoutKeysMs = 1_000;

const defaultTimeoutMs = 5_000;
const maxBytes = 512 * 1024;

type Held = { readonly set: ReturnType<typeof createLocalJWKSet>; readonly jwks: JSONWebKeySet; readonly askedAtMs: number };

/** Throws RangeError for an address that keys must not come from. Asks nothing before a key is first needed. */
export function makePublishedKeys({ jwksUri, clock, log, timeoutMs = defaultTimeoutMs }: PublishedKeysOptions): PublishedKeys {
  const address = secureAddress(jwksUri);
  let held: Held | undefined;
  let last: { readonly atMs: number; readonly failed: boolean } | undefined;
  let asking: Promise<void> | undefined;

  // A clock that was set back makes nothing younger.
  const ageMs = (atMs: number) => Math.abs(epochMsOf(clock.now()) - atMs);
  const usable = () => (held !== undefined && ageMs(held.askedAtMs) < maxAgeMs ? held : undefined);

  const ask = async () => {
    const askedAtMs = epochMsOf(clock.now());
    try {
      const jwks = await fetchKeys(address, timeoutMs);
      held = { set: createLocalJWKSet(jwks), jwks, askedAtMs };
      last = { atMs: askedAtMs, failed: false };
    } catch (error) {
      last = { atMs: askedAtMs, failed: true };
      const reason = error instanceof Error ? error.message : typeof error;
      log.warn('The keys of an issuer could not be read.', { host: address.host, reason, keysHeld: usable() !== undefined });
    }
  };
  const refresh = async () => {
    const pause = usable() === undefined ? pauseWithoutKeysMs : pauseMs;
    if (asking === undefined && last !== undefined && ageMs(last.atMs) < pause) return;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    await asking;
  };

  const keyOf: JWTVerifyGetKey = async (header, token) => {
    const known = usable();
    if (known === undefined || ageMs(known.askedAtMs) >= freshMs) await refresh();
    const key = await find(usable(), header, token);
    if (key !== undefined) return key;
    // The issuer may have begun to sign with a key that is newer than what we hold.
    await refresh();
    const newer = await find(usable(), header, token);
    if (newer !== undefined) return newer;
    if (usable() === undefined || last?.failed === true) throw new KeysUnavailable();
    throw new errors.JWKSNoMatchingKey();
  };
  return Object.assign(keyOf, { jwks: () => held?.jwks });
}

async function find(held: Held | undefined, ...[header, token]: Parameters<JWTVerifyGetKey>) {
  try {
    return await held?.set(header, token);
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined;
    throw error;
  }
}

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
const described = {
  kid: z.string().exactOptional(),
  use: z.string().exactOptional(),
  alg: z.string().exactOptional(),
  key_ops: z.array(z.string()).exactOptional(),
  /** Channels that the Bot Framework lets a key sign for. */
  endorsements: z.array(z.string()).exactOptional(),
};
/** What somebody published with its private half, anybody can sign with. */
const noPrivateHalf = { d: z.never().exactOptional() };
/** Public keys that one of our algorithms can use; 342 characters are the 2048 bits that RS256 and PS256 need (RFC 7518, 3.3 and 3.5). */
const usableKey = z.discriminatedUnion('kty', [
  z.object({ kty: z.literal('RSA'), n: base64url.min(342), e: base64url, ...described, ...noPrivateHalf }),
  z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: base64url, y: base64url, ...described, ...noPrivateHalf }),
]);
const keySet = z.looseObject({ keys: z.array(z.unknown()).max(500) });

/** Keys of a kind that we cannot use are left out, as RFC 7517, 5, has it; a set without any that we can use is no set. */
async function fetchKeys(address: URL, timeoutMs: number): Promise<JSONWebKeySet> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(address, { headers: { accept: 'application/json' }, redirect: 'error', signal });
  if (response.status !== 200) throw new Error(`The answer was ${response.status}.`);
  const parsed = keySet.safeParse(parseJson(await readBounded(response)));
  const keys = parsed.success ? parsed.data.keys.flatMap((key) => usableKey.safeParse(key).data ?? []) : [];
  if (keys.length === 0) throw new Error('The answer holds no key that can be used.');
  return { keys };
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) throw new Error(`The answer is larger than ${maxBytes} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

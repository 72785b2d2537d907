import { createHmac, timingSafeEqual } from 'node:crypto';

/** A shared access rule of the namespace: whoever knows the key may send, listen and schedule on every queue. */
export type AccessRule = { readonly keyName: string; readonly key: string };

export type Grant = { readonly path: string; readonly expiresAt: number };
export type TokenOutcome = { readonly kind: 'granted'; readonly grant: Grant } | { readonly kind: 'refused'; readonly description: string };

/** The type of a shared access token in a put-token request. */
export const sasTokenType = 'servicebus.windows.net:sastoken';

/**
 * Judges a shared access token, which anybody may have written. It must be signed with the rule's key, still be valid at `now`
 * (milliseconds), and name the audience itself or something above it; the audience must be on one of `hosts`.
 * Source: "Service Bus access control with Shared Access Signatures".
 */
export function verifySasToken(token: string, audience: string, rule: AccessRule, hosts: readonly string[], now: number): TokenOutcome {
  const fields = parseSasToken(token);
  if (fields === undefined) return refused('MalformedToken: the token is not a shared access signature.');
  const expiresAt = fields.expirySeconds * 1000;
  if (!isSigned(fields, rule)) return refused('InvalidSignature: The token has an invalid signature.');
  if (expiresAt <= now) return refused('ExpiredToken: The token is expired.');
  const scope = parseResource(fields.resource);
  const wanted = parseResource(audience);
  if (scope === undefined || wanted === undefined || !hosts.includes(wanted.host))
    return refused('InvalidAudience: The audience is not served here.');
  if (scope.host !== wanted.host || !covers(scope.path, wanted.path))
    return refused('InvalidAudience: The token does not cover the audience.');
  return { kind: 'granted', grant: { path: wanted.path, expiresAt } };
}

/** What one connection has proved so far. */
export class ConnectionClaims {
  readonly #expiryByPath = new Map<string, number>();

  add(grant: Grant): void {
    this.#expiryByPath.set(grant.path, grant.expiresAt);
  }

  allow(path: string, now: number): boolean {
    return [...this.#expiryByPath].some(([granted, expiresAt]) => expiresAt > now && covers(granted, path));
  }

  /** When the next claim ends. */
  nextExpiry(now: number): number | undefined {
    const coming = [...this.#expiryByPath.values()].filter((expiresAt) => expiresAt > now);
    return coming.length === 0 ? undefined : Math.min(...coming);
  }
}

type SasFields = {
  readonly encodedResource: string;
  readonly resource: string;
  readonly signature: string;
  readonly encodedExpiry: string;
  readonly expirySeconds: number;
  readonly keyName: string;
};

function parseSasToken(token: string): SasFields | undefined {
  const match = /^SharedAccessSignature ([^\s]+)$/.exec(token);
  if (match?.[1] === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const pair of match[1].split('&')) {
    const separator = pair.indexOf('=');
    if (separator < 1 || fields.has(pair.slice(0, separator))) return undefined;
    fields.set(pair.slice(0, separator), pair.slice(separator + 1));
  }
  const encodedResource = fields.get('sr');
  const encodedExpiry = fields.get('se');
  const resource = decode(encodedResource);
  const signature = decode(fields.get('sig'));
  const keyName = decode(fields.get('skn'));
  if (encodedResource === undefined || resource === undefined || signature === undefined || keyName === undefined) return undefined;
  if (encodedExpiry === undefined || !/^\d{1,12}$/.test(encodedExpiry)) return undefined;
  return { encodedResource, resource, signature, encodedExpiry, expirySeconds: Number(encodedExpiry), keyName };
}

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function isSigned(fields: SasFields, rule: AccessRule): boolean {
  const expected = createHmac('sha256', rule.key).update(`${fields.encodedResource}\n${fields.encodedExpiry}`).digest();
  const given = Buffer.from(fields.signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected) && fields.keyName === rule.keyName;
}

function parseResource(resource: string): { readonly host: string; readonly path: string } | undefined {
  const match = /^[a-z]+:\/\/([^/]+)(?:\/(.*))?$/i.exec(resource);
  if (match?.[1] === undefined) return undefined;
  return { host: match[1].toLowerCase(), path: (match[2] ?? '').replace(/\/+$/, '').toLowerCase() };
}

function covers(granted: string, path: string): boolean {
  return granted === '' || granted === path || path.startsWith(`${granted}/`);
}

function refused(description: string): TokenOutcome {
  return { kind: 'refused', description };
}

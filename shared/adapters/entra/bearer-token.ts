import { decodeJwt, decodeProtectedHeader } from 'jose';
import { TokenError } from '../../ports/token-verifier.ts';

const sizeLimit = 16 * 1024;
const credentials = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/** Header parameters by which a token would bring its own key, or its own rules. */
const refusedParameters = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc'] as const;
const acceptedTypes: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];

/** The compact JWS of a hostile `Authorization` header (RFC 6750). Throws {@link TokenError} `missing` or `malformed`. */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization.trim() === '') throw new TokenError('missing', 'A bearer token is required.');
  if (authorization.length > sizeLimit) throw new TokenError('malformed', 'The token is longer than 16 KiB.');
  const token = credentials.exec(authorization)?.[1];
  if (token === undefined) throw new TokenError('malformed', 'The Authorization header must be "Bearer" and one signed JWT.');
  return token;
}

/** What an unverified token claims of its issuer: good for choosing whose keys to try, for nothing else. Throws {@link TokenError} `malformed` or `invalid`. */
export function claimedIssuer(token: string): string {
  const { header, issuer } = decode(token);
  if (refusedParameters.some((name) => Object.hasOwn(header, name))) {
    throw new TokenError('invalid', 'The token brings its own key or rules.');
  }
  if (!acceptedTypes.includes(typeof header['typ'] === 'string' ? header['typ'].toLowerCase() : header['typ'])) {
    throw new TokenError('invalid', 'The token is not an access token.');
  }
  if (typeof header['kid'] !== 'string' || header['kid'] === '') throw new TokenError('invalid', 'The token does not name its key.');
  return issuer;
}

function decode(token: string): { readonly header: Readonly<Record<string, unknown>>; readonly issuer: string } {
  try {
    const { iss } = decodeJwt(token);
    return { header: { ...decodeProtectedHeader(token) }, issuer: iss ?? '' };
  } catch (error) {
    throw new TokenError('malformed', 'The token is not a signed JWT.', { cause: error });
  }
}

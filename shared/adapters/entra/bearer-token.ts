import { isJsonObject, JsonError, type JsonObject, parseJson, property } from '../../domain/json.ts';
import { TokenError } from '../../ports/token-verifier.ts';

const sizeLimit = 16 * 1024;
const credentials = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/** Header parameters by which a token would bring its own key or its own rules, or would be something else inside. */
const refusedParameters = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc', 'cty'] as const;
const acceptedTypes: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];

/** The compact JWS of a hostile `Authorization` header (RFC 6750). Throws {@link TokenError} `missing` or `malformed`. */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization.trim() === '') throw new TokenError('missing', 'A bearer token is required.');
  if (authorization.length > sizeLimit) throw new TokenError('malformed', 'The token is longer than 16 KiB.');
  const token = credentials.exec(authorization)?.[1];
  if (token === undefined) throw new TokenError('malformed', 'The Authorization header must be "Bearer" and one signed JWT.');
  return token;
}

/** What a token says of itself. Until its signature is verified the issuer is good for choosing whose keys to try, and the claims for nothing. */
export type UnverifiedToken = { readonly issuer: string; readonly claims: JsonObject };

/** Reads a token without believing it. Throws {@link TokenError} `malformed` or `invalid`. */
export function readUnverified(token: string): UnverifiedToken {
  const [header, claims] = token.split('.').slice(0, 2).map(readPart);
  if (header === undefined || claims === undefined) throw new TokenError('malformed', 'The token is not a signed JWT.');
  if (refusedParameters.some((name) => Object.hasOwn(header, name))) {
    throw new TokenError('invalid', 'The token brings its own key or rules.');
  }
  const type = property(header, 'typ');
  if (!acceptedTypes.includes(typeof type === 'string' ? type.toLowerCase() : type)) {
    throw new TokenError('invalid', 'The token is not an access token.');
  }
  const kid = property(header, 'kid');
  if (typeof kid !== 'string' || kid === '') throw new TokenError('invalid', 'The token does not name its key.');
  const issuer = property(claims, 'iss');
  return { issuer: typeof issuer === 'string' ? issuer : '', claims };
}

/** A claim that is given twice would be one thing to us and another to whoever reads the first one (RFC 7519, 4). */
function readPart(part: string): JsonObject {
  try {
    const value = parseJson(Buffer.from(part, 'base64url'));
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new TokenError('malformed', 'The token is not a signed JWT.');
}

import { isJsonObject, JsonError, type JsonObject, parseJson, property } from './json.ts';

/** Header parameters by which a token would bring its own key or its own rules, or would be something else inside. */
const refusedParameters = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc', 'cty'] as const;
const acceptedTypes: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];

/** `malformed`: no signed JWT. `refused`: one that must not be verified by its own rules. */
export class CompactTokenError extends Error {
  readonly code: 'malformed' | 'refused';
  constructor(code: CompactTokenError['code'], message: string) {
    super(message);
    this.name = 'CompactTokenError';
    this.code = code;
  }
}

/** What a token says of itself. Until its signature is verified the issuer is good for choosing whose keys to try, and the claims for nothing. */
export type UnverifiedToken = { readonly issuer: string; readonly claims: JsonObject };

/** Reads a hostile compact JWS (RFC 7515, 7.1; RFC 8725) without believing it. Throws {@link CompactTokenError}. */
export function readUnverifiedToken(token: string): UnverifiedToken {
  const [header, claims] = token.split('.').slice(0, 2).map(readPart);
  if (header === undefined || claims === undefined) throw new CompactTokenError('malformed', 'The token is not a signed JWT.');
  if (refusedParameters.some((name) => Object.hasOwn(header, name))) {
    throw new CompactTokenError('refused', 'The token brings its own key or rules.');
  }
  const type = property(header, 'typ');
  if (!acceptedTypes.includes(typeof type === 'string' ? type.toLowerCase() : type)) {
    throw new CompactTokenError('refused', 'The token is not an access token.');
  }
  const kid = property(header, 'kid');
  if (typeof kid !== 'string' || kid === '') throw new CompactTokenError('refused', 'The token does not name its key.');
  // RFC 7800, 3: whoever presents it must prove to hold a key, which nobody is asked for here.
  if (Object.hasOwn(claims, 'cnf')) throw new CompactTokenError('refused', 'The token is bound to a key that was not shown.');
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
  throw new CompactTokenError('malformed', 'The token is not a signed JWT.');
}

import { CompactTokenError, readUnverifiedToken, type UnverifiedToken } from '../../domain/compact-token.ts';
import { TokenError } from '../../ports/token-verifier.ts';

const sizeLimit = 16 * 1024;
const credentials = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/** The compact JWS of a hostile `Authorization` header (RFC 6750). Throws {@link TokenError} `missing` or `malformed`. */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization.trim() === '') throw new TokenError('missing', 'A bearer token is required.');
  if (authorization.length > sizeLimit) throw new TokenError('malformed', 'The token is longer than 16 KiB.');
  const token = credentials.exec(authorization)?.[1];
  if (token === undefined) throw new TokenError('malformed', 'The Authorization header must be "Bearer" and one signed JWT.');
  return token;
}

/** Reads a token without believing it. Throws {@link TokenError} `malformed` or `invalid`. */
export function readUnverified(token: string): UnverifiedToken {
  try {
    return readUnverifiedToken(token);
  } catch (error) {
    if (!(error instanceof CompactTokenError)) throw error;
    throw new TokenError(error.code === 'malformed' ? 'malformed' : 'invalid', error.message, { cause: error });
  }
}

import type { JsonObject } from '../../domain/json.ts';
import { TokenError } from '../../ports/token-verifier.ts';

/** Claims that only the answer to a sign-in carries (OpenID Connect Core 1.0, 2 and 3.3.2.11). */
const claimsOfSignIn = ['nonce', 'at_hash', 'c_hash', 's_hash'] as const;

/**
 * Refuses a token that tells a client who signed in: where API and client are one application, it has the API's audience and would pass for an access token.
 * Throws {@link TokenError} `wrongKind`.
 */
export function refuseIdentityToken(claims: JsonObject): void {
  if (claimsOfSignIn.some((name) => Object.hasOwn(claims, name))) {
    throw new TokenError('wrongKind', 'The token is an identity token, not an access token.');
  }
}

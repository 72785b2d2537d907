import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { TokenError } from '../../ports/token-verifier.ts';
import { isGuid } from './guid.ts';
import { secureAddress } from './secure-address.ts';

export const signatureAlgorithms = ['RS256', 'PS256', 'ES256'] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/** An issuer whose tokens the API accepts, as configured: nothing of it ever comes from a token. */
export type TrustedIssuer = {
  /** Exactly as in `iss`: `https://login.microsoftonline.com/{tenant}/v2.0`, or `https://sts.windows.net/{tenant}/` for v1 tokens. */
  readonly issuer: string;
  /** The API's application: any one of these in `aud`. */
  readonly audiences: readonly string[];
  /** Must be in `tid`. */
  readonly tenantId: string;
  readonly jwksUri: string;
  readonly algorithms: readonly SignatureAlgorithm[];
  /** The tenant issues the optional claim `idtyp`, so that an agent's token without it is refused. */
  readonly idtypIssued: boolean;
};

/** A trusted issuer and where its keys come from. */
export type IssuerWithKeys = TrustedIssuer & { readonly keys: JWTVerifyGetKey };

/** Throws RangeError where the configuration could not verify anything, or could verify too much. */
export function withKeys(trusted: TrustedIssuer): IssuerWithKeys {
  const { issuer, audiences, tenantId, algorithms } = trusted;
  if (issuer === '') throw new RangeError('A trusted issuer needs its name.');
  if (audiences.length === 0 || audiences.includes('')) throw new RangeError(`The issuer ${issuer} needs audiences.`);
  if (!isGuid(tenantId)) throw new RangeError(`The tenant of ${issuer} is not a GUID in lower case.`);
  if (algorithms.length === 0 || algorithms.some((name) => !signatureAlgorithms.includes(name))) {
    throw new RangeError(`The algorithms of ${issuer} must be some of ${signatureAlgorithms.join(', ')}.`);
  }
  return { ...trusted, keys: remoteKeys(trusted.jwksUri) };
}

/** Fetched when first needed, again after ten minutes, and for an unknown key at most every 30 s, so that forged key ids cannot make us hammer the issuer. */
function remoteKeys(jwksUri: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(secureAddress(jwksUri), { timeoutDuration: 5_000, cooldownDuration: 30_000, cacheMaxAge: 600_000 });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (isAboutToken(error)) throw new TokenError('invalid', 'The token is not signed by a key of its issuer.', { cause: error });
      throw new TokenError('keysUnavailable', "The issuer's keys cannot be had right now.", { cause: error });
    }
  };
}

function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

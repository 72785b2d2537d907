import { errors, jwtVerify } from 'jose';
import type { UnverifiedToken } from '../../domain/compact-token.ts';
import { epochMsOf } from '../../domain/instant.ts';
import { property } from '../../domain/json.ts';
import type { Clock, Log } from '../../ports/system.ts';
import { type Caller, TokenError, type TokenVerifier } from '../../ports/token-verifier.ts';
import type { TrustedIssuer } from '../../ports/trusted-issuer.ts';
import { bearerToken, readUnverified } from './bearer-token.ts';
import { entraCaller } from './entra-caller.ts';
import { oidcCaller } from './oidc-caller.ts';
import { KeysUnavailable } from './published-keys.ts';
import { type IssuerWithKeys, withKeys } from './trusted-issuer.ts';

export type TokenVerifierOptions = { readonly issuers: readonly TrustedIssuer[]; readonly clock: Clock; readonly log: Log };

const toleranceSeconds = 60;

/**
 * Verifies tokens of the trusted issuers: who may have issued it is decided before any key is looked at, keys come from the configured address only.
 * Throws RangeError for a configuration that makes no sense; `verify` throws {@link TokenError}.
 */
export function makeTokenVerifier({ issuers, clock, log }: TokenVerifierOptions): TokenVerifier {
  const byName = new Map(issuers.map((trusted) => [trusted.issuer, withKeys(trusted, { clock, log })]));
  if (byName.size === 0 || byName.size !== issuers.length) throw new RangeError('Trusted issuers must be given, each once.');
  return {
    verify: async (authorization) => {
      const token = bearerToken(authorization);
      const unverified = readUnverified(token);
      const issuer = byName.get(unverified.issuer);
      if (issuer === undefined) throw new TokenError('wrongIssuer', 'The token is from an issuer that is not trusted here.');
      await verifySignature(token, issuer, epochMsOf(clock.now()));
      requireOurAudiences(unverified, issuer.trusted);
      return callerOf(unverified, issuer.trusted);
    },
  };
}

/** Signature, issuer, audience and times. */
async function verifySignature(token: string, { trusted, keys }: IssuerWithKeys, nowMs: number): Promise<void> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [...trusted.algorithms],
      issuer: trusted.issuer,
      audience: [...trusted.audiences],
      clockTolerance: toleranceSeconds,
      currentDate: new Date(nowMs),
      requiredClaims: trusted.kind === 'entra' ? ['iat', 'nbf', 'exp', 'sub'] : ['iat', 'exp', 'sub'],
    });
    if (payload.iat !== undefined && payload.iat > nowMs / 1000 + toleranceSeconds) {
      throw new TokenError('invalid', 'The token was issued in the future.');
    }
  } catch (error) {
    throw translate(error);
  }
}

/** Whoever else a token is for could use it here, so nobody else may be named. */
function requireOurAudiences({ claims }: UnverifiedToken, { audiences }: TrustedIssuer): void {
  const named = property(claims, 'aud');
  const all = Array.isArray(named) ? named : [named];
  if (!all.every((name) => typeof name === 'string' && audiences.includes(name))) {
    throw new TokenError('wrongAudience', 'The token is for another application as well.');
  }
}

function callerOf({ claims }: UnverifiedToken, trusted: TrustedIssuer): Caller {
  switch (trusted.kind) {
    case 'entra':
      return entraCaller(claims, trusted);
    case 'oidc':
      return oidcCaller(claims, trusted);
  }
}

function translate(error: unknown): unknown {
  if (error instanceof KeysUnavailable) return new TokenError('keysUnavailable', error.message, { cause: error });
  if (error instanceof errors.JWTExpired) return new TokenError('expired', 'The token has expired.', { cause: error });
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return new TokenError('wrongAudience', 'The token is for another application.', { cause: error });
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return new TokenError('malformed', 'The token is not a signed JWT.', { cause: error });
  }
  return error instanceof errors.JOSEError ? new TokenError('invalid', 'The token could not be verified.', { cause: error }) : error;
}

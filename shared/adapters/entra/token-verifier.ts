import { errors, type JWTPayload, jwtVerify } from 'jose';
import { epochMsOf } from '../../domain/instant.ts';
import type { Clock } from '../../ports/system.ts';
import { TokenError, type TokenVerifier } from '../../ports/token-verifier.ts';
import { bearerToken, claimedIssuer } from './bearer-token.ts';
import { callerOf } from './token-caller.ts';
import { type IssuerWithKeys, type TrustedIssuer, withKeys } from './trusted-issuer.ts';

export type TokenVerifierOptions = { readonly issuers: readonly TrustedIssuer[]; readonly clock: Clock };

const toleranceSeconds = 60;

/**
 * Verifies access tokens of the trusted issuers: who may have issued it is decided before any key is looked at, keys come from the configured address only.
 * Throws RangeError for a configuration that makes no sense; `verify` throws {@link TokenError}.
 */
export function makeTokenVerifier({ issuers, clock }: TokenVerifierOptions): TokenVerifier {
  const byName = new Map(issuers.map((trusted) => [trusted.issuer, withKeys(trusted)]));
  if (byName.size === 0 || byName.size !== issuers.length) throw new RangeError('Trusted issuers must be given, each once.');
  return {
    verify: async (authorization) => {
      const token = bearerToken(authorization);
      const trusted = byName.get(claimedIssuer(token));
      if (trusted === undefined) throw new TokenError('wrongIssuer', 'The token is from an issuer that is not trusted here.');
      return callerOf(await verifiedClaims(token, trusted, epochMsOf(clock.now())), trusted);
    },
  };
}

async function verifiedClaims(token: string, trusted: IssuerWithKeys, nowMs: number): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, trusted.keys, {
      algorithms: [...trusted.algorithms],
      issuer: trusted.issuer,
      audience: [...trusted.audiences],
      clockTolerance: toleranceSeconds,
      currentDate: new Date(nowMs),
      requiredClaims: ['iat', 'nbf', 'exp', 'sub'],
    });
    if (payload.iat !== undefined && payload.iat > nowMs / 1000 + toleranceSeconds) {
      throw new TokenError('invalid', 'The token was issued in the future.');
    }
    return payload;
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new TokenError('expired', 'The token has expired.', { cause: error });
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return new TokenError('wrongAudience', 'The token is for another application.', { cause: error });
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return new TokenError('malformed', 'The token is not a signed JWT.', { cause: error });
  }
  return error instanceof errors.JOSEError ? new TokenError('invalid', 'The token could not be verified.', { cause: error }) : error;
}

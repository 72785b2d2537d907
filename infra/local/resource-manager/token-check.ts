import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';

/** Who presented a verified token. */
export type Caller = { readonly objectId: string; readonly clientId: string };

export type TokenVerdict =
  | { readonly kind: 'verified'; readonly caller: Caller }
  /** `code` and `message` are ARM's. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unavailable' };

export type TokenCheck = (authorization: string | undefined, now: number) => Promise<TokenVerdict>;

const armAudiences = ['https://management.azure.com/', 'https://management.azure.com'];

/** Verifies bearer tokens against the issuer's published keys: signature, issuer, audience (ARM's unless others are said), tenant and times. */
export function makeTokenCheck(
  identityIssuer: string,
  jwksUri: string,
  tenantId: string,
  audiences: readonly string[] = armAudiences,
): TokenCheck {
  // A key rotated a moment ago must verify at once, and asking again on loopback costs nothing.
  const keys = createRemoteJWKSet(new URL(jwksUri), { cooldownDuration: 0 });
  return async (authorization, now) => {
    if (authorization === undefined) {
      return refused('AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.");
    }
    const token = /^Bearer ([^ ]+)$/i.exec(authorization)?.[1];
    if (token === undefined) {
      return refused(
        'AuthenticationFailedInvalidHeader',
        "Authentication failed. The 'Authorization' header is provided in an invalid format.",
      );
    }
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['RS256'],
        issuer: identityIssuer,
        audience: [...audiences],
        currentDate: new Date(now),
        requiredClaims: ['exp', 'nbf'],
      });
      return verdictOn(payload, tenantId);
    } catch (error) {
      return refusalFor(error, audiences);
    }
  };
}

function verdictOn(payload: JWTPayload, tenantId: string): TokenVerdict {
  const { tid, oid, azp } = payload;
  if (tid !== tenantId) {
    return refused('InvalidAuthenticationTokenTenant', 'The access token is from the wrong tenant.');
  }
  if (typeof oid !== 'string' || typeof azp !== 'string') {
    return invalid;
  }
  return { kind: 'verified', caller: { objectId: oid, clientId: azp } };
}

const invalid: TokenVerdict = { kind: 'refused', code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' };

/** Whatever is not the token's own fault, such as keys that cannot be fetched, leaves the request unanswered rather than let in. */
function refusalFor(error: unknown, audiences: readonly string[]): TokenVerdict {
  if (error instanceof errors.JWTExpired) {
    return refused('ExpiredAuthenticationToken', 'The access token expiry UTC time is earlier than current UTC time.');
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refusalForClaim(error.claim, audiences);
  }
  const tokenFaults = [
    errors.JWSInvalid,
    errors.JWTInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
  ];
  return tokenFaults.some((fault) => error instanceof fault) ? invalid : { kind: 'unavailable' };
}

function refusalForClaim(claim: string, audiences: readonly string[]): TokenVerdict {
  switch (claim) {
    case 'aud': {
      const allowed = audiences.map((audience) => `'${audience}'`).join(',');
      const message = `The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences ${allowed}.`;
      return refused('InvalidAuthenticationTokenAudience', message);
    }
    case 'iss':
      return refused('InvalidAuthenticationTokenTenant', 'The access token is from the wrong issuer.');
    default:
      return invalid;
  }
}

function refused(code: string, message: string): TokenVerdict {
  return { kind: 'refused', code, message };
}

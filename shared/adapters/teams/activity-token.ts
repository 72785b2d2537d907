import { errors, type JSONWebKeySet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { CompactTokenError, readUnverifiedToken, type UnverifiedToken } from '../../domain/compact-token.ts';
import { ActivityError } from './activity-error.ts';

/** The Bot Framework's published keys; `jwks` gives the set as it was last read, whose keys may say for which channels they sign. */
export type BotFrameworkKeys = JWTVerifyGetKey & { readonly jwks: () => JSONWebKeySet | undefined };

export type ActivityTokenTrust = {
  /** Exactly the `iss` of the Bot Connector: `https://api.botframework.com` in the public cloud. */
  readonly issuer: string;
  readonly botAppId: string;
  readonly keys: BotFrameworkKeys;
  readonly nowMs: () => number;
};

const maxTokenLength = 16 * 1024;
const toleranceSeconds = 60;

/**
 * Checks the bearer token that the Bot Connector sends with an activity, and gives its `serviceurl` claim.
 * Throws {@link ActivityError}. Source: learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication, Connector to Bot.
 */
export async function verifyActivityToken(
  authorization: string | undefined,
  channelId: string,
  trust: ActivityTokenTrust,
): Promise<string> {
  const token = readBearer(authorization);
  // The issuer is looked at before any key is: a token of Entra must not even make us ask for its key.
  if (readUnverified(token).issuer !== trust.issuer) throw new ActivityError('wrongIssuer', 'The token is not of the Bot Framework.');
  const { payload, kid } = await verifySignature(token, trust);
  // Whoever else a token is for could use it here.
  if ([payload.aud].flat().some((name) => name !== trust.botAppId)) {
    throw new ActivityError('wrongAudience', 'The token is for somebody else as well.');
  }
  requireEndorsement(kid, channelId, trust.keys);
  const { serviceurl } = payload;
  if (typeof serviceurl !== 'string' || serviceurl === '') throw new ActivityError('missingServiceUrl', 'The token names no service URL.');
  return serviceurl;
}

function readBearer(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') throw new ActivityError('missingToken', 'There is no Authorization header.');
  if (authorization.length > maxTokenLength) throw new ActivityError('tokenTooLarge', 'The Authorization header is too long.');
  const token = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new ActivityError('malformedToken', 'The Authorization header holds no bearer token.');
  return token;
}

function readUnverified(token: string): UnverifiedToken {
  try {
    return readUnverifiedToken(token);
  } catch (error) {
    if (!(error instanceof CompactTokenError)) throw error;
    throw new ActivityError(error.code === 'malformed' ? 'malformedToken' : 'badSignature', error.message, { cause: error });
  }
}

async function verifySignature(token: string, trust: ActivityTokenTrust): Promise<{ payload: JWTPayload; kid: string | undefined }> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, trust.keys, {
      algorithms: ['RS256'],
      issuer: trust.issuer,
      audience: trust.botAppId,
      clockTolerance: toleranceSeconds,
      currentDate: new Date(trust.nowMs()),
      requiredClaims: ['exp'],
    });
    return { payload, kid: protectedHeader.kid };
  } catch (error) {
    throw translate(error);
  }
}

/** What jose found wrong, in our words; anything it did not find in the token itself is taken for a failure to get the keys. */
function translate(error: unknown): ActivityError {
  if (error instanceof errors.JWTExpired) return new ActivityError('expired', 'The token has expired.', { cause: error });
  if (error instanceof errors.JWTClaimValidationFailed) {
    switch (error.claim) {
      case 'nbf':
        return new ActivityError('notYetValid', 'The token is not valid yet.', { cause: error });
      case 'aud':
        return new ActivityError('wrongAudience', 'The token is for somebody else.', { cause: error });
      case 'iss':
        return new ActivityError('wrongIssuer', 'The token is not of the Bot Framework.', { cause: error });
      default:
        return new ActivityError('malformedToken', 'A claim of the token is missing or wrong.', { cause: error });
    }
  }
  const inToken = [
    errors.JWSSignatureVerificationFailed,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
    errors.JWSInvalid,
    errors.JWTInvalid,
  ].some((kind) => error instanceof kind);
  if (inToken) return new ActivityError('badSignature', 'The signature is not one of the Bot Framework.', { cause: error });
  return new ActivityError('keysUnavailable', 'The keys of the Bot Framework could not be read.', { cause: error });
}

/** A key that lists the channels it signs for must list this one; source as above, step "endorsements". */
function requireEndorsement(kid: string | undefined, channelId: string, keys: BotFrameworkKeys): void {
  const key = keys.jwks()?.keys.find((candidate) => candidate.kid === kid);
  const endorsements: unknown = key === undefined ? undefined : Reflect.get(key, 'endorsements');
  if (endorsements === undefined) return;
  if (!Array.isArray(endorsements) || !endorsements.includes(channelId)) {
    throw new ActivityError('wrongChannel', 'The key that signed the token does not sign for this channel.');
  }
}

import type { TokenProof } from '../domain/event.ts';

/** Who presents a verified token. Only a verifier makes one. */
export type Caller = {
  /** Who vouches for the caller: the same for all tokens of one tenant, whatever their version. */
  readonly issuer: string;
  /** The tenant of Entra ID, or the name of another trusted issuer. */
  readonly tenantId: string;
  /** Object id in the tenant, or what the issuer calls its subject: exact, in its own case. */
  readonly objectId: string;
  readonly proof: TokenProof;
  /** Groups of ours that this issuer's tokens name for every member, and that this token does not name. */
  readonly absentGroups: readonly string[];
} & (
  | {
      readonly kind: 'agent' | 'ci';
      /** App roles as the token has them, such as `Operation.Submit`. */
      readonly roles: readonly string[];
    }
  | {
      readonly kind: 'person';
      readonly name: string;
      /** Delegated scopes, such as `Operation.Approve`. */
      readonly scopes: readonly string[];
      /** The client application that obtained the token. */
      readonly clientId: string;
    }
);

export class TokenError extends Error {
  readonly code:
    | 'missing'
    | 'malformed'
    | 'invalid'
    | 'expired'
    | 'wrongIssuer'
    | 'wrongAudience'
    | 'wrongTenant'
    | 'wrongKind'
    | 'keysUnavailable';
  constructor(code: TokenError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TokenError';
    this.code = code;
  }
}

/** Checks a bearer token as the API accepts it. Throws {@link TokenError}. */
export type TokenVerifier = {
  verify(authorization: string | undefined): Promise<Caller>;
};

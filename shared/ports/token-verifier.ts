/** Who presents a verified token. Only a verifier makes one. */
export type Caller =
  | {
      readonly kind: 'agent';
      readonly issuer: string;
      readonly tenantId: string;
      readonly objectId: string;
      /** App roles as the token has them, such as `Operation.Submit`. */
      readonly roles: readonly string[];
    }
  | {
      readonly kind: 'person';
      readonly issuer: string;
      readonly tenantId: string;
      readonly objectId: string;
      readonly name: string;
      /** Delegated scopes, such as `Operation.Approve`. */
      readonly scopes: readonly string[];
      /** The client application that obtained the token. */
      readonly clientId: string;
    };

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

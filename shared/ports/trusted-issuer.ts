/** Issuers whose tokens the API accepts, as they are configured: nothing of this ever comes from a token. */
export type TrustedIssuer = EntraIssuer | OidcIssuer;

export const signatureAlgorithms = ['RS256', 'PS256', 'ES256'] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

type Signed = {
  /** Exactly as in `iss`. */
  readonly issuer: string;
  /** The API: every audience that a token names must be one of these. */
  readonly audiences: readonly string[];
  readonly jwksUri: string;
  readonly algorithms: readonly SignatureAlgorithm[];
};

/** One tenant of Entra ID in one version of its tokens. */
export type EntraIssuer = Signed & {
  readonly kind: 'entra';
  /** Must be in `ver`. */
  readonly version: '1.0' | '2.0';
  /** What the tenant is called in records: the same for both versions, since the same agent may present either. */
  readonly authority: string;
  /** Must be in `tid`. */
  readonly tenantId: string;
  /** The tenant issues the optional claim `idtyp`, so that an agent's token without it is refused. */
  readonly idtypIssued: boolean;
};

/** Any other OpenID Connect issuer: what its claims mean is configured, and whatever no rule names means nothing. */
export type OidcIssuer = Signed & {
  readonly kind: 'oidc';
  /** Stands in the register of agents where a tenant of Entra ID has its id. */
  readonly tenantId: string;
  /** Access tokens are for an API by their nature; identity tokens only where the issuer gives nothing else to a workload. */
  readonly tokens: 'access' | 'identity';
  /** Every token must meet all of these, whoever it speaks of. */
  readonly require: ClaimConditions;
  /** A token that none of these describes, or more than one, is refused. */
  readonly callers: readonly CallerRule[];
  /** Conditions under which the token carries one of our roles. */
  readonly roles: Readonly<Record<string, ClaimConditions>>;
  /** Conditions that a token of every member of one of our groups meets; groups that are not here are not the issuer's to name. */
  readonly groups: Readonly<Record<string, ClaimConditions>>;
};

/** Which tokens are of which kind of caller, and where they say who it is. */
export type CallerRule =
  | {
      readonly kind: 'agent' | 'ci';
      readonly when: ClaimConditions;
      readonly subject: ClaimName;
      readonly client: ClaimName | undefined;
    }
  | {
      readonly kind: 'person';
      readonly when: ClaimConditions;
      /** Must hold the person's object id in the directory: one person has one vote, however they signed in. */
      readonly subject: ClaimName;
      readonly name: ClaimName | undefined;
      readonly client: ClaimName;
      /** Clients whose tokens for people count. */
      readonly clients: readonly string[];
    };

/** A claim of the token by its name, or, from a `/` on, by its place in the token (RFC 6901). */
export type ClaimName = string;

/** All must hold; none at all always hold. */
export type ClaimConditions = readonly ClaimCondition[];

export type ClaimCondition = { readonly claim: ClaimName } & (
  | { readonly test: 'equals'; readonly anyOf: readonly (string | number | boolean)[] }
  /** The claim is a list with at least one of these. */
  | { readonly test: 'includes'; readonly anyOf: readonly string[] }
  /** The claim is words with single spaces between, as OAuth writes scopes, at least one of them of these. */
  | { readonly test: 'words'; readonly anyOf: readonly string[] }
  | { readonly test: 'present'; readonly present: boolean }
);

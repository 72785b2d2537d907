import { type Caller, TokenError, type TokenVerifier } from '../../shared/ports/token-verifier.ts';

/** A verifier that knows some bearer tokens by heart; whatever it does not know is invalid, and none at all is missing. */
export function makeTokenTable(tokens: Readonly<Record<string, Caller | TokenError['code']>>): TokenVerifier {
  return {
    verify: async (authorization) => {
      if (authorization === undefined) throw new TokenError('missing', 'no token');
      const known = Object.entries(tokens).find(([token]) => authorization === `Bearer ${token}`)?.[1] ?? 'invalid';
      if (typeof known === 'string') throw new TokenError(known, `the token is ${known}`);
      return known;
    },
  };
}

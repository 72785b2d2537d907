import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTokenVerifier } from '../../../shared/adapters/entra/token-verifier.ts';
import { TokenError } from '../../../shared/ports/token-verifier.ts';
import { makeLiteralClock } from '../../support/literal-clock.ts';
import { makeRecordedLog } from '../../support/recorded-log.ts';
import { agentClaims, authority, now, part, sign, tenant } from './tokens.ts';

/** Nothing answers there: a token that came so far as to need a key ends with its being unavailable. */
const jwksUri = 'http://127.0.0.1:9/keys';
const { verify } = makeTokenVerifier({
  issuers: [
    {
      kind: 'entra',
      version: '2.0',
      issuer: authority,
      authority,
      audiences: ['api://countersign'],
      tenantId: tenant,
      jwksUri,
      algorithms: ['RS256'],
      idtypIssued: true,
    },
  ],
  clock: makeLiteralClock(now),
  log: makeRecordedLog(),
});

const header = fc.oneof(
  fc.json(),
  fc.string(),
  fc.record({ alg: fc.constantFrom('RS256', 'none', 'HS256', 'ES256', ''), kid: fc.string() }).map((value) => JSON.stringify(value)),
);
const claims = fc.oneof(
  fc.json(),
  fc.string(),
  fc.dictionary(fc.constantFrom('iss', 'aud', 'oid', 'tid', 'exp', '__proto__'), fc.jsonValue()).map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify({ ...agentClaims, oid: value, roles: value })),
);
const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value).toString('base64url'));

describe('whatever is sent', () => {
  it('as a header is refused with an error that the edge knows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), bytes), async (text) => {
        await expect(verify(`Bearer ${text}`)).rejects.toBeInstanceOf(TokenError);
        await expect(verify(text)).rejects.toBeInstanceOf(TokenError);
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });

  it('as the parts of a token is refused with an error that the edge knows', async () => {
    await fc.assert(
      fc.asyncProperty(header, claims, bytes, async (first, second, third) => {
        await expect(verify(`Bearer ${part(first)}.${part(second)}.${third || 'AA'}`)).rejects.toBeInstanceOf(TokenError);
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });

  it('in place of one byte of a good token is refused', async () => {
    const token = await sign(agentClaims);
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...'.=+/ ,AZaz09-_%\n'), async (at, letter) => {
        fc.pre(token[at] !== letter);
        await expect(verify(`Bearer ${token.slice(0, at)}${letter}${token.slice(at + 1)}`)).rejects.toBeInstanceOf(TokenError);
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });
});

import type { JWTPayload } from 'jose';
import { z } from 'zod';
import { type Caller, TokenError } from '../../ports/token-verifier.ts';
import { isGuid } from './guid.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';

/**
 * The claims of an Entra access token that say who presents it.
 * Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference.
 */
const claimsShape = z.object({
  tid: z.string(),
  oid: z.string().refine(isGuid),
  sub: z.string().min(1),
  idtyp: z.string().optional(),
  scp: z.string().min(1).optional(),
  roles: z.array(z.string().min(1)).max(200).default([]),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  upn: z.string().optional(),
  azp: z.string().min(1).optional(),
  appid: z.string().min(1).optional(),
});

type Claims = z.output<typeof claimsShape>;

/** Who presents a token whose signature, issuer, audience and times were verified. Throws {@link TokenError} `invalid`, `wrongTenant` or `wrongKind`. */
export function callerOf(payload: JWTPayload, trusted: TrustedIssuer): Caller {
  const parsed = claimsShape.safeParse(payload);
  if (!parsed.success) throw new TokenError('invalid', 'The token lacks a claim of an Entra access token.');
  const claims = parsed.data;
  if (claims.tid !== trusted.tenantId) throw new TokenError('wrongTenant', 'The token is for another tenant.');
  const agent = isAgent(claims, trusted.idtypIssued);
  if (agent === isPerson(claims)) throw new TokenError('wrongKind', 'The token is neither clearly an application nor clearly a person.');
  return agent ? agentOf(claims, trusted.issuer) : personOf(claims, trusted.issuer);
}

/** An application's own token: no delegated scopes, its subject is itself, and `idtyp` says so where the tenant issues it. */
function isAgent({ idtyp, scp, sub, oid }: Claims, idtypIssued: boolean): boolean {
  const declared = idtyp === 'app' || (idtyp === undefined && !idtypIssued);
  return declared && scp === undefined && sub === oid;
}

function isPerson({ idtyp, scp }: Claims): boolean {
  return scp !== undefined && (idtyp === undefined || idtyp === 'user');
}

function agentOf({ tid, oid, roles }: Claims, issuer: string): Caller {
  return { kind: 'agent', issuer, tenantId: tid, objectId: oid, roles };
}

/** v2 tokens name the client in `azp`, v1 tokens in `appid`. */
function personOf(claims: Claims, issuer: string): Caller {
  const clientId = claims.azp ?? claims.appid;
  if (clientId === undefined) throw new TokenError('invalid', 'The token does not name the client that obtained it.');
  const name = claims.name ?? claims.preferred_username ?? claims.upn ?? claims.oid;
  const scopes = (claims.scp ?? '').split(' ').filter((scope) => scope !== '');
  return { kind: 'person', issuer, tenantId: claims.tid, objectId: claims.oid, name: name.slice(0, 200).toWellFormed(), scopes, clientId };
}

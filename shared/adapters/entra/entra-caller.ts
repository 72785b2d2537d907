import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import { type Caller, TokenError } from '../../ports/token-verifier.ts';
import type { EntraIssuer } from '../../ports/trusted-issuer.ts';
import { isGuid } from './guid.ts';
import { refuseIdentityToken } from './identity-token.ts';

/**
 * The claims of an Entra access token that say who presents it.
 * Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference; for `idtyp` and `xms_mirid` optional-claims-reference there.
 */
const claimsShape = z.object({
  tid: z.string(),
  oid: z.string().refine(isGuid),
  sub: z.string().min(1),
  ver: z.enum(['1.0', '2.0']),
  idtyp: z.string().optional(),
  scp: z.string().min(1).optional(),
  roles: z.array(z.string().min(1)).max(200).default([]),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  upn: z.string().optional(),
  azp: z.string().min(1).max(200).optional(),
  appid: z.string().min(1).max(200).optional(),
  /** The resource that the managed identity is, or belongs to; names of resource groups have letters of any script. */
  xms_mirid: z
    .string()
    .max(1000)
    .regex(/^\/[^\p{C}\p{Z}]+$/u)
    .optional(),
});

type Claims = z.output<typeof claimsShape>;

/** Who presents a token whose signature, issuer, audience and times were verified. Throws {@link TokenError} `invalid`, `wrongTenant` or `wrongKind`. */
export function entraCaller(payload: JsonObject, trusted: EntraIssuer): Caller {
  const parsed = claimsShape.safeParse(payload);
  if (!parsed.success) throw new TokenError('invalid', 'The token lacks a claim of an Entra access token.');
  const claims = parsed.data;
  if (claims.tid !== trusted.tenantId) throw new TokenError('wrongTenant', 'The token is for another tenant.');
  if (claims.ver !== trusted.version) throw new TokenError('invalid', 'The version of the token is not that of its issuer.');
  refuseIdentityToken(payload);
  const agent = isAgent(claims, trusted.idtypIssued);
  if (agent === isPerson(claims)) throw new TokenError('wrongKind', 'The token is neither clearly an application nor clearly a person.');
  return agent ? agentOf(claims, trusted) : personOf(claims, trusted);
}

/** An application's own token: no delegated scopes, its subject is itself, and `idtyp` says so where the tenant issues it. */
function isAgent({ idtyp, scp, sub, oid }: Claims, idtypIssued: boolean): boolean {
  const declared = idtyp === 'app' || (idtyp === undefined && !idtypIssued);
  return declared && scp === undefined && sub === oid;
}

function isPerson({ idtyp, scp }: Claims): boolean {
  return scp !== undefined && (idtyp === undefined || idtyp === 'user');
}

/** Version 2 names the client in `azp`, version 1 in `appid`; the other's claim would be somebody's own addition. */
function clientOf({ azp, appid }: Claims, { version }: EntraIssuer): string | undefined {
  if (azp !== undefined && appid !== undefined && azp !== appid) throw new TokenError('invalid', 'The token names two clients.');
  return version === '2.0' ? azp : appid;
}

function identified(claims: Claims, trusted: EntraIssuer): Pick<Caller, 'issuer' | 'tenantId' | 'objectId' | 'absentGroups'> {
  return { issuer: trusted.authority, tenantId: claims.tid, objectId: claims.oid, absentGroups: [] };
}

/** An agent is its object id: the client that obtained the token is recorded and decides nothing. */
function agentOf(claims: Claims, trusted: EntraIssuer): Caller {
  const client = clientOf(claims, trusted);
  const proof = {
    issuer: trusted.issuer,
    ...(client === undefined ? {} : { client }),
    ...(claims.xms_mirid === undefined ? {} : { managedIdentity: claims.xms_mirid }),
  };
  return { kind: 'agent', ...identified(claims, trusted), roles: claims.roles, proof };
}

function personOf(claims: Claims, trusted: EntraIssuer): Caller {
  const clientId = clientOf(claims, trusted);
  if (clientId === undefined) throw new TokenError('invalid', 'The token does not name the client that obtained it.');
  const name = claims.name ?? claims.preferred_username ?? claims.upn ?? claims.oid;
  const scopes = (claims.scp ?? '').split(' ').filter((scope) => scope !== '');
  return {
    kind: 'person',
    ...identified(claims, trusted),
    name: name.slice(0, 200).toWellFormed(),
    scopes,
    clientId,
    proof: { issuer: trusted.issuer, client: clientId },
  };
}

import { createHash, randomBytes } from 'node:crypto';
import { type CryptoKey, type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { directoryPermissions } from '../../../shared/contracts/graph-permissions.ts';
import { agents, apiAudience, consoleClientId, managedIdentities, type SeededAgent, subscriptionId, tenantId } from '../seed.ts';
import type { DirectoryPerson } from './directory.ts';
import { type SigningKeys, signingAlgorithm } from './signing-keys.ts';

export const hourSeconds = 60 * 60;
/** Managed identity tokens live for a day, as in the cloud. */
export const daySeconds = 24 * hourSeconds;

export const graphResource = 'https://graph.microsoft.com';

/** Who a token is about, before issuer, times and audience are known. */
export type SubjectClaims = JWTPayload & { readonly aud: string };

/** A workload with a managed identity: a function app's, or a seeded agent's. */
export type WorkloadIdentity = { readonly name: string; readonly clientId: string; readonly objectId: string };

/** Application roles that each identity holds on each resource; an identity without any gets a token without `roles`, as in Entra. */
const rolesByResource: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  [graphResource]: { [managedIdentities.directory.clientId]: Object.values(directoryPermissions) },
  [apiAudience]: Object.fromEntries(agents.map(({ clientId, roles }) => [clientId, roles])),
};

export function workloadOfAgent({ name, clientId, objectId }: SeededAgent): WorkloadIdentity {
  return { name, clientId, objectId };
}

/** Claims of an application's token (Entra v2). `audience` is the resource as asked for; its roles are found with or without a final slash. */
export function workloadClaims(identity: WorkloadIdentity, audience: string): SubjectClaims {
  const roles = rolesByResource[audience.replace(/\/$/, '')]?.[identity.clientId] ?? [];
  return {
    aud: audience,
    azp: identity.clientId,
    azpacr: '2',
    idtyp: 'app',
    oid: identity.objectId,
    sub: identity.objectId,
    ...(roles.length > 0 ? { roles: [...roles] } : {}),
    xms_mirid: `/subscriptions/${subscriptionId}/resourcegroups/rg-identities/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${identity.name}`,
  };
}

/** The client that everybody's command line has: Azure CLI's. The API takes no token that it got. */
export const commandLineClientId = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

export const azureResource = 'https://management.azure.com';

/** Claims of a person's token for Azure Resource Manager, got through Azure CLI. What the person may do there is said by role assignments. */
export function operatorClaims(person: DirectoryPerson): SubjectClaims {
  return commandLineClaims(person, azureResource, 'user_impersonation');
}

/** What lets a person read by command line what any member of the tenant may read. */
export const memberScope = 'Directory.AccessAsUser.All';

/** Claims of a person's token for Microsoft Graph, got through Azure CLI. */
export function memberClaims(person: DirectoryPerson): SubjectClaims {
  return commandLineClaims(person, graphResource, memberScope);
}

function commandLineClaims(person: DirectoryPerson, audience: string, scope: string): SubjectClaims {
  return {
    aud: audience,
    azp: commandLineClientId,
    azpacr: '0',
    name: person.displayName,
    oid: person.objectId,
    preferred_username: person.userPrincipalName,
    scp: scope,
    sub: pairwiseSubject(person.objectId, audience),
  };
}

/** Claims of a person's token for the API (Entra v2), got through the console's public client. */
export function personClaims(person: DirectoryPerson): SubjectClaims {
  return {
    aud: apiAudience,
    azp: consoleClientId,
    azpacr: '0',
    name: person.displayName,
    oid: person.objectId,
    preferred_username: person.userPrincipalName,
    ...(person.roles.length > 0 ? { roles: [...person.roles] } : {}),
    ...(person.scopes.length > 0 ? { scp: person.scopes.join(' ') } : {}),
    sub: pairwiseSubject(person.objectId, apiAudience),
  };
}

/** Entra's `sub` of a person differs from application to application. */
function pairwiseSubject(objectId: string, audience: string): string {
  return createHash('sha256').update(`${tenantId} ${audience} ${objectId}`).digest('base64url');
}

export type IssuedToken = { readonly token: string; readonly expiresAtSeconds: number; readonly lifetimeSeconds: number };

/** What a test may set otherwise; a claim or header given as undefined is left out. */
export type TokenOverrides = {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Partial<JWTHeaderParameters>>;
  /** Signs instead of the issuer's own key; bytes are a secret for HS256 and its kin. */
  readonly key?: CryptoKey | Uint8Array;
};

export type TokenIssuer = {
  readonly issuer: string;
  readonly issue: (subject: SubjectClaims, lifetimeSeconds: number, overrides?: TokenOverrides) => Promise<IssuedToken>;
};

/** Issues access tokens of `${address}/${tenantId}/v2.0`, shaped as Entra's v2 tokens. */
export function makeTokenIssuer(issuer: string, keys: SigningKeys, now: () => number): TokenIssuer {
  return {
    issuer,
    issue: async (subject, lifetimeSeconds, overrides = {}) => {
      const issuedAt = Math.floor(now() / 1000);
      const expiresAtSeconds = issuedAt + lifetimeSeconds;
      const times = { iat: issuedAt, nbf: issuedAt, exp: expiresAtSeconds };
      const uti = randomBytes(16).toString('base64url');
      const claims = withoutUndefined({ ...subject, iss: issuer, ...times, tid: tenantId, uti, ver: '2.0', ...overrides.claims });
      const key = keys.active();
      const header = withoutUndefined({ typ: 'JWT', alg: signingAlgorithm, kid: key.kid, ...overrides.header });
      const token = await sign(claims, header, overrides.key ?? key.privateKey);
      return { token, expiresAtSeconds, lifetimeSeconds };
    },
  };
}

function sign(claims: JWTPayload, header: Readonly<Record<string, unknown>>, key: CryptoKey | Uint8Array): Promise<string> {
  const { alg } = header;
  if (typeof alg !== 'string') {
    throw new TypeError('A token names its algorithm.');
  }
  if (alg === 'none') {
    return Promise.resolve(new UnsecuredJWT(claims).encode());
  }
  return new SignJWT(claims).setProtectedHeader({ ...header, alg }).sign(key);
}

function withoutUndefined(entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

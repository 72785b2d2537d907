import { SignJWT } from 'jose';
import { makeTokenVerifier } from '../../../shared/adapters/entra/token-verifier.ts';
import type { Caller } from '../../../shared/ports/token-verifier.ts';
import { TokenError } from '../../../shared/ports/token-verifier.ts';
import type { EntraIssuer, OidcIssuer, TrustedIssuer } from '../../../shared/ports/trusted-issuer.ts';
import { makeLiteralClock } from '../../support/literal-clock.ts';
import { makeRecordedLog } from '../../support/recorded-log.ts';
import { type SigningKey, signingKey, startJwksServer } from './jwks-server.ts';

export type Claims = Readonly<Record<string, unknown>>;

export const now = '2026-11-21T20:12:00.000Z';
/** The same in seconds. */
export const nowSeconds = 1_795_291_920;
export const tenant = '11111111-1111-4111-8111-111111111111';
export const authority = `https://login.example/${tenant}/v2.0`;
export const firstVersion = `https://sts.windows.net/${tenant}/`;
export const agentId = '44444444-4444-4444-8444-000000000001';
export const agentClient = '44444444-4444-4444-8444-00000000c001';
export const personId = '55555555-5555-4555-8555-000000000001';
export const consoleClient = '66666666-6666-4666-8666-000000000001';
/** Source: learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in. */
export const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

export const botAppId = '22222222-2222-4222-8222-000000000001';
export const connectorIssuer = 'https://api.botframework.com';
export const serviceUrl = 'https://smba.trafficmanager.net/emea/';

export const times = { iat: nowSeconds - 10, nbf: nowSeconds - 10, exp: nowSeconds + 3600 };
const entra = { iss: authority, aud: 'api://countersign', tid: tenant, ver: '2.0', ...times };
export const agentClaims: Claims = { ...entra, oid: agentId, sub: agentId, azp: agentClient, idtyp: 'app', roles: ['Operation.Submit'] };
export const personClaims: Claims = {
  ...entra,
  oid: personId,
  sub: 'pairwise',
  azp: consoleClient,
  scp: 'Operation.Approve Audit.Read',
  name: 'Anna Approver',
  roles: ['Operation.Approve'],
};
/** The token that comes with what a person does in Teams. */
export const connectorClaims: Claims = {
  iss: connectorIssuer,
  aud: botAppId,
  serviceurl: serviceUrl,
  nbf: nowSeconds - 10,
  exp: nowSeconds + 3600,
};

export const ours = await signingKey('ours');
export const theirs = await signingKey('theirs');

/** Claims of a version 2 token as Entra puts them into one of version 1. */
export function inFirstVersion({ azp, ...claims }: Claims): Claims {
  return { ...claims, iss: firstVersion, ver: '1.0', ...(azp === undefined ? {} : { appid: azp, appidacr: '2' }) };
}

/** A token; claims and header parameters that are undefined are left out. */
export function sign(claims: Claims, header: Claims = {}, key: SigningKey['privateKey'] | Uint8Array = ours.privateKey): Promise<string> {
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return new SignJWT(present).setProtectedHeader({ alg: 'RS256', kid: 'ours', typ: 'JWT', ...header }).sign(key, { crit: { odd: true } });
}

/** A part of a token from text that no serializer would write. */
export function part(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** Signs exactly these texts as header and claims. */
export async function signText(header: string, claims: string, { privateKey }: SigningKey = ours): Promise<string> {
  const input = `${part(header)}.${part(claims)}`;
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, new TextEncoder().encode(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

export type StageOptions = {
  readonly keys?: readonly SigningKey[];
  readonly idtypIssued?: boolean;
  readonly others?: readonly OidcIssuer[];
};

/** A verifier that trusts both versions of the tenant, whose keys come from a server that counts how often it is asked. */
export async function makeStage({ keys = [ours], idtypIssued = true, others = [] }: StageOptions = {}) {
  const { jwksUri, state } = await startJwksServer(keys);
  const clock = makeLiteralClock(now);
  const log = makeRecordedLog();
  const trusted = { kind: 'entra', authority, audiences: ['api://countersign'], tenantId: tenant, algorithms: ['RS256'], jwksUri } as const;
  const entraIssuers: readonly EntraIssuer[] = [
    { ...trusted, version: '2.0', issuer: authority, idtypIssued },
    { ...trusted, version: '1.0', issuer: firstVersion, idtypIssued },
  ];
  const issuers: readonly TrustedIssuer[] = [...entraIssuers, ...others];
  const tokens = makeTokenVerifier({ issuers, clock, log });
  return { tokens, clock, log, state, jwksUri, verify: (token: string): Promise<Caller> => tokens.verify(`Bearer ${token}`) };
}

/** The code that a verification ends with; throws where it does not end with one. */
export async function refusalOf(verification: Promise<unknown>): Promise<string> {
  const outcome = await verification.catch((error: unknown) => error);
  if (outcome instanceof TokenError) return outcome.code;
  throw new Error('The token was accepted, or something else was thrown.', { cause: outcome });
}

import { z } from 'zod';
import { guid, list, serviceUrl } from './values.ts';

/** One version of the tenant's tokens that the API accepts. */
export type IssuerSettings = {
  readonly kind: 'entra';
  readonly version: '1.0' | '2.0';
  readonly issuer: string;
  /** The tenant's name in records, whatever the version. */
  readonly authority: string;
  readonly audiences: readonly string[];
  readonly tenantId: string;
  readonly jwksUri: string;
  readonly algorithms: readonly ['RS256'];
  readonly idtypIssued: boolean;
};

/** Clients that anybody's laptop has: an agent there could fetch a token of its user through them. Never allowed to vote. */
export const commandLineClients: ReadonlySet<string> = new Set([
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46', // Azure CLI
  '1950a258-227b-4e31-a9cf-717495945fc2', // Azure PowerShell
  '872cd9fa-d31f-45e0-9eab-6e460a02d1f1', // Visual Studio
  'aebc6443-996d-45c2-90f0-388ff96faa56', // Visual Studio Code
  '14d82eec-204b-4c2f-b7e8-296a70dab67e', // Microsoft Graph Command Line Tools
]);

export const api = z.object({
  COUNTERSIGN_TENANT_ID: guid,
  COUNTERSIGN_API_AUDIENCE: list,
  COUNTERSIGN_PERSON_CLIENT_IDS: list.pipe(
    z.array(guid.refine((id) => !commandLineClients.has(id), 'a command-line client could be used by an agent on its user’s machine')),
  ),
  COUNTERSIGN_IDTYP_ISSUED: z.enum(['true', 'false']).default('true'),
  COUNTERSIGN_AUTHORITY_HOST: serviceUrl.default('https://login.microsoftonline.com'),
});

/**
 * The tenant's tokens of both versions: which one is issued is a property of the API's registration (`accessTokenAcceptedVersion`), and managed identities may get
 * the first. Source: learn.microsoft.com/entra/identity-platform/access-tokens, token formats.
 */
export function entraIssuers(settings: z.output<typeof api>): readonly IssuerSettings[] {
  const tenantId = settings.COUNTERSIGN_TENANT_ID;
  const host = settings.COUNTERSIGN_AUTHORITY_HOST.replace(/\/+$/, '');
  const authority = `${host}/${tenantId}/v2.0`;
  const tenant = {
    kind: 'entra',
    authority,
    audiences: settings.COUNTERSIGN_API_AUDIENCE,
    tenantId,
    algorithms: ['RS256'],
    idtypIssued: settings.COUNTERSIGN_IDTYP_ISSUED === 'true',
  } as const;
  return [
    { ...tenant, version: '2.0', issuer: authority, jwksUri: `${host}/${tenantId}/discovery/v2.0/keys` },
    { ...tenant, version: '1.0', issuer: `${firstVersionHost(host)}/${tenantId}/`, jwksUri: `${host}/${tenantId}/discovery/keys` },
  ];
}

/** Tokens of version 1 are issued under a name of their own, which the cloud run in China has apart. */
function firstVersionHost(authorityHost: string): string {
  return new URL(authorityHost).hostname.endsWith('.cn') ? 'https://sts.chinacloudapi.cn' : 'https://sts.windows.net';
}

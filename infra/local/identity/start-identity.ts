import { join } from 'node:path';
import { jsonAnswer, type LocalAnswer, type LocalRequest, startLoopbackServer } from '../loopback-server.ts';
import { ensurePrivateDirectory } from '../private-files.ts';
import { agents, apiAudience, tenantId } from '../seed.ts';
import {
  hourSeconds,
  makeTokenIssuer,
  personClaims,
  type SubjectClaims,
  type TokenIssuer,
  type TokenOverrides,
  workloadClaims,
  workloadOfAgent,
} from './access-tokens.ts';
import { type Credentials, openCredentials } from './credentials.ts';
import { type Directory, openDirectory, type PersonChange } from './directory.ts';
import { issuerAt, jwksUriAt, openIdConfiguration, tokenEndpointAt } from './discovery.ts';
import { deployedPermissions, type GraphPermissions } from './graph-permissions.ts';
import { answerManagedIdentityRequest, identityHosts } from './managed-identity-endpoint.ts';
import { answerGraphRequest } from './microsoft-graph.ts';
import { answerAdminRequest } from './people-admin.ts';
import { openSigningKeys, type SigningKey, type SigningKeys } from './signing-keys.ts';
import { answerTokenRequest, postOnlyAnswer, unknownTenantAnswer } from './token-endpoint.ts';

export type IdentityOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Where signing keys, credentials and changes to people are kept. */
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
};

export type Identity = {
  readonly address: string;
  readonly tenantId: string;
  /** The issuer of every token: `${address}/${tenantId}/v2.0`. */
  readonly issuer: string;
  readonly jwksUri: string;
  readonly tokenEndpoint: string;
  /** `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` of the function apps. An agent's own header is in the credentials. */
  readonly msiEndpoint: string;
  readonly msiHeader: string;
  readonly graphEndpoint: string;
  readonly credentialsPath: string;
  readonly administratorSecret: string;
  /** Keeps and applies a change to a seeded person; false where there is no such person. */
  readonly changePerson: (name: string, change: PersonChange) => boolean;
  /** Who holds which application permission of Microsoft Graph. */
  readonly graphPermissions: GraphPermissions;
  readonly rotateSigningKey: (options?: { readonly withdrawPrevious: boolean }) => Promise<SigningKey>;
  /** A token for the API as the named agent or person would get it, except for the overrides: for forged, expired and odd tokens. */
  readonly issueToken: (name: string, overrides?: TokenOverrides) => Promise<string>;
  readonly stop: () => Promise<void>;
};

type Site = {
  readonly address: string;
  readonly now: () => number;
  readonly keys: SigningKeys;
  readonly credentials: Credentials;
  readonly directory: Directory;
  readonly permissions: GraphPermissions;
  readonly issuer: TokenIssuer;
};

const bodyLimitBytes = 64 * 1024;
const jsonNotFound = (): LocalAnswer => jsonAnswer(404, { error: { code: 'NotFound', message: 'There is nothing at this path.' } });
const tooLarge = (): LocalAnswer => jsonAnswer(413, { error: { code: 'RequestEntityTooLarge', message: 'The body is over 64 KiB.' } });

/** Starts the stand-in for Entra ID, the managed identity endpoint and Microsoft Graph on plain http, on loopback only. */
export async function startIdentity({ port, directory, now = Date.now }: IdentityOptions): Promise<Identity> {
  ensurePrivateDirectory(directory);
  const credentialsPath = join(directory, 'credentials.json');
  const keys = await openSigningKeys(join(directory, 'signing-keys'), 'entra');
  const credentials = openCredentials(credentialsPath);
  const people = openDirectory(join(directory, 'people.json'));
  const permissions = deployedPermissions();
  const siteAt = (openPort: number): Site => {
    const address = `http://127.0.0.1:${openPort}`;
    return { address, now, keys, credentials, directory: people, permissions, issuer: makeTokenIssuer(issuerAt(address), keys, now) };
  };
  const server = await startLoopbackServer({
    port,
    bodyLimitBytes,
    makeHandlers: (openPort) => {
      const site = siteAt(openPort);
      return { handle: (request) => route(request, site), refuseTooLarge: tooLarge };
    },
  });
  const site = siteAt(server.port);
  return {
    address: site.address,
    tenantId,
    issuer: site.issuer.issuer,
    jwksUri: jwksUriAt(site.address),
    tokenEndpoint: tokenEndpointAt(site.address),
    msiEndpoint: `${site.address}/msi/token`,
    msiHeader: credentials.functionsIdentityHeader,
    graphEndpoint: `${site.address}/graph/v1.0`,
    credentialsPath,
    administratorSecret: credentials.administratorSecret,
    changePerson: people.change,
    graphPermissions: permissions,
    rotateSigningKey: keys.rotate,
    issueToken: async (name, overrides) => (await site.issuer.issue(claimsOf(name, people), hourSeconds, overrides)).token,
    stop: server.stop,
  };
}

function claimsOf(name: string, directory: Directory): SubjectClaims {
  const agent = agents.find((candidate) => candidate.name === name);
  if (agent !== undefined) {
    return workloadClaims(workloadOfAgent(agent), apiAudience);
  }
  const person = directory.byName(name);
  if (person === undefined) {
    throw new Error(`Nobody is called "${name}".`);
  }
  return personClaims(person);
}

async function route(request: LocalRequest, site: Site): Promise<LocalAnswer> {
  const url = URL.parse(request.rawUrl, site.address);
  if (url === null) {
    return jsonNotFound();
  }
  const { pathname, searchParams } = url;
  if (pathname === '/msi/token') {
    return answerManagedIdentityRequest(request, searchParams, identityHosts(site.credentials), site.issuer);
  }
  if (pathname.startsWith('/graph/v1.0/')) {
    return answerGraphRequest(request, pathname.slice('/graph/v1.0'.length), searchParams, { ...site, issuer: site.issuer.issuer });
  }
  const adminName = /^\/admin\/people\/([a-z0-9-]+)$/.exec(pathname)?.[1];
  if (adminName !== undefined) {
    return answerAdminRequest(request, adminName, site.directory, site.credentials);
  }
  return routeTenant(request, pathname, site);
}

async function routeTenant(request: LocalRequest, pathname: string, site: Site): Promise<LocalAnswer> {
  const [, tenant, rest] = /^\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
  if (tenant === undefined || rest === undefined) {
    return jsonNotFound();
  }
  if (tenant !== tenantId) {
    return unknownTenantAnswer(tenant, site.now());
  }
  if (rest === 'oauth2/v2.0/token') {
    return request.method === 'POST' ? answerTokenRequest(request, site, site.now()) : postOnlyAnswer(site.now());
  }
  if (request.method === 'GET' && rest === 'v2.0/.well-known/openid-configuration') {
    return jsonAnswer(200, openIdConfiguration(site.address));
  }
  if (request.method === 'GET' && (rest === 'discovery/v2.0/keys' || rest === 'discovery/keys')) {
    return jsonAnswer(200, site.keys.publicKeys());
  }
  return jsonNotFound();
}

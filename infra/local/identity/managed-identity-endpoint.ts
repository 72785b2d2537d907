import { randomUUID } from 'node:crypto';
import { jsonAnswer, type LocalAnswer, type LocalRequest } from '../loopback-server.ts';
import { agents, apiAudience, managedIdentities, vaultResource } from '../seed.ts';
import { daySeconds, graphResource, type TokenIssuer, type WorkloadIdentity, workloadClaims, workloadOfAgent } from './access-tokens.ts';
import { type Credentials, secretsEqual } from './credentials.ts';

const apiVersion = '2019-08-01';

/** Resources that tokens are given for; the audience is the resource as it was asked for, with or without the final slash. */
const resources = ['https://management.azure.com', vaultResource, graphResource, 'https://api.botframework.com', apiAudience];

/** A host with its own `IDENTITY_HEADER`, and the user-assigned identities that it carries. */
type Host = { readonly identityHeader: string; readonly identities: readonly WorkloadIdentity[] };

/** The hosts: the function apps together, and each agent alone, so that an agent's header opens no identity but its own. */
export function identityHosts(credentials: Credentials): readonly Host[] {
  const ofFunctions = Object.values(managedIdentities).map(({ name, clientId, principalId }) => ({
    name,
    clientId,
    objectId: principalId,
  }));
  return [
    { identityHeader: credentials.functionsIdentityHeader, identities: ofFunctions },
    ...agents.map((agent) => ({ identityHeader: credentials.agent(agent.name).identityHeader, identities: [workloadOfAgent(agent)] })),
  ];
}

/**
 * `GET /msi/token?api-version=2019-08-01&resource=…&client_id=…` with `x-identity-header`, as in App Service.
 * Source: learn.microsoft.com/azure/app-service/overview-managed-identity, REST endpoint reference.
 */
export async function answerManagedIdentityRequest(
  request: LocalRequest,
  query: URLSearchParams,
  hosts: readonly Host[],
  issuer: TokenIssuer,
): Promise<LocalAnswer> {
  const host = hostOf(request.headers['x-identity-header'], hosts);
  if (host === undefined) {
    return refusal(401, 'The header x-identity-header is missing or is not the one of this host.');
  }
  if (request.method !== 'GET') {
    return refusal(405, 'Only GET is supported.');
  }
  if (query.get('api-version') !== apiVersion) {
    return refusal(400, `The api-version must be ${apiVersion}.`);
  }
  const resource = query.get('resource') ?? '';
  if (!resources.includes(resource.replace(/\/$/, ''))) {
    return refusal(400, 'The resource principal named in the request was not found in the tenant.');
  }
  const identity = host.identities.find(({ clientId }) => clientId === query.get('client_id'));
  if (identity === undefined) {
    return refusal(400, 'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.');
  }
  const { token, expiresAtSeconds } = await issuer.issue(workloadClaims(identity, resource), daySeconds);
  const body = { access_token: token, expires_on: String(expiresAtSeconds), resource, token_type: 'Bearer', client_id: identity.clientId };
  return jsonAnswer(200, body, { 'cache-control': 'no-store' });
}

/** Compares with every host's secret, so that the duration does not tell which one came close. */
function hostOf(given: string | readonly string[] | undefined, hosts: readonly Host[]): Host | undefined {
  if (typeof given !== 'string') {
    return undefined;
  }
  return hosts.filter(({ identityHeader }) => secretsEqual(given, identityHeader))[0];
}

function refusal(statusCode: number, message: string): LocalAnswer {
  return jsonAnswer(statusCode, { statusCode, message, correlationId: randomUUID() });
}

import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { jsonAnswer, type LocalAnswer, type LocalRequest, parseJsonBody } from '../loopback-server.ts';
import { graphResource, memberScope } from './access-tokens.ts';
import type { Directory, DirectoryPerson } from './directory.ts';
import { type GraphPermissions, graphAppId, graphAppRoles, graphPrincipalId } from './graph-permissions.ts';
import { type SigningKeys, signingAlgorithm } from './signing-keys.ts';

export type GraphParts = {
  readonly issuer: string;
  readonly keys: SigningKeys;
  readonly directory: Directory;
  readonly permissions: GraphPermissions;
  readonly address: string;
  readonly now: () => number;
};

/** The properties of a user that exist here; `default` are those Graph gives without `$select`. */
const userProperties = ['id', 'accountEnabled', 'displayName', 'userPrincipalName'] as const;
const defaultProperties: readonly UserProperty[] = ['displayName', 'userPrincipalName', 'id'];
type UserProperty = (typeof userProperties)[number];

const checkMemberGroupsBody = z.object({ groupIds: z.array(z.string()).min(1).max(20) });

/**
 * Microsoft Graph v1.0: `GET /users/{id}`, `POST /users/{id}/checkMemberGroups`, the application permissions of Microsoft Graph itself and who holds them.
 * `path` is what follows `/graph/v1.0`.
 */
export async function answerGraphRequest(
  request: LocalRequest,
  path: string,
  query: URLSearchParams,
  parts: GraphParts,
): Promise<LocalAnswer> {
  const caller = await authenticate(request, parts);
  if (caller === undefined) {
    return graphError(401, 'InvalidAuthenticationToken', 'Access token validation failure.', parts.now());
  }
  const { roles } = caller;
  const memberCheck = /^\/users\/([^/]+)\/(?:microsoft\.graph\.)?checkMemberGroups$/.exec(path);
  if (memberCheck?.[1] !== undefined && request.method === 'POST') {
    const check = (person: DirectoryPerson): LocalAnswer => checkMemberGroups(request, person, parts);
    return withPerson(memberCheck[1], 'GroupMember.Read.All', roles, parts, check);
  }
  const user = /^\/users\/([^/]+)$/.exec(path);
  if (user?.[1] !== undefined && request.method === 'GET') {
    return withPerson(user[1], 'User.Read.All', roles, parts, (person) => describePerson(person, query, parts));
  }
  const principal = /^\/servicePrincipals(?:\(appId='([^']+)'\)|\/([^/]+)\/appRoleAssignments)$/.exec(path);
  if (principal !== null && request.method === 'GET') {
    if (!caller.isMember) return graphError(403, 'Authorization_RequestDenied', insufficient, parts.now());
    return principal[2] === undefined ? describeApplication(principal[1] ?? '', parts) : listAssignments(principal[2], parts);
  }
  return graphError(400, 'BadRequest', `Resource not found for the segment in ${request.method} ${path}.`, parts.now());
}

type Caller = {
  /** Application roles. */
  readonly roles: readonly string[];
  /** A person, who may read what any member of the tenant may read. */
  readonly isMember: boolean;
};

/** Undefined where the token does not verify. */
async function authenticate({ headers }: LocalRequest, parts: GraphParts): Promise<Caller | undefined> {
  const token = /^Bearer ([^ ]+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) {
    return undefined;
  }
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(parts.keys.publicKeys()), {
      algorithms: [signingAlgorithm],
      issuer: parts.issuer,
      audience: [graphResource, `${graphResource}/`],
      currentDate: new Date(parts.now()),
      requiredClaims: ['exp'],
    });
    return { roles: rolesOf(payload), isMember: payload['scp'] === memberScope };
  } catch (error) {
    if (error instanceof errors.JOSEError) {
      return undefined;
    }
    throw error;
  }
}

function rolesOf({ roles }: JWTPayload): readonly string[] {
  const parsed = z.array(z.string()).safeParse(roles);
  return parsed.success ? parsed.data : [];
}

const insufficient = 'Insufficient privileges to complete the operation.';

function withPerson(
  encodedId: string,
  permission: string,
  roles: readonly string[],
  { directory, now }: GraphParts,
  answer: (person: DirectoryPerson) => LocalAnswer,
): LocalAnswer {
  if (!roles.includes(permission)) {
    return graphError(403, 'Authorization_RequestDenied', insufficient, now());
  }
  const id = decodeSegment(encodedId);
  const person = id === undefined ? undefined : directory.find(id);
  if (person === undefined) {
    const message = `Resource '${id ?? encodedId}' does not exist or one of its queried reference-property objects are not present.`;
    return graphError(404, 'Request_ResourceNotFound', message, now());
  }
  return answer(person);
}

function describeApplication(appId: string, { address, now }: GraphParts): LocalAnswer {
  if (appId !== graphAppId) return graphError(404, 'Request_ResourceNotFound', `Resource '${appId}' does not exist.`, now());
  const context = `${address}/graph/v1.0/$metadata#servicePrincipals(id,appRoles)/$entity`;
  const appRoles = graphAppRoles.map((role) => ({ ...role, allowedMemberTypes: ['Application'], isEnabled: true }));
  return jsonAnswer(200, { '@odata.context': context, id: graphPrincipalId, appRoles });
}

function listAssignments(principalId: string, { permissions, address }: GraphParts): LocalAnswer {
  const held = permissions.of(principalId);
  const value = graphAppRoles
    .filter((role) => held.includes(role.value))
    .map(({ id }) => ({
      id: `${principalId}-${id}`,
      appRoleId: id,
      principalId,
      principalType: 'ServicePrincipal',
      resourceId: graphPrincipalId,
      resourceDisplayName: 'Microsoft Graph',
    }));
  return jsonAnswer(200, { '@odata.context': `${address}/graph/v1.0/$metadata#appRoleAssignments`, value });
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function checkMemberGroups({ body }: LocalRequest, person: DirectoryPerson, { address, now }: GraphParts): LocalAnswer {
  const parsed = checkMemberGroupsBody.safeParse(parseJsonBody(body));
  if (!parsed.success) {
    return graphError(400, 'Request_BadRequest', 'groupIds must be a list of 1 to 20 group ids.', now());
  }
  const value = parsed.data.groupIds.filter((id) => person.groups.includes(id.toLowerCase()));
  return jsonAnswer(200, { '@odata.context': `${address}/graph/v1.0/$metadata#Collection(Edm.String)`, value });
}

function describePerson(person: DirectoryPerson, query: URLSearchParams, { address, now }: GraphParts): LocalAnswer {
  const select = query.get('$select');
  const asked = select === null ? defaultProperties : select.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !isUserProperty(name));
  if (unknown !== undefined) {
    return graphError(400, 'BadRequest', `Could not find a property named '${unknown}' on type 'microsoft.graph.user'.`, now());
  }
  const all: Record<UserProperty, unknown> = {
    id: person.objectId,
    accountEnabled: person.accountEnabled,
    displayName: person.displayName,
    userPrincipalName: person.userPrincipalName,
  };
  const selected = asked.filter(isUserProperty).map((name) => [name, all[name]]);
  return jsonAnswer(200, { '@odata.context': `${address}/graph/v1.0/$metadata#users/$entity`, ...Object.fromEntries(selected) });
}

function isUserProperty(name: string): name is UserProperty {
  return userProperties.some((known) => known === name);
}

function graphError(status: number, code: string, message: string, now: number): LocalAnswer {
  const requestId = randomUUID();
  const date = new Date(now).toISOString().replace(/\.\d+Z$/, '');
  const innerError = { date, 'request-id': requestId, 'client-request-id': requestId };
  return jsonAnswer(status, { error: { code, message, innerError } }, { 'request-id': requestId, 'client-request-id': requestId });
}

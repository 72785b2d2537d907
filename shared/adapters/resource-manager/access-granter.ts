import type { TokenCredential } from '@azure/core-auth';
import { coversAction, type RolePermission } from '../../domain/access/role-actions.ts';
import type { RoleGrant } from '../../domain/access/role-grant.ts';
import type { ArmMethod } from '../../domain/arm-method.ts';
import { text } from '../../domain/arm-property.ts';
import { type Instant, instantFromEpochMs } from '../../domain/instant.ts';
import { type JsonValue, property } from '../../domain/json.ts';
import { type AccessGranter, AzureError, type FoundGrant, type GrantOutcome } from '../../ports/azure.ts';
import { bodyAsJson } from './answer-body.ts';
import { armAddress, armOrigin, isSameHost } from './arm-address.ts';
import { type Exchange, makeExchangeOnce } from './arm-exchange.ts';

export type AccessGranterOptions = {
  /** Origin of Azure Resource Manager: `https://management.azure.com`. */
  readonly endpoint: string;
  /** The executor's own identity, which may assign the grantable roles to the identities of the tiers, and nothing else. */
  readonly credential: TokenCredential;
  /** `https://management.azure.com/.default` unless this is a national cloud. */
  readonly scope?: string;
};

const publicScope = 'https://management.azure.com/.default';
const timeoutMs = 20_000;
const apiVersion = '2022-04-01';
const subscriptionsVersion = '2022-12-01';
/** More pages than the limit of role assignments of a subscription fills. */
const mostPages = 200;

type Answered = Extract<Exchange, { kind: 'answered' }>;
type Asking = { readonly method: ArmMethod; readonly address: string; readonly token: string; readonly body?: string };

/**
 * Role assignments by Azure Resource Manager. Throws RangeError for an endpoint that is not an https origin.
 * Source: learn.microsoft.com/rest/api/authorization, role assignments and permissions.
 */
export function makeAccessGranter({ endpoint, credential, scope = publicScope }: AccessGranterOptions): AccessGranter {
  const origin = armOrigin(endpoint);
  const exchangeOnce = makeExchangeOnce(origin, timeoutMs);
  const at = (path: string, query: Readonly<Record<string, string>> = {}, version = apiVersion) =>
    armAddress(origin, { path, apiVersion: version, query });
  const ask = async ({ method, address, token, body }: Asking): Promise<Exchange> =>
    await exchangeOnce({ method, address, token, body, headers: {}, clientRequestId: crypto.randomUUID() });
  const own = async (): Promise<string | undefined> => {
    try {
      return (await credential.getToken(scope, { abortSignal: AbortSignal.timeout(timeoutMs) }))?.token;
    } catch {
      return undefined;
    }
  };
  const readPages = async (first: string, token: string): Promise<readonly JsonValue[]> => {
    const items: JsonValue[] = [];
    let next: string | undefined = first;
    for (let page = 0; next !== undefined; page += 1) {
      if (page === mostPages || !isSameHost(origin, next))
        throw new AzureError('unreadable', 'A list of Azure has no end, or leads elsewhere.');
      const answer = await ask({ method: 'GET', address: next, token });
      const body = answer.kind === 'answered' && answer.status === 200 ? bodyAsJson(answer.body) : undefined;
      const value = property(body, 'value');
      if (!Array.isArray(value)) throw new AzureError('unreadable', 'Azure did not answer with a list.');
      items.push(...value);
      const link = property(body, 'nextLink');
      next = typeof link === 'string' && link !== '' ? link : undefined;
    }
    return items;
  };

  return {
    grant: async (grant, description) => {
      const token = await own();
      if (token === undefined) return { kind: 'unclear', reason: 'The identity that grants could not be had.' };
      const body = JSON.stringify({ properties: propertiesOf(grant, description) });
      const answer = await ask({ method: 'PUT', address: at(grant.assignmentId), token, body });
      return answer.kind === 'answered' ? outcomeOfGrant(answer) : { kind: 'unclear', reason: answer.reason };
    },
    remove: async (assignmentId) => {
      const token = await own();
      if (token === undefined) return 'unclear';
      const answer = await ask({ method: 'DELETE', address: at(assignmentId), token });
      if (answer.kind !== 'answered') return 'unclear';
      if ([200, 204, 404].includes(answer.status)) return 'removed';
      // A condition on what is deleted may refuse where there is nothing; looking tells the two apart.
      const left = await ask({ method: 'GET', address: at(assignmentId), token });
      return left.kind === 'answered' && left.status === 404 ? 'removed' : 'unclear';
    },
    allows: async ({ token }, where, needs) => {
      const answer = await ask({ method: 'GET', address: at(`${where}/providers/Microsoft.Authorization/permissions`), token });
      if (answer.kind !== 'answered') return 'unclear';
      // Who may do nothing at all may not even ask, and is not told that the scope exists.
      if (answer.status === 403 || answer.status === 404) return 'no';
      const permissions = answer.status === 200 ? permissionsIn(bodyAsJson(answer.body)) : undefined;
      if (permissions === undefined) return 'unclear';
      return needs.every((need) => permissions.some((permission) => coversAction(permission, need))) ? 'yes' : 'no';
    },
    list: async (principalIds) => {
      const token = await own();
      if (token === undefined) throw new AzureError('unreadable', 'The identity that grants could not be had.');
      const subscriptions = await readPages(at('/subscriptions', {}, subscriptionsVersion), token);
      const found = new Map<string, FoundGrant>();
      for (const subscription of subscriptions) {
        const id = property(subscription, 'subscriptionId');
        if (typeof id !== 'string') throw new AzureError('unreadable', 'Azure named a subscription without its id.');
        for (const principalId of principalIds) {
          const path = `/subscriptions/${id}/providers/Microsoft.Authorization/roleAssignments`;
          const assignments = await readPages(at(path, { $filter: `principalId eq '${principalId}'` }), token);
          for (const each of assignments.map(foundGrantOf))
            if (each.principalId === principalId.toLowerCase()) found.set(each.assignmentId.toLowerCase(), each);
        }
      }
      return [...found.values()];
    },
  };
}

function propertiesOf({ scope, role, principalId, condition }: RoleGrant, description: string): Readonly<Record<string, string>> {
  const [, subscription = ''] = /^(\/subscriptions\/[^/]+)/.exec(scope) ?? [];
  return {
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role.id}`,
    principalId,
    principalType: 'ServicePrincipal',
    description,
    ...(condition === undefined ? {} : { condition, conditionVersion: '2.0' }),
  };
}

/** Only what repeating cannot mend is refused. */
function outcomeOfGrant({ status, body }: Answered): GrantOutcome {
  if (status === 200 || status === 201) return { kind: 'granted' };
  const code = text(bodyAsJson(body), 'error', 'code');
  const named = code !== undefined && /^[A-Za-z]{1,80}$/.test(code) ? ` (${code})` : '';
  if (status === 409 && code === 'RoleAssignmentExists') return { kind: 'occupied' };
  const reason = `Azure answered ${status}${named}.`;
  return [400, 401, 403, 404].includes(status) ? { kind: 'refused', reason } : { kind: 'unclear', reason };
}

/** What the caller may do; undefined for an answer of another shape, since half of it would read as less or as more. */
function permissionsIn(body: JsonValue | undefined): readonly RolePermission[] | undefined {
  const value = property(body, 'value');
  if (!Array.isArray(value)) return undefined;
  const permissions = value.map((each) => {
    const actions = textsIn(property(each, 'actions'));
    const notActions = textsIn(property(each, 'notActions'));
    return actions === undefined || notActions === undefined ? undefined : { actions, notActions };
  });
  return permissions.every((each) => each !== undefined) ? permissions : undefined;
}

function textsIn(value: JsonValue | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
}

function foundGrantOf(assignment: JsonValue): FoundGrant {
  const assignmentId = text(assignment, 'id');
  const principalId = text(assignment, 'properties', 'principalid')?.toLowerCase();
  if (assignmentId === undefined || principalId === undefined)
    throw new AzureError('unreadable', 'A role assignment has no id or no principal.');
  const description = text(assignment, 'properties', 'description') ?? '';
  return { assignmentId, principalId, description, createdAt: instantIn(text(assignment, 'properties', 'createdon')) };
}

function instantIn(written: string | undefined): Instant | undefined {
  const epochMs = Date.parse(written ?? '');
  return Number.isNaN(epochMs) ? undefined : instantFromEpochMs(epochMs);
}

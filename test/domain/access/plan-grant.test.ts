import { describe, expect, it } from 'vitest';
import type { GrantableRole } from '../../../shared/domain/access/least-role.ts';
import { planGrant } from '../../../shared/domain/access/plan-grant.ts';
import { actionOf } from '../../../shared/domain/action.ts';
import { parseArmRequest } from '../../../shared/domain/arm-request.ts';
import type { JsonValue } from '../../../shared/domain/json.ts';

const subscription = '/subscriptions/00000000-0000-4000-8000-000000000001';
const group = `${subscription}/resourcegroups/rg`;
const account = `${group}/providers/microsoft.storage/storageaccounts/st`;
const assignment = 'providers/microsoft.authorization/roleassignments/77777777-7777-4777-8777-000000000001';
const operator = '66666666-6666-4666-8666-000000000002';
const somebody = '44444444-4444-4444-8444-000000000001';
const readerRole = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

const storage: GrantableRole = {
  id: '17d1049b-9a84-46fb-8f53-869881c3d3ab',
  name: 'Storage Account Contributor',
  actions: ['Microsoft.Storage/storageAccounts/*', 'Microsoft.Resources/deployments/*'],
  notActions: [],
  onlyWithCondition: false,
};
const contributor: GrantableRole = {
  id: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  name: 'Contributor',
  actions: ['*'],
  notActions: ['Microsoft.Authorization/*/Write', 'Microsoft.Authorization/*/Delete'],
  onlyWithCondition: false,
};
const assigner: GrantableRole = {
  id: 'f58310d9-a9f6-439a-9e8d-f62e7b41a168',
  name: 'Role Based Access Control Administrator',
  actions: ['Microsoft.Authorization/roleAssignments/write', 'Microsoft.Authorization/roleAssignments/delete', '*/read'],
  notActions: [],
  onlyWithCondition: true,
};

type Asked = { readonly current?: JsonValue | 'unread'; readonly body?: JsonValue; readonly roles?: readonly GrantableRole[] };

function plan(method: string, path: string, asked: Asked = {}) {
  const parsed = parseArmRequest({ method, path, apiVersion: '2024-01-01', query: {}, headers: {}, body: asked.body });
  return planGrant(
    {
      owner: { operationId: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa', attempt: 1 },
      action: actionOf(parsed.request.method, parsed.path),
      request: parsed.request,
      path: parsed.path,
      tier: 'operator',
      current: asked.current,
    },
    {
      roles: asked.roles ?? [storage, contributor, assigner],
      principals: { operator, secrets: '66666666-6666-4666-8666-000000000005' },
    },
  );
}

const reasonOf = (made: ReturnType<typeof plan>) => (made.ok ? 'granted' : made.reason);
const grants = (role: string, principalId: string) => ({
  properties: { roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`, principalId },
});

describe('no right is planned', () => {
  it('where no grantable role covers the action, and it is said what to do', () => {
    expect(reasonOf(plan('DELETE', `${group}/providers/Microsoft.Sql/servers/s`, { current: {}, roles: [storage] }))).toBe(
      'No grantable role covers microsoft.sql/servers/delete. Add a built-in role that does to grantable-roles.json, or let an administrator do this.',
    );
  });

  it('above a subscription', () => {
    const path = '/providers/Microsoft.Management/managementGroups/top';
    expect(reasonOf(plan('DELETE', path, { current: {} }))).toMatch(/^No right is given above a subscription\./);
    expect(reasonOf(plan('PUT', `/${assignment}`, { body: grants(readerRole, somebody) }))).toMatch(/^No right is given above/);
  });

  it.each([
    ['locks', `${account}/providers/microsoft.authorization/locks/l`],
    ['role definitions', `${subscription}/providers/microsoft.authorization/roledefinitions/77777777-7777-4777-8777-000000000001`],
    [
      'requests for roles',
      `${account}/providers/microsoft.authorization/roleassignmentschedulerequests/77777777-7777-4777-8777-000000000001`,
    ],
  ])('for %s, which a role that assigns roles must not carry along', (_, path) => {
    expect(reasonOf(plan('PUT', path, { body: {} }))).toMatch(/^No grantable role covers/);
  });

  it('that gives the identities of operations a right of their own', () => {
    const body = grants(readerRole, operator.toUpperCase());
    expect(reasonOf(plan('PUT', `${account}/${assignment}`, { body }))).toMatch(/^The identities of Countersign hold no standing right/);
  });

  it.each([
    ['is written without a principal', 'PUT', { body: { properties: {} } }],
    ['is written for what is no GUID', 'PUT', { body: grants(readerRole, `${somebody}}) OR (1`) }],
    ['is written of what is no GUID', 'PUT', { body: grants('------------------------------------', somebody) }],
    ['is deleted and could not be read', 'DELETE', { current: 'unread' as const }],
    ['is deleted and is not there', 'DELETE', {}],
  ])('where an assignment %s', (_, method, asked) => {
    expect(reasonOf(plan(method, `${account}/${assignment}`, asked))).toMatch(/^Which role the assignment gives to whom is not clear/);
  });
});

describe('a right is planned', () => {
  it('at the target, of the least role, for one attempt, to the identity of the tier', () => {
    expect(plan('DELETE', account, { current: {} })).toEqual({
      ok: true,
      grant: {
        attempt: 1,
        tier: 'operator',
        assignmentId: expect.stringMatching(
          /^\/subscriptions\/00000000-0000-4000-8000-000000000001\/resourcegroups\/rg\/providers\/microsoft\.storage\/storageaccounts\/st\/providers\/Microsoft\.Authorization\/roleAssignments\/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        ),
        scope: account,
        role: { id: storage.id, name: 'Storage Account Contributor' },
        principalId: operator,
        needs: ['microsoft.storage/storageaccounts/delete'],
      },
    });
  });

  it.each([
    ['at the target that exists', 'PUT', account, { current: {} }, account],
    ['at the group of a target that does not exist', 'PUT', account, {}, group],
    ['at the target where nobody could say', 'PUT', account, { current: 'unread' as const }, account],
    ['at the subscription of a new group', 'PUT', group, {}, subscription],
    ['at the parent of a new child', 'PUT', `${account}/blobservices/default/containers/c`, {}, `${account}/blobservices/default`],
    ['at the target of an action', 'POST', `${account}/listKeys`, { current: 'unread' as const }, account],
    ['at the group that is deployed into', 'PUT', `${group}/providers/microsoft.resources/deployments/d`, {}, group],
    ['at the resource that tags hang on', 'PATCH', `${account}/providers/microsoft.resources/tags/default`, {}, account],
    ['at the resource that a setting extends', 'PUT', `${account}/providers/microsoft.insights/diagnosticsettings/d`, {}, account],
    ['at the subscription of its deployment', 'PUT', `${subscription}/providers/microsoft.resources/deployments/d`, {}, subscription],
  ])('%s', (_, method, path, asked, scope) => {
    const made = plan(method, path, { body: {}, ...asked });
    expect(made.ok && made.grant.scope).toBe(scope);
  });

  it('at the resource of an action that ends in an argument, for the action as Azure asks for it', () => {
    const made = plan('POST', `${group}/providers/microsoft.search/searchservices/find/regenerateadminkey/primary`);
    expect(made.ok && [made.grant.scope, made.grant.needs]).toEqual([
      `${group}/providers/microsoft.search/searchservices/find`,
      ['microsoft.search/searchservices/regenerateadminkey/action'],
    ]);
  });

  it('for both names of an action on all resources of a type, since a provider may ask for either', () => {
    const made = plan('POST', `${group}/providers/microsoft.compute/virtualmachinescalesets/set/rollingupgrades/cancel`);
    expect(made.ok && made.grant.needs).toEqual([
      'microsoft.compute/virtualmachinescalesets/rollingupgrades/cancel/action',
      'microsoft.compute/virtualmachinescalesets/rollingupgrades/action',
    ]);
  });

  it('for everything where a template may write anything', () => {
    const made = plan('PUT', `${group}/providers/microsoft.resources/deployments/d`, { body: {} });
    expect(made.ok && [made.grant.role.name, made.grant.needs]).toEqual(['Contributor', ['microsoft.resources/deployments/write', '*']]);
  });

  it.each([
    ['is written', 'PUT', { body: grants(readerRole, somebody) }],
    ['is deleted', 'DELETE', { current: grants(readerRole, somebody) }],
  ])('with a condition where a role assignment %s: that role, that principal, and no other', (_, method, asked) => {
    const made = plan(method, `${account}/${assignment}`, asked);
    const both = (source: string) =>
      `(${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${readerRole}} AND ` +
      `${source}[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {${somebody}})`;
    expect(made.ok && [made.grant.role.name, made.grant.scope, made.grant.condition]).toEqual([
      'Role Based Access Control Administrator',
      account,
      `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR ${both('@Request')}) AND ` +
        `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR ${both('@Resource')})`,
    ]);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guidOf } from '../../support/bicep/bicep-functions.ts';
import { asList, asObject, type BicepObject, type BicepValue, isList, valueAt } from '../../support/bicep/bicep-value.ts';
import { azureDirectory, deployFile, tenantId } from './deployed.ts';

const given: BicepObject = { environmentName: 'prod', redirectUris: ['https://countersign.example/console/'] };

function registrations(parameters: BicepObject = {}) {
  const { resources, outputs } = deployFile('entra.bicep', { ...given, ...parameters });
  const named = (name: string) => asObject(resources.find(({ body }) => body['uniqueName'] === name)?.body);
  return { resources, outputs, api: named('countersign-prod'), console: named('countersign-console-prod') };
}

function valuesOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list.map((one: BicepObject) => one['value'] ?? one['name']) : [];
}

describe('the registration of the API', () => {
  it('is for this tenant alone, and its tokens are of version 2', () => {
    const { api } = registrations();
    expect(api).toMatchObject({ signInAudience: 'AzureADMyOrg', identifierUris: [`api://${tenantId}/countersign-prod`] });
    expect(valueAt(api, 'api', 'requestedAccessTokenVersion')).toBe(2);
  });

  it('has the app roles and scopes that the API asks for', () => {
    const { api } = registrations();
    expect(valuesOf(api['appRoles'])).toEqual(['Operation.Submit', 'Operation.Approve', 'Audit.Read']);
    expect(valuesOf(valueAt(api, 'api', 'oauth2PermissionScopes'))).toEqual(['Operation.Approve', 'Audit.Read']);
  });

  it('lets applications submit, and never vote', () => {
    const roles = registrations().api['appRoles'];
    const types = isList(roles) ? roles.map((role) => [valueAt(role, 'value'), valueAt(role, 'allowedMemberTypes')]) : [];
    expect(types).toEqual([
      ['Operation.Submit', ['Application']],
      ['Operation.Approve', ['User']],
      ['Audit.Read', ['User']],
    ]);
  });

  it('has one id, name and description for a role and a scope of one value, without which Entra ID takes neither', () => {
    const { api } = registrations();
    const roles = asList(api['appRoles']).map((role) =>
      ['id', 'value', 'displayName', 'description', 'isEnabled'].map((name) => valueAt(role, name)),
    );
    const scopes = asList(valueAt(api, 'api', 'oauth2PermissionScopes')).map((scope) =>
      ['id', 'value', 'adminConsentDisplayName', 'adminConsentDescription', 'isEnabled'].map((name) => valueAt(scope, name)),
    );
    expect(roles.slice(1)).toEqual(scopes);
    expect(new Set(roles.map(([id]) => id)).size).toBe(3);
  });

  it('says in every token whether it is an application’s or a person’s', () => {
    expect(valueAt(registrations().api, 'optionalClaims', 'accessToken')).toEqual([
      { name: 'idtyp', essential: false, additionalProperties: ['include_user_token'] },
    ]);
  });

  it('gives nobody a token who was not given a role', () => {
    const { resources } = registrations();
    const required = resources.filter(({ body }) => body['appRoleAssignmentRequired'] === true);
    expect(required).toHaveLength(1);
  });

  it('has no password and no certificate', () => {
    const { api, console } = registrations();
    for (const registration of [api, console]) {
      expect(Object.keys(registration)).not.toEqual(expect.arrayContaining(['passwordCredentials']));
      expect(Object.keys(registration)).not.toEqual(expect.arrayContaining(['keyCredentials']));
    }
  });

  it('gives its scopes to the console without asking anybody, and no scope to vote to anything else', () => {
    const { api, outputs } = registrations();
    const scopes = asList(valueAt(api, 'api', 'oauth2PermissionScopes'));
    const named = (ids: BicepValue | undefined) =>
      asList(isList(ids) ? ids : [])
        .map((id) => scopes.find((scope) => valueAt(scope, 'id') === id))
        .map((scope) => valueAt(scope, 'value'));
    const clients = asList(valueAt(api, 'api', 'preAuthorizedApplications')).map((client) => [
      valueAt(client, 'appId'),
      named(valueAt(client, 'delegatedPermissionIds')),
    ]);
    expect(clients).toEqual([
      [outputs['COUNTERSIGN_PERSON_CLIENT_IDS'], ['Operation.Approve', 'Audit.Read']],
      [outputs['COUNTERSIGN_AUDIT_CLIENT_ID'], ['Audit.Read']],
    ]);
  });

  it('lets nobody but an administrator consent that another client gets its scopes', () => {
    const scopes = asList(valueAt(registrations().api, 'api', 'oauth2PermissionScopes'));
    expect(scopes.map((scope) => valueAt(scope, 'type'))).toEqual(['Admin', 'Admin']);
  });

  it('is the same each time', () => {
    expect(registrations().resources).toEqual(registrations().resources);
  });
});

describe('the console', () => {
  it('sends nobody anywhere where no page is named', () => {
    const { resources } = deployFile('entra.bicep', { environmentName: 'prod' });
    const console = resources.find(({ body }) => body['uniqueName'] === 'countersign-console-prod');
    expect(console?.body).toMatchObject({ spa: { redirectUris: [] } });
  });

  it('is a single-page application that comes back to where somebody said', () => {
    expect(registrations().console).toMatchObject({ spa: { redirectUris: ['https://countersign.example/console/'] } });
  });
});

describe('the command line', () => {
  it('alone may sign people in by a code, without a secret and without an address to come back to', () => {
    const { resources } = registrations();
    const open = resources.filter(({ body }) => body['isFallbackPublicClient'] === true);
    expect(open.map(({ body }) => body['uniqueName'])).toEqual(['countersign-audit-prod']);
  });
});

describe('agents of this tenant', () => {
  it('get Operation.Submit, as agents.json names them, and nothing else', () => {
    const agents: Readonly<Record<string, { readonly id: string; readonly tenant: string }>> = JSON.parse(
      readFileSync(`${azureDirectory}/../policy/agents.json`, 'utf8'),
    );
    const own = Object.values(agents).filter(({ tenant }) => tenant === tenantId);
    const { resources, api } = registrations();
    const submit = isList(api['appRoles']) ? valueAt(api['appRoles'][0], 'id') : undefined;
    const assigned = resources.filter(({ type }) => type.startsWith('Microsoft.Graph/appRoleAssignedTo@')).map(({ body }) => body);
    expect(assigned.map(({ principalId, appRoleId }) => [principalId, appRoleId]).toSorted()).toEqual(
      own.map(({ id }) => [id, submit]).toSorted(),
    );
    expect(own.length).toBeGreaterThan(0);
  });

  it('get nothing where somebody assigns it otherwise', () => {
    const { resources } = registrations({ assignAgents: false });
    expect(resources.filter(({ type }) => type.startsWith('Microsoft.Graph/appRoleAssignedTo@'))).toEqual([]);
  });
});

describe('the identity that asks the directory', () => {
  it('may read accounts and memberships, and nothing else', () => {
    const directoryPrincipalId = '99999999-9999-4999-8999-000000000001';
    const { resources } = deployFile('entra-permissions.bicep', { directoryPrincipalId });
    expect(resources.map(({ body }) => [body['principalId'], body['appRoleId']])).toEqual([
      [directoryPrincipalId, guidOf('User.Read.All')],
      [directoryPrincipalId, guidOf('GroupMember.Read.All')],
    ]);
  });
});

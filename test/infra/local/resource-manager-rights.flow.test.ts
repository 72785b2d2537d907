import { beforeEach, describe, expect, it } from 'vitest';
import {
  at,
  devAccount,
  devGroup,
  devMachine,
  operatorObjectId,
  outcome,
  prodGroup,
  refusal,
  resourcesVersion,
  storageVersion,
  subscription,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();

const granterClientId = '66666666-6666-4666-8666-00000000c006';
const agentObjectId = '44444444-4444-4444-8444-000000000001';
const storageContributor = '17d1049b-9a84-46fb-8f53-869881c3d3ab';
const keyOperator = '81a9662b-bebf-436f-a333-f67b29880f12';
const roleAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168';
const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const name = '77777777-7777-4777-8777-000000000001';
const authorizationVersion = '2022-04-01';

const assignmentAt = (scope: string, assignment = name) =>
  at(`${scope}/providers/Microsoft.Authorization/roleAssignments/${assignment}`, authorizationVersion);
const permissionsAt = (scope: string) => at(`${scope}/providers/Microsoft.Authorization/permissions`, authorizationVersion);
const giving = (role: string, principalId: string = operatorObjectId, condition?: string) => ({
  properties: {
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    principalId,
    ...(condition === undefined ? {} : { condition, conditionVersion: '2.0' }),
  },
});
const tags = { tags: { touched: 'yes' } };
const touch = (resource = devAccount) => arm.send('PATCH', at(resource, storageVersion), { body: tags });

let granter: string;
const grant = (path: string, body: unknown) => arm.send('PUT', path, { body, token: granter });

beforeEach(async () => {
  await arm.restart({ rights: 'perOperation' });
  granter = await arm.managementToken(granterClientId);
});

describe('an identity without a role assignment', () => {
  it('may nothing, and is told so of itself', async () => {
    expect(outcome(await touch())).toEqual(refusal(403, 'AuthorizationFailed'));
    expect(outcome(await arm.send('GET', at(devAccount, storageVersion)))).toEqual(refusal(403, 'AuthorizationFailed'));
    expect((await arm.send('GET', permissionsAt(devAccount))).body).toEqual({ value: [] });
  });

  it('may not give itself one', async () => {
    expect(outcome(await arm.send('PUT', assignmentAt(devAccount), { body: giving(owner) }))).toEqual(refusal(403, 'AuthorizationFailed'));
  });
});

describe('the granter', () => {
  it.each([
    ['a role that is not grantable', giving(owner)],
    ['a role to somebody else', giving(storageContributor, agentObjectId)],
    ['a role to itself', giving(storageContributor, '66666666-6666-4666-8666-000000000006')],
    ['nothing that can be read', { properties: {} }],
  ])('may not assign %s', async (_, body) => {
    expect(outcome(await grant(assignmentAt(devAccount), body))).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('may change nothing but assignments', async () => {
    const received = await arm.send('PATCH', at(devAccount, storageVersion), { body: tags, token: granter });
    expect(outcome(received)).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('may not remove what somebody else was given', async () => {
    await arm.restart({ rights: 'standing' });
    await arm.send('PUT', assignmentAt(devGroup), { body: giving(storageContributor, agentObjectId) });
    await arm.restart({ rights: 'perOperation' });
    expect(outcome(await arm.send('DELETE', assignmentAt(devGroup), { token: granter }))).toEqual(refusal(403, 'AuthorizationFailed'));
  });
});

it('a role that does not exist cannot be assigned', async () => {
  await arm.restart({ rights: 'standing' });
  const received = await arm.send('PUT', assignmentAt(devGroup), { body: giving('00000000-0000-4000-8000-000000000000') });
  expect(outcome(received)).toEqual(refusal(400, 'RoleDefinitionDoesNotExist'));
});

describe('an assignment holds', () => {
  it.each([
    ['at its scope', devAccount],
    ['below its scope', devGroup],
    ['far below its scope', subscription],
  ])('%s', async (_, scope) => {
    expect((await grant(assignmentAt(scope), giving(storageContributor))).status).toBe(201);
    expect((await touch()).status).toBe(200);
    expect((await arm.send('GET', permissionsAt(devAccount))).body).toMatchObject({
      value: [{ actions: expect.arrayContaining(['Microsoft.Storage/storageAccounts/*']), notActions: [] }],
    });
  });

  it.each([['beside its scope', prodGroup]])('not %s', async (_, scope) => {
    await grant(assignmentAt(scope), giving(storageContributor));
    expect(outcome(await touch())).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('for no action that its role does not name', async () => {
    await grant(assignmentAt(devGroup), giving(keyOperator));
    expect(outcome(await touch())).toEqual(refusal(403, 'AuthorizationFailed'));
    expect((await arm.send('POST', at(`${devAccount}/listKeys`, storageVersion), { body: {} })).status).toBe(200);
    expect(outcome(await arm.send('POST', at(`${devMachine}/restart`, '2024-11-01')))).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('no longer than it is there', async () => {
    await grant(assignmentAt(devAccount), giving(storageContributor));
    expect((await arm.send('DELETE', assignmentAt(devAccount), { token: granter })).status).toBe(200);
    expect(outcome(await touch())).toEqual(refusal(403, 'AuthorizationFailed'));
  });

  it('after its propagation, and after its removal until that is propagated', async () => {
    await arm.restart({ rights: 'perOperation', propagation: { grantMs: 60_000, removalMs: 120_000 } });
    await grant(assignmentAt(devAccount), giving(storageContributor));
    expect((await arm.send('GET', permissionsAt(devAccount))).body).toEqual({ value: [] });
    expect((await touch()).status).toBe(403);
    arm.advance(60_000);
    expect((await touch()).status).toBe(200);
    await arm.send('DELETE', assignmentAt(devAccount), { token: granter });
    expect((await touch()).status).toBe(200);
    arm.advance(120_000);
    expect((await touch()).status).toBe(403);
    expect((await arm.send('GET', permissionsAt(devAccount))).body).toEqual({ value: [] });
  });
});

describe('a condition of an assignment', () => {
  const clause = (verb: string, source: string, role: string, principal: string) =>
    `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${verb}'})) OR ` +
    `(${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${role}} AND ` +
    `${source}[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {${principal}}))`;
  const limited = `${clause('write', '@Request', keyOperator, agentObjectId)} AND ${clause('delete', '@Resource', keyOperator, agentObjectId)}`;
  const made = '77777777-7777-4777-8777-0000000000aa';
  const assign = (body: unknown) => arm.send('PUT', assignmentAt(devAccount, made), { body });

  it('lets exactly that role be given to exactly that principal, and be taken back', async () => {
    expect((await grant(assignmentAt(devAccount), giving(roleAdministrator, operatorObjectId, limited))).status).toBe(201);
    expect(outcome(await assign(giving(storageContributor, agentObjectId)))).toEqual(refusal(403, 'AuthorizationFailed'));
    expect(outcome(await assign(giving(keyOperator, operatorObjectId)))).toEqual(refusal(403, 'AuthorizationFailed'));
    expect(outcome(await arm.send('DELETE', assignmentAt(devAccount)))).toEqual(refusal(403, 'AuthorizationFailed'));
    expect((await assign(giving(keyOperator, agentObjectId))).status).toBe(201);
    expect((await arm.send('DELETE', assignmentAt(devAccount, made))).status).toBe(200);
  });

  it('of a shape that is not understood lets nothing pass', async () => {
    await grant(assignmentAt(devAccount), giving(roleAdministrator, operatorObjectId, `${limited} OR (1 NumericEquals 1)`));
    expect(outcome(await assign(giving(keyOperator, agentObjectId)))).toEqual(refusal(403, 'AuthorizationFailed'));
  });
});

describe('role definitions', () => {
  const definitions = `${subscription}/providers/Microsoft.Authorization/roleDefinitions`;

  it('are read by id', async () => {
    const received = await arm.send('GET', at(`${definitions}/${keyOperator}`, authorizationVersion), { token: arm.readerToken() });
    expect(received.body).toEqual({
      id: `${definitions}/${keyOperator}`,
      name: keyOperator,
      type: 'Microsoft.Authorization/roleDefinitions',
      properties: {
        roleName: 'Storage Account Key Operator Service Role',
        type: 'BuiltInRole',
        description: '',
        assignableScopes: ['/'],
        permissions: [
          {
            actions: ['Microsoft.Storage/storageAccounts/listkeys/action', 'Microsoft.Storage/storageAccounts/regeneratekey/action'],
            notActions: [],
            dataActions: [],
            notDataActions: [],
          },
        ],
      },
    });
  });

  it('are listed, by name too', async () => {
    const path = `${definitions}?api-version=${authorizationVersion}&$filter=${encodeURIComponent("roleName eq 'Owner'")}`;
    expect((await arm.send('GET', path, { token: arm.readerToken() })).body).toMatchObject({ value: [{ name: owner }] });
    expect(outcome(await arm.send('GET', path))).toEqual(refusal(403, 'AuthorizationFailed'));
  });
});

it('who began a long-running operation may ask for it after the right has gone with its target', async () => {
  await grant(assignmentAt(devMachine), giving('9980e02c-c2be-4d73-94e8-173b1dc7cf3c'));
  const accepted = await arm.send('DELETE', at(devMachine, '2024-11-01'));
  expect(accepted.status).toBe(202);
  const poll = accepted.headers.get('azure-asyncoperation') ?? '';
  arm.advance(10_000);
  expect((await arm.send('GET', poll)).body).toMatchObject({ status: 'Succeeded' });
  const stranger = await arm.identity().issueToken('deploy-agent', { claims: { aud: 'https://management.azure.com' } });
  expect(outcome(await arm.send('GET', poll, { token: stranger }))).toEqual(refusal(403, 'AuthorizationFailed'));
  expect(outcome(await arm.send('GET', at(devGroup, resourcesVersion)))).toEqual(refusal(403, 'AuthorizationFailed'));
});

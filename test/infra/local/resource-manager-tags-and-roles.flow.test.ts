import { describe, expect, it } from 'vitest';
import {
  at,
  devAccount,
  devGroup,
  names,
  outcome,
  prodGroup,
  refusal,
  resourcesVersion,
  storageVersion,
  subscription,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();

describe('tags', () => {
  const tags = (scope: string) => at(`${scope}/providers/Microsoft.Resources/tags/default`, resourcesVersion);

  it('are not read from a resource that does not exist', async () => {
    expect(outcome(await arm.send('GET', tags(`${devAccount}x`)))).toEqual(refusal(404, 'ResourceNotFound'));
  });

  it('need an operation to be patched', async () => {
    const received = await arm.send('PATCH', tags(devGroup), { body: { properties: { tags: { a: '1' } } } });
    expect(outcome(received)).toEqual(refusal(400, 'InvalidRequestContent'));
  });

  it('are merged without regard to casing', async () => {
    await arm.send('PATCH', tags(devGroup), { body: { operation: 'Merge', properties: { tags: { Environment: 'prod', owner: 'a' } } } });
    expect((await arm.send('GET', at(devGroup, resourcesVersion))).body).toMatchObject({ tags: { Environment: 'prod', owner: 'a' } });
    expect((await arm.send('GET', tags(devGroup))).body).toEqual({
      id: `${devGroup}/providers/Microsoft.Resources/tags/default`,
      name: 'default',
      type: 'Microsoft.Resources/tags',
      properties: { tags: { Environment: 'prod', owner: 'a' } },
    });
  });

  it('are removed by name and value', async () => {
    await arm.send('PUT', tags(devAccount), { body: { properties: { tags: { a: '1', b: '2' } } } });
    await arm.send('PATCH', tags(devAccount), { body: { operation: 'Delete', properties: { tags: { a: '1', b: '3' } } } });
    expect((await arm.send('GET', tags(devAccount))).body).toMatchObject({ properties: { tags: { b: '2' } } });
  });

  it('of a subscription are kept too', async () => {
    await arm.send('PUT', tags(subscription), { body: { properties: { tags: { landscape: 'main' } } } });
    expect((await arm.send('GET', at(subscription, resourcesVersion))).body).toMatchObject({ tags: { landscape: 'main' } });
  });
});

/** Beside what the deployment assigned, which is listed too. */
function ofThisFile(assignments: readonly string[]): readonly string[] {
  return assignments.filter((name) => name.startsWith('77777777-'));
}

describe('role assignments', () => {
  const readerRole = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
  const grant = { properties: { roleDefinitionId: readerRole, principalId: '44444444-4444-4444-8444-000000000001' } };
  const name = '77777777-7777-4777-8777-000000000001';
  const assignmentAt = (scope: string, assignment = name) =>
    at(`${scope}/providers/Microsoft.Authorization/roleAssignments/${assignment}`, '2022-04-01');

  it.each([
    ['a name that is no GUID', assignmentAt(devGroup, 'mine'), grant, 400, 'InvalidRoleAssignmentId'],
    ['no principal', assignmentAt(devGroup), { properties: { roleDefinitionId: readerRole } }, 400, 'InvalidRequestContent'],
    ['a scope that does not exist', assignmentAt(`${devAccount}x`), grant, 404, 'ResourceNotFound'],
  ])('are refused with %s', async (_, path, body, status, code) => {
    expect(outcome(await arm.send('PUT', path, { body }))).toEqual(refusal(status, code));
  });

  it.each([
    ['the tenant', ''],
    ['a subscription', subscription],
    ['a group', devGroup],
    ['a resource', devAccount],
  ])('can be made, read and removed at %s', async (_, scope) => {
    const made = await arm.send('PUT', assignmentAt(scope), { body: grant });
    expect(made).toMatchObject({
      status: 201,
      body: { name, properties: { scope: scope === '' ? '/' : scope, principalType: 'ServicePrincipal' } },
    });
    expect((await arm.send('GET', assignmentAt(scope))).status).toBe(200);
    expect((await arm.send('DELETE', assignmentAt(scope))).status).toBe(200);
    expect((await arm.send('DELETE', assignmentAt(scope))).status).toBe(204);
  });

  it('exist once for a principal, a role and a scope', async () => {
    await arm.send('PUT', assignmentAt(devGroup), { body: grant });
    const again = await arm.send('PUT', assignmentAt(devGroup, '77777777-7777-4777-8777-000000000002'), { body: grant });
    expect(outcome(again)).toEqual(refusal(409, 'RoleAssignmentExists'));
  });

  it('are listed at, above and below a scope, or only at and above it', async () => {
    await arm.send('PUT', assignmentAt(subscription, '77777777-7777-4777-8777-00000000000a'), { body: grant });
    await arm.send('PUT', assignmentAt(devGroup, '77777777-7777-4777-8777-00000000000b'), { body: grant });
    await arm.send('PUT', assignmentAt(devAccount, '77777777-7777-4777-8777-00000000000c'), { body: grant });
    await arm.send('PUT', assignmentAt(prodGroup, '77777777-7777-4777-8777-00000000000d'), { body: grant });
    const list = `${devGroup}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01`;
    const all = ofThisFile(names((await arm.send('GET', list)).body)).map((each) => each.at(-1));
    const atScope = ofThisFile(names((await arm.send('GET', `${list}&$filter=atScope()`)).body)).map((each) => each.at(-1));
    expect([all, atScope]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b'],
    ]);
  });

  it('go with the resource they are at', async () => {
    await arm.send('PUT', assignmentAt(devAccount), { body: grant });
    await arm.send('DELETE', at(devAccount, storageVersion));
    expect(
      ofThisFile(
        names((await arm.send('GET', at(`${subscription}/providers/Microsoft.Authorization/roleAssignments`, '2022-04-01'))).body),
      ),
    ).toEqual([]);
  });
});

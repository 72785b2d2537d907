import type { GrantableRole } from './least-role.ts';

/** Which roles may be given to which principals; GUIDs. */
export type AssignableRoles = { readonly roleIds: readonly string[]; readonly principalIds: readonly string[] };

const write = 'Microsoft.Authorization/roleAssignments/write';
const remove = 'Microsoft.Authorization/roleAssignments/delete';
const guidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A condition (version 2.0) under which its holder may write and delete only assignments of these roles to these principals. Throws RangeError for a list that is empty,
 * and for what is no GUID, which could otherwise end the condition early.
 * Source: learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples.
 */
export function assignmentCondition({ roleIds, principalIds }: AssignableRoles): string {
  const roles = guidSet(roleIds);
  const principals = guidSet(principalIds);
  return [clause(write, '@Request', roles, principals), clause(remove, '@Resource', roles, principals)].join(' AND ');
}

/**
 * The condition of the one standing assignment that there is: under it the granter may assign the grantable roles, and only to the identities that operations are made
 * with. Throws RangeError as {@link assignmentCondition} does.
 */
export function granterCondition(roles: readonly Pick<GrantableRole, 'id'>[], principalIds: readonly string[]): string {
  return assignmentCondition({ roleIds: roles.map(({ id }) => id), principalIds });
}

function clause(action: string, source: '@Request' | '@Resource', roles: string, principals: string): string {
  const attribute = (name: string) => `${source}[Microsoft.Authorization/roleAssignments:${name}]`;
  const role = `${attribute('RoleDefinitionId')} ForAnyOfAnyValues:GuidEquals {${roles}}`;
  const principal = `${attribute('PrincipalId')} ForAnyOfAnyValues:GuidEquals {${principals}}`;
  return `((!(ActionMatches{'${action}'})) OR (${role} AND ${principal}))`;
}

function guidSet(ids: readonly string[]): string {
  if (ids.length === 0 || !ids.every((id) => guidShape.test(id)))
    throw new RangeError('a condition names at least one GUID, and nothing else');
  return [...new Set(ids.map((id) => id.toLowerCase()))].toSorted().join(', ');
}

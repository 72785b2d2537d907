import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { asObject } from './json.ts';
import type { StateStore, StoredResource } from './state-store.ts';

/** What a role allows on the control plane. */
export type Permission = { readonly actions: readonly string[]; readonly notActions: readonly string[] };

export type Role = Permission & { readonly id: string; readonly name: string };

const grantable = z.record(
  z.string(),
  z.object({ id: z.guid(), actions: z.array(z.string()), notActions: z.array(z.string()).default([]) }),
);

/** Roles of the cloud that no operation is ever given. Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged. */
const others: readonly Role[] = [
  { id: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', name: 'Owner', actions: ['*'], notActions: [] },
  {
    id: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
    name: 'User Access Administrator',
    actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'],
    notActions: [],
  },
];

export const grantableRoles: readonly Role[] = readGrantable(new URL('../../policy/grantable-roles.json', import.meta.url));

/** The built-in roles that this stand-in knows, by their id: those that may be granted, and the owners of everything. */
export const builtInRoles: ReadonlyMap<string, Role> = new Map([...others, ...grantableRoles].map((role) => [role.id, role]));

function readGrantable(file: URL): readonly Role[] {
  return Object.entries(grantable.parse(JSON.parse(readFileSync(file, 'utf8')))).map(([name, role]) => ({ name, ...role }));
}

export const roleDefinitionType = 'Microsoft.Authorization/roleDefinitions';

const custom = z.object({
  permissions: z.array(z.object({ actions: z.array(z.string()).default([]), notActions: z.array(z.string()).default([]) })),
});

/** What a role allows, built in or defined by somebody; undefined where there is no such role. */
export function permissionsOfRole(store: StateStore, roleId: string): readonly Permission[] | undefined {
  const builtIn = builtInRoles.get(roleId);
  if (builtIn !== undefined) {
    return [{ actions: builtIn.actions, notActions: builtIn.notActions }];
  }
  const defined = store.all().find(({ type, name }) => type === roleDefinitionType && name.toLowerCase() === roleId);
  return defined === undefined ? undefined : definedPermissions(defined);
}

function definedPermissions(definition: StoredResource): readonly Permission[] {
  const parsed = custom.safeParse(asObject(definition.content['properties']));
  return parsed.success ? parsed.data.permissions : [];
}

/** The GUID at the end of a role definition's id, lower case. */
export function roleIdIn(roleDefinitionId: string): string {
  return roleDefinitionId.slice(roleDefinitionId.lastIndexOf('/') + 1).toLowerCase();
}

export function permits({ actions, notActions }: Permission, action: string): boolean {
  return actions.some((pattern) => names(pattern, action)) && !notActions.some((pattern) => names(pattern, action));
}

const compiled = new Map<string, RegExp>();

/** `*` stands for anything, slashes too. */
function names(pattern: string, action: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 'i');
    compiled.set(pattern, expression);
  }
  return expression.test(action);
}

function escaped(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9/]/g, '\\$&');
}

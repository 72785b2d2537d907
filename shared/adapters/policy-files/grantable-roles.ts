import { z } from 'zod';
import type { GrantableRole } from '../../domain/access/least-role.ts';
import { coversAction } from '../../domain/access/role-actions.ts';
import { guid, RegisterError, readRegister } from './read-register.ts';

export const grantableRolesFile = 'grantable-roles.json';

const pattern = z
  .string()
  .regex(
    /^(?:\*|(?:[A-Za-z][A-Za-z0-9.]*|\*)(?:\/(?:[A-Za-z][A-Za-z0-9.$-]*|\*))+)$/,
    'must be an action such as Microsoft.Storage/storageAccounts/* or */read',
  );

const rolesShape = z.record(
  z.string().min(1).max(200),
  z.strictObject({
    id: guid,
    actions: z.array(pattern).min(1),
    notActions: z.array(pattern).default([]),
    onlyWithCondition: z.boolean().default(false),
  }),
);

const assigns = 'microsoft.authorization/roleassignments/write';

/** Actions by which every right could be had, and which no condition limits. */
const unlimited = [
  'microsoft.authorization/roledefinitions/write',
  'microsoft.authorization/elevateaccess/action',
  'microsoft.authorization/roleassignmentschedulerequests/write',
  'microsoft.authorization/denyassignments/delete',
] as const;

/** Reads the roles that an operation may be given for its time. Throws {@link RegisterError} naming the file and the place. */
export async function loadGrantableRoles(directory: string): Promise<readonly GrantableRole[]> {
  const entries = Object.entries(await readRegister(directory, grantableRolesFile, rolesShape));
  const roles = entries.map(([name, role]): GrantableRole => ({ name, ...role }));
  const seen = new Map<string, string>();
  for (const role of roles) {
    const earlier = seen.get(role.id);
    if (earlier !== undefined) wrong(role, 'id', `"${earlier}" has the same id.`);
    seen.set(role.id, role.name);
    const taken = unlimited.find((action) => coversAction(role, action));
    if (taken !== undefined) wrong(role, 'actions', `allow ${taken}, by which every right can be had and which no condition limits.`);
    if (coversAction(role, assigns) !== role.onlyWithCondition) {
      wrong(role, 'onlyWithCondition', 'must be true for a role that assigns roles, and for no other.');
    }
  }
  return roles;
}

function wrong({ name }: GrantableRole, field: string, reason: string): never {
  throw new RegisterError('invalid', grantableRolesFile, `${name}.${field}`, reason);
}

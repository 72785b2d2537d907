import { z } from 'zod';
import { roleIdIn } from './role-table.ts';
import type { StoredResource } from './state-store.ts';

export const roleAssignmentType = 'Microsoft.Authorization/roleAssignments';

/** The content of a role assignment, as it is sent and kept. */
export const assignmentContent = z.object({
  properties: z.object({
    roleDefinitionId: z.string().regex(/\/providers\/Microsoft\.Authorization\/roleDefinitions\/[0-9a-f-]{36}$/i),
    principalId: z.guid(),
    principalType: z.enum(['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device']).optional(),
    description: z.string().max(1024).optional(),
    condition: z.string().optional(),
    conditionVersion: z.literal('2.0').optional(),
  }),
});
export type AssignmentProperties = z.infer<typeof assignmentContent>['properties'];

/** An assignment as it decides: ids lower case, `scopeId` empty for the tenant. */
export type GrantInForce = {
  readonly principalId: string;
  readonly roleId: string;
  readonly scopeId: string;
  readonly condition: string | undefined;
};

export function isAssignment({ type }: StoredResource): boolean {
  return type === roleAssignmentType;
}

export function propertiesOf(assignment: StoredResource): AssignmentProperties | undefined {
  const parsed = assignmentContent.safeParse(assignment.content);
  return parsed.success ? parsed.data.properties : undefined;
}

export function grantOf(assignment: StoredResource): GrantInForce | undefined {
  const properties = propertiesOf(assignment);
  if (properties === undefined) {
    return undefined;
  }
  const { principalId, roleDefinitionId, condition } = properties;
  return { principalId: principalId.toLowerCase(), roleId: roleIdIn(roleDefinitionId), scopeId: scopeOf(assignment), condition };
}

export function scopeOf({ id }: StoredResource): string {
  return id.slice(0, id.toLowerCase().lastIndexOf('/providers/'));
}

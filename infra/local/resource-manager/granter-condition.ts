import { assignmentCondition } from '../../../shared/domain/access/assignment-condition.ts';
import { managedIdentities } from '../seed.ts';
import { grantableRoleIds } from './role-table.ts';

/** As a deployment would give it to the granter: only the grantable roles, only to the identities that operations are made with. */
export function granterCondition(): string {
  const { operator, secrets } = managedIdentities;
  return assignmentCondition({ roleIds: grantableRoleIds, principalIds: [operator.principalId, secrets.principalId] });
}

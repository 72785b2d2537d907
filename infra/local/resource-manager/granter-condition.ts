import { granterCondition } from '../../../shared/domain/access/assignment-condition.ts';
import { managedIdentities } from '../seed.ts';
import { grantableRoles } from './role-table.ts';

/** As a deployment would give it to the granter: only the grantable roles, only to the identities that operations are made with. */
export function deployedGranterCondition(): string {
  const { operator, secrets } = managedIdentities;
  return granterCondition(grantableRoles, [operator.principalId, secrets.principalId]);
}

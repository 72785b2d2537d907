import { createHash } from 'node:crypto';
import { managedIdentities, people, subscriptionId } from '../seed.ts';
import type { GrantInForce } from './grants.ts';
import type { JsonObject } from './json.ts';

/** `standing`: the identities of operations own everything; `perOperation`: they have no right but by an assignment that somebody makes. */
export type Rights = 'standing' | 'perOperation';

const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const roleAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168';

/** Who looks after the deployment from outside, with the right to read. */
const operators = people.filter(({ name }) => name === 'auditor').map(({ objectId }) => ({ principalId: objectId }));

/** What a deployment assigns once, above everything that is here. */
export function deployedGrants(rights: Rights, owners: readonly string[], granterCondition: string): readonly GrantInForce[] {
  const everywhere = ({ principalId }: { readonly principalId: string }, roleId: string, condition?: string): GrantInForce => ({
    principalId,
    roleId,
    scopeId: '',
    condition,
  });
  const { operator, secrets, granter } = managedIdentities;
  const working =
    rights === 'standing'
      ? [everywhere(operator, owner), everywhere(secrets, owner)]
      : [everywhere(granter, roleAdministrator, granterCondition)];
  return [
    everywhere(managedIdentities.reader, reader),
    ...operators.map((person) => everywhere(person, reader)),
    ...owners.map((principalId) => everywhere({ principalId }, owner)),
    ...working,
  ];
}

/** A deployed assignment as lists show it: at the subscription, which is all that there is. */
export function presentDeployed({ principalId, roleId, condition }: GrantInForce): JsonObject {
  const scope = `/subscriptions/${subscriptionId}`;
  const name = nameOf(`${principalId} ${roleId}`);
  const isPerson = people.some(({ objectId }) => objectId === principalId);
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    name,
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      scope,
      principalId,
      principalType: isPerson ? 'User' : 'ServicePrincipal',
      roleDefinitionId: `${scope}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
      ...(condition === undefined ? {} : { condition, conditionVersion: '2.0' }),
    },
  };
}

function nameOf(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  return [digest.slice(0, 8), digest.slice(8, 12), `5${digest.slice(13, 16)}`, `a${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-');
}

import { z } from 'zod';
import { grantOwnerIn } from '../../shared/domain/access/assignment-name.ts';
import { listAzure } from './azure-reading.ts';
import type { Deployment, Right } from './deployment.ts';
import { type Finding, saying } from './finding.ts';
import type { Site } from './site.ts';

const { good, wrong, unknown } = saying('rights');

type Identity = Deployment['identities'][number];

const assignmentShape = z.object({
  id: z.string(),
  properties: z.object({
    principalId: z.string().toLowerCase(),
    roleDefinitionId: z.string(),
    scope: z.string(),
    condition: z.string().nullish(),
    description: z.string().nullish(),
    createdOn: z.string().nullish(),
  }),
});
type Assignment = z.output<typeof assignmentShape>;

/** A right for one operation is taken back within minutes; what is older was left behind. */
const longestOperationMs = 2 * 60 * 60 * 1000;

/** Whether each identity has exactly the rights that it was given by the deployment, in every subscription where any has one: none missing, and none in excess. */
export async function checkRights(site: Site): Promise<readonly Finding[]> {
  const { subscriptionId, identities } = site.deployment;
  const scopes = identities.flatMap(({ rights }) => rights.map(({ scope }) => scope.toLowerCase()));
  const subscriptions = new Set([`/subscriptions/${subscriptionId}`, ...scopes.map((scope) => scope.split('/').slice(0, 3).join('/'))]);
  return (await Promise.all(identities.map((identity) => checkIdentity(site, identity, [...subscriptions])))).flat();
}

async function checkIdentity(site: Site, identity: Identity, subscriptions: readonly string[]): Promise<readonly Finding[]> {
  const { name, principalId, rights } = identity;
  const filter = encodeURIComponent(`principalId eq '${principalId}'`);
  const lists = await Promise.all(
    subscriptions.map((subscription) =>
      listAzure(site, `${subscription}/providers/Microsoft.Authorization/roleAssignments?$filter=${filter}`, '2022-04-01', assignmentShape),
    ),
  );
  const unread = lists.find((list) => list.kind === 'unread');
  if (unread !== undefined) return [unknown(name, unread.detail, unread.remedy)];
  // What is assigned above the subscriptions is listed in each of them.
  const listed = lists.flatMap((list) => (list.kind === 'listed' ? list.items : []));
  const held = [...new Map(listed.map((each) => [each.id.toLowerCase(), each])).values()].filter(
    ({ properties }) => properties.principalId === principalId,
  );
  const problems = [
    ...rights.filter((right) => !held.some((each) => isSame(right, each))).map((right) => missing(identity, right, held)),
    ...held.filter((each) => !rights.some((right) => isSame(right, each))).flatMap((each) => surplus(identity, each, site.nowMs())),
  ];
  return problems.length > 0 ? problems : [good(name, rightsInWords(rights.length))];
}

function rightsInWords(count: number): string {
  if (count === 0) return 'has no right, as it should be';
  return count === 1 ? 'has its one right, and no other' : `has its ${count} rights, and no other`;
}

/** The same role at the same scope. A condition is part of it: one that is gone is a right without bounds. */
function isSame(right: Right, { properties }: Assignment): boolean {
  return isSamePlace(right, properties) && (right.condition ?? '') === (properties.condition ?? '');
}

function isSamePlace(right: Right, properties: Assignment['properties']): boolean {
  return right.roleId === roleOf(properties) && right.scope.toLowerCase() === properties.scope.toLowerCase();
}

function roleOf({ roleDefinitionId }: Assignment['properties']): string {
  return roleDefinitionId.slice(roleDefinitionId.lastIndexOf('/') + 1).toLowerCase();
}

function missing({ name }: Identity, { roleId, scope, condition }: Right, held: readonly Assignment[]): Finding {
  const other = held.find(({ properties }) => isSamePlace({ roleId, scope }, properties));
  return other === undefined
    ? wrong(
        name,
        `lacks the role ${roleId} at ${scope}`,
        'Deploy again: infra/azure gives it. Then look in the activity log who took it away.',
      )
    : wrong(
        name,
        `has the role ${roleId} at ${scope} ${condition === undefined ? 'with a condition that nobody gave' : 'without the condition that bounds it'}`,
        `Delete ${other.id}, deploy again, and look in the activity log who changed it.`,
      );
}

/** A right of an operation in its time is as it should be; a bounded right without its condition was told as missing. */
function surplus({ name, rights, takesRightsOfOperations }: Identity, { id, properties }: Assignment, nowMs: number): readonly Finding[] {
  if (rights.some((right) => isSamePlace(right, properties))) return [];
  const owner = grantOwnerIn(properties.description ?? '');
  if (takesRightsOfOperations && owner !== undefined) {
    const ageMs = nowMs - Date.parse(properties.createdOn ?? '');
    return ageMs < longestOperationMs
      ? []
      : [
          wrong(
            name,
            `still has a right of ${owner.operationId}: ${id}`,
            'Look whether the executor runs: its timer remove-leftover-grants takes such rights away. Else delete it.',
          ),
        ];
  }
  return [
    wrong(
      name,
      `has the role ${roleOf(properties)} at ${properties.scope}, which nobody deployed`,
      `Delete it (az role assignment delete --ids ${id}), and look in the activity log who gave it.`,
    ),
  ];
}

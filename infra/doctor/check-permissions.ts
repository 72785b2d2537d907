import { z } from 'zod';
import type { Deployment } from './deployment.ts';
import { type Finding, saying } from './finding.ts';
import { ask, type Site, told } from './site.ts';

const { good, wrong, unknown } = saying('permissions');

/** Microsoft Graph, which has this id in every tenant. */
const graphAppId = '00000003-0000-0000-c000-000000000000';
const graphShape = z.object({ id: z.string(), appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })) });
const heldShape = z.object({
  value: z.array(z.object({ appRoleId: z.string(), resourceId: z.string(), resourceDisplayName: z.string().nullish() })),
  '@odata.nextLink': z.string().optional(),
});
type Graph = z.output<typeof graphShape>;
type Held = z.output<typeof heldShape>['value'][number];

const ofRights =
  "Role assignments do not show them. Only a member of the tenant may look, not a guest: ask one, or look at the identity's permissions under Enterprise applications.";

/** Whether each identity has exactly the application permissions that it was given: of Microsoft Graph those of the description, of anything else none. */
export async function checkPermissions(site: Site): Promise<readonly Finding[]> {
  const token = await site.tokens.forGraph().catch((error: unknown) => (error instanceof Error ? error : new Error('none')));
  if (token instanceof Error) return [unknown('all', 'there is no token for Microsoft Graph', token.message)];
  const graph = await read(site, token, `/servicePrincipals(appId='${graphAppId}')?$select=id,appRoles`, graphShape);
  if (typeof graph === 'string') return [unknown('all', graph, ofRights)];
  return (await Promise.all(site.deployment.identities.map((identity) => ofIdentity(site, token, graph, identity)))).flat();
}

async function ofIdentity(
  site: Site,
  token: string,
  graph: Graph,
  { name, principalId, graphPermissions }: Deployment['identities'][number],
): Promise<readonly Finding[]> {
  const held = await read(site, token, `/servicePrincipals/${principalId}/appRoleAssignments?$top=999`, heldShape);
  if (typeof held === 'string') return [unknown(name, held, ofRights)];
  if (held['@odata.nextLink'] !== undefined) return [unknown(name, 'it has more permissions than can be shown at once', ofRights)];
  const names = held.value.map((each) => nameOf(each, graph));
  const missing = graphPermissions.filter((permission) => !names.includes(permission));
  const surplus = names.filter((permission) => !graphPermissions.includes(permission));
  if (missing.length === 0 && surplus.length === 0) return [good(name, inWords(graphPermissions))];
  return [
    ...missing.map((permission) =>
      wrong(
        name,
        `lacks ${permission}`,
        'Who may consent for the tenant deploys infra/azure/entra-permissions.bicep; until then nobody can be looked up.',
      ),
    ),
    ...surplus.map((permission) =>
      wrong(
        name,
        `has ${permission}, which nobody deployed`,
        'Take it away under Enterprise applications, Permissions, and look in the audit log of Entra ID who gave it.',
      ),
    ),
  ];
}

function inWords(permissions: readonly string[]): string {
  return permissions.length === 0 ? 'has none, as it should be' : `has ${permissions.join(', ')}, and no other`;
}

function nameOf({ appRoleId, resourceId, resourceDisplayName }: Held, graph: Graph): string {
  const known = resourceId === graph.id ? graph.appRoles.find(({ id }) => id === appRoleId)?.value : undefined;
  return known ?? `${appRoleId} of ${resourceDisplayName ?? resourceId}`;
}

/** What Microsoft Graph answers, or why that cannot be used. */
async function read<Shape>(site: Site, token: string, path: string, shape: z.ZodType<Shape>): Promise<Shape | string> {
  const answer = await ask(site, `${site.deployment.graph}${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (answer.kind === 'failed' || answer.status !== 200) return `Microsoft Graph ${told(answer)}`;
  const parsed = shape.safeParse(answer.body);
  return parsed.success ? parsed.data : 'Microsoft Graph answered what cannot be understood';
}

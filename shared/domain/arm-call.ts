import { type ArmPath, parseArmPath } from './arm-path.ts';
import { meaningOf } from './risk/verbs.ts';

/** Actions on all resources of a type that Azure's RBAC calls by the type alone. Source: learn.microsoft.com/azure/role-based-access-control/resource-provider-operations. */
const calledByTheirType: ReadonlySet<string> = new Set([
  'microsoft.automation/automationaccounts/webhooks',
  'microsoft.operationalinsights/querypacks/queries',
]);

const provider = '/providers/';
const actionShape = /^[a-z][a-z0-9._]*$/;

/**
 * Parses the path of a call. A POST acts on a resource, and its path usually ends in the action; a few end in a name, which is an argument of the action
 * (`regenerateAdminKey/primary`) or an action on all resources of a type (`rollingUpgrades/cancel`). Nothing in the path tells which, so that the reading by which
 * Azure's RBAC names the action is given, with the other in `alsoRead`. What is no action by either keeps its name and has no verb. Throws {@link ArmPathError}.
 */
export function parseArmCall(method: string, text: string): ArmPath {
  const path = parseArmPath(text);
  if (method !== 'POST' || path.verb !== undefined) return path;
  const [segment, name] = nestedPairOf(path);
  if (segment === undefined || name === undefined) return path;
  const parent = path.canonical.slice(0, -(segment.length + name.length + 2));
  const below = parseArmPath(`${parent}/${segment}`);
  const argued = { type: below.type, verb: segment.toLowerCase() };
  const acted = { type: path.type, verb: name.toLowerCase() };
  // A type may begin like an action (`backups/purge`); types are plural.
  const isArgued = isAction(argued) && !(isAction(acted) && argued.verb.endsWith('s'));
  if (!isArgued && !isAction(acted)) return path;
  if (isArgued || calledByTheirType.has(path.type)) return { ...below, ...asText(path.canonical), ...argued, alsoRead: acted };
  return { ...below, ...asText(`${below.canonical}/${acted.verb}`), ...acted, alsoRead: argued };
}

/** The type and the name at the end, where they stand below a resource of the same provider: the first name of a provider is always a resource. */
function nestedPairOf({ canonical }: ArmPath): readonly string[] {
  const at = canonical.lastIndexOf(provider);
  const segments = at === -1 ? [] : canonical.slice(at + provider.length).split('/');
  return segments.length >= 5 ? segments.slice(-2) : [];
}

/** The path as each of the actions that it may be. */
export function readingsOf(path: ArmPath): readonly ArmPath[] {
  if (path.alsoRead === undefined) return [path];
  return [path, { ...path, ...path.alsoRead }].filter(isAction);
}

/** What Azure itself may call the action of a path: besides its own name, the type of a name at its end, which is what RBAC asks for unless a provider says otherwise. */
export function typesAskedFor({ type, alsoRead }: ArmPath): readonly string[] {
  if (alsoRead === undefined) return [];
  return [type.length > alsoRead.type.length ? type : alsoRead.type];
}

function isAction({ type, verb = '' }: Pick<ArmPath, 'type' | 'verb'>): boolean {
  return actionShape.test(verb) && meaningOf(type, verb) !== 'unknown';
}

function asText(canonical: string): Pick<ArmPath, 'canonical' | 'folded'> {
  return { canonical, folded: canonical };
}

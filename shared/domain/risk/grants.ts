import { elements, field, fieldsOf, foldName, text } from '../arm-property.ts';
import { isJsonObject, type JsonValue } from '../json.ts';
import { isWord } from './openings.ts';
import { builtInRole, coversTakingOver } from './roles.ts';
import type { JudgedCall } from './rule.ts';

/** Assignments of roles, standing or by request of Privileged Identity Management. */
export const assignments =
  /^microsoft\.authorization\/(?:roleassignments|roleassignmentschedulerequests|roleeligibilityschedulerequests|roleassignmentapprovals)$/;
export const isRemovalRequest = ({ request }: JudgedCall) =>
  isWord(field(request.body, 'properties', 'requesttype'), 'adminremove', 'selfdeactivate', 'adminexpire');
const isWide = ({ path }: JudgedCall) => path.scope !== 'resource' && path.scope !== 'resourceGroup';

/** The role that a call assigns, and how much it grants where it is assigned; an unknown role may grant everything. */
export function assignedRole(call: JudgedCall): { readonly shown: string; readonly control: boolean } | undefined {
  if (call.effect.kind !== 'write' || !assignments.test(call.path.type) || isRemovalRequest(call)) return undefined;
  const id = text(call.request.body, 'properties', 'roledefinitionid');
  const role = id === undefined ? undefined : builtInRole(id);
  const where = `at the scope of a ${call.path.scope === 'managementGroup' ? 'management group' : call.path.scope}`;
  if (role === undefined) return { shown: `a role that is not a well-known one, ${where}`, control: true };
  return { shown: `${role.name}, ${where}`, control: role.grants === 'control' || (role.grants === 'change' && isWide(call)) };
}

/** More actions than anybody looks through. */
const mostActions = 2_000;

/** What a role definition would allow that it does not allow now. `takesOver` is the action by which everything else can be had. */
export function definedRole(call: JudgedCall): { readonly takesOver: string | undefined; readonly first: string | undefined } | undefined {
  if (call.effect.kind !== 'write' || call.path.type !== 'microsoft.authorization/roledefinitions') return undefined;
  const before = new Set(actionsOf(call.current));
  const gained = actionsOf(call.request.body).filter((action) => !before.has(action));
  if (gained.length > mostActions) return { takesOver: `${gained.length} actions`, first: undefined };
  return { takesOver: gained.find((action) => coversTakingOver(action) !== undefined), first: gained[0] };
}

function actionsOf(definition: JsonValue | undefined): readonly string[] {
  const permissions = elements(definition, 'properties', 'permissions');
  const actions = permissions.flatMap((permission) => [...elements(permission, 'actions'), ...elements(permission, 'dataactions')]);
  return actions.map((action) => (typeof action === 'string' ? foldName(action) : '*'));
}

/** Permissions of a vault's access policies that a call gives and that were not given before. */
export function gainedPermissions({ effect, path, request, current }: JudgedCall): readonly string[] {
  const isVault = path.type === 'microsoft.keyvault/vaults';
  const isPolicy = path.type === 'microsoft.keyvault/vaults/accesspolicies' && path.name?.toLowerCase() !== 'remove';
  if (effect.kind !== 'write' || !(isVault || isPolicy)) return [];
  const before = new Map(
    elements(current, 'properties', 'accesspolicies').map((policy) => [holderOf(policy), new Set(permissionsOf(policy))]),
  );
  return elements(request.body, 'properties', 'accesspolicies').flatMap((policy) =>
    permissionsOf(policy).filter((permission) => before.get(holderOf(policy))?.has(permission) !== true),
  );
}

/** Who a policy of a vault is for: somebody, perhaps only through one application. */
function holderOf(policy: JsonValue): string {
  return [text(policy, 'objectid'), text(policy, 'applicationid')].map((id) => foldName(id ?? '')).join(' ');
}

function permissionsOf(policy: JsonValue): readonly string[] {
  const permissions = field(policy, 'permissions');
  if (!isJsonObject(permissions)) return ['all'];
  return [...fieldsOf(permissions)].flatMap(([kind, names]) =>
    (Array.isArray(names) ? names : [names]).map((name) => `${kind} ${typeof name === 'string' ? foldName(name) : 'all'}`),
  );
}

/** Permissions of a vault that show names, keys and certificates, and no secret. */
export const looksOnly = /^(?:keys|certificates|storage) (?:get|list)$|^secrets list$/;

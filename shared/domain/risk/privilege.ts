import { elements, field, fieldsOf, foldName, text } from '../arm-property.ts';
import { isJsonObject, type JsonValue } from '../json.ts';
import { identityOf } from './differences.ts';
import { changes } from './effect.ts';
import { isWord } from './openings.ts';
import { builtInRole, coversTakingOver } from './roles.ts';
import { type JudgedCall, oneHigher, type RiskRule } from './rule.ts';

const isWrite = ({ effect }: JudgedCall) => effect.kind === 'write';
const isDelete = ({ effect }: JudgedCall) => effect.kind === 'delete';
const isAct = ({ effect }: JudgedCall) => effect.kind === 'act';
const written = (type: RegExp) => (call: JudgedCall) => (isWrite(call) && type.test(call.path.type) ? call.path.type : undefined);
const deleted = (type: RegExp) => (call: JudgedCall) => (isDelete(call) && type.test(call.path.type) ? call.path.type : undefined);

/** Assignments of roles, standing or by request of Privileged Identity Management. */
const assignments =
  /^microsoft\.authorization\/(?:roleassignments|roleassignmentschedulerequests|roleeligibilityschedulerequests|roleassignmentapprovals)$/;
const isRemovalRequest = ({ request }: JudgedCall) =>
  isWord(field(request.body, 'properties', 'requesttype'), 'adminremove', 'selfdeactivate', 'adminexpire');
const isWide = ({ path }: JudgedCall) => path.scope !== 'resource' && path.scope !== 'resourceGroup';

/** The role that a call assigns, and how much it grants where it is assigned; an unknown role may grant everything. */
function assignedRole(call: JudgedCall): { readonly shown: string; readonly control: boolean } | undefined {
  if (!isWrite(call) || !assignments.test(call.path.type) || isRemovalRequest(call)) return undefined;
  const id = text(call.request.body, 'properties', 'roledefinitionid');
  const role = id === undefined ? undefined : builtInRole(id);
  const where = `at the scope of a ${call.path.scope === 'managementGroup' ? 'management group' : call.path.scope}`;
  if (role === undefined) return { shown: `a role that is not a well-known one, ${where}`, control: true };
  return { shown: `${role.name}, ${where}`, control: role.grants === 'control' || (role.grants === 'change' && isWide(call)) };
}

/** More actions than anybody looks through. */
const mostActions = 2_000;

/** What a role definition would allow that it does not allow now. `takesOver` is the action by which everything else can be had. */
function definedRole(call: JudgedCall): { readonly takesOver: string | undefined; readonly first: string | undefined } | undefined {
  if (!isWrite(call) || call.path.type !== 'microsoft.authorization/roledefinitions') return undefined;
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
function gainedPermissions({ effect, path, request, current }: JudgedCall): readonly string[] {
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

const looksOnly = /^(?:keys|certificates|storage) (?:get|list)$|^secrets list$/;

const identityId = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.managedidentity\/userassignedidentities\/[^/]+$/;

/** Managed identities that a body names anywhere, as a value or as the name of a property; one that is set to null is taken off. */
function identitiesIn(value: JsonValue | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  const note = (given: string) => {
    if (given.length < longestId && given.startsWith('/') && identityId.test(foldName(given))) found.add(foldName(given));
  };
  const waiting: JsonValue[] = value === undefined ? [] : [value];
  const look = (inner: JsonValue) => {
    if (typeof inner === 'string') note(inner);
    else if (typeof inner === 'object' && inner !== null) waiting.push(inner);
  };
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) for (const item of next) look(item);
    else if (isJsonObject(next)) {
      for (const name of Object.keys(next)) {
        const inner = next[name] ?? null;
        if (inner !== null) note(name);
        look(inner);
      }
    } else look(next);
  }
  return found;
}

const longestId = 512;

function attachedIdentity(call: JudgedCall): string | undefined {
  if (!changes(call.effect) || call.path.type.startsWith('microsoft.managedidentity/')) return undefined;
  const before = identitiesIn(call.current);
  return [...identitiesIn(call.request.body)].find((id) => !before.has(id));
}

function gainedOwnIdentity({ effect, request, current }: JudgedCall): string | undefined {
  const has = (value: JsonValue | undefined) => /systemassigned/.test(foldName(text(value, 'identity', 'type') ?? ''));
  return effect.kind === 'write' && has(request.body) && !has(current) ? 'identity.type' : undefined;
}

/** Types beside roles by which somebody is let in, or gets keys. */
const entrances =
  /^microsoft\.authorization\/(?:classicadministrators|rolemanagementpolicies|rolemanagementpolicyassignments|accessreviewscheduledefinitions)$|^(?!microsoft\.authorization\/).*\/(?:administrators|localusers|users|[a-z]*roleassignments|[a-z]*roledefinitions|accesspolicyassignments|principalassignments|trustedaccessrolebindings|accessconnectors|databaseprincipalassignments|rolebindings|identityproviders|ssh(?:public)?keys)$/;
const keyMaking =
  /\/(?:authorizationrules|tokens|scopemaps|apikeys|accesskeys|sharedaccesspolicies|hostkeys|functionkeys|systemkeys|querykeys|credentials|credentialsets)$/;
const policies = /^microsoft\.authorization\/(?:policyassignments|policydefinitions|policysetdefinitions)(?:\/versions)?$/;

function weakenedPolicy(call: JudgedCall): string | undefined {
  if (isDelete(call) && policies.test(call.path.type)) return call.path.type;
  if (isWrite(call) && call.path.type === 'microsoft.authorization/policyexemptions') return 'an exemption';
  if (!isWrite(call) || !policies.test(call.path.type)) return undefined;
  const { body } = call.request;
  if (
    isWord(field(body, 'properties', 'enforcementmode'), 'donotenforce') &&
    !isWord(field(call.current, 'properties', 'enforcementmode'), 'donotenforce')
  ) {
    return 'enforcementMode DoNotEnforce';
  }
  const excluded = new Set(elements(call.current, 'properties', 'notscopes').map(identityOf));
  return elements(body, 'properties', 'notscopes').some((scope, index) => !excluded.has(identityOf(scope, index)))
    ? 'a further excluded scope'
    : undefined;
}

export const privilegeRules: readonly RiskRule[] = [
  {
    code: 'grantsControl',
    level: 'critical',
    detail: 'It gives somebody control: over everything in the scope, over who may do what, over identities or keys.',
    raisedBy:
      'role assignments and requests for Owner, Contributor, User Access Administrator and others that control, for a role nobody knows, or for changing things in a whole subscription or more',
    find: (call) => (assignedRole(call)?.control === true ? assignedRole(call)?.shown : undefined),
  },
  {
    code: 'grantsAccess',
    level: 'high',
    detail: 'It gives somebody a right that they do not have.',
    raisedBy: 'role assignments and requests for well-known roles that read, or change one kind of thing in a group or resource',
    find: (call) => (assignedRole(call)?.control === false ? assignedRole(call)?.shown : undefined),
  },
  {
    code: 'definesControl',
    level: 'critical',
    detail: 'It puts actions into a role by which its holders can take over everything else.',
    raisedBy: 'role definitions that gain `*`, or actions that grant, unlock, run code with the rights of others or read keys',
    find: (call) => definedRole(call)?.takesOver,
  },
  {
    code: 'definesRole',
    level: 'high',
    detail: 'It changes what the holders of a role may do.',
    raisedBy: 'every other role definition',
    find: (call) => {
      const role = definedRole(call);
      return role === undefined || role.takesOver !== undefined ? undefined : (role.first ?? 'no further action');
    },
  },
  {
    code: 'elevatesAccess',
    level: 'critical',
    detail: 'It gives its caller control over the whole tenant.',
    raisedBy: 'elevateAccess',
    find: (call) => (isAct(call) && call.action.endsWith('microsoft.authorization/elevateaccess/action') ? call.action : undefined),
  },
  {
    code: 'opensEntrance',
    level: 'critical',
    detail: 'It lets somebody in beside the roles of Azure: an administrator, a user, a role inside a service.',
    raisedBy:
      'administrators and users of databases, storage and clusters, roles inside Cosmos DB and others, policies of Privileged Identity Management',
    find: written(entrances),
  },
  {
    code: 'trustsIssuer',
    level: 'critical',
    detail: 'It lets whoever another issuer vouches for act as an identity of ours.',
    raisedBy: 'federated credentials of managed identities',
    find: written(/\/federatedidentitycredentials$/),
  },
  {
    code: 'delegatesToTenant',
    level: 'critical',
    detail: 'It gives another tenant rights here.',
    raisedBy: 'registrations of Azure Lighthouse',
    find: written(/^microsoft\.managedservices\//),
  },
  {
    code: 'attachesIdentity',
    level: oneHigher.high,
    detail: 'It lets something act with the rights of a managed identity; whoever controls that thing has them, too.',
    raisedBy: 'a managed identity that a body names anywhere and that was not named before',
    find: attachedIdentity,
  },
  {
    code: 'makesIdentity',
    level: oneHigher.medium,
    detail: 'It gives something an identity of its own, which has no rights yet.',
    raisedBy: 'a system-assigned identity that was not there before',
    find: gainedOwnIdentity,
  },
  {
    code: 'grantsVaultControl',
    level: 'critical',
    detail: 'It lets somebody read secrets of a vault, use its keys, or change and purge what is in it.',
    raisedBy: 'access policies of a vault that gain more than looking at names, keys and certificates',
    find: (call) => gainedPermissions(call).find((permission) => !looksOnly.test(permission)),
  },
  {
    code: 'grantsVaultAccess',
    level: 'high',
    detail: 'It lets somebody see what is in a vault, without the secrets.',
    raisedBy: 'access policies of a vault that gain `get` and `list` of keys and certificates, or `list` of secrets',
    find: (call) => gainedPermissions(call).find((permission) => looksOnly.test(permission)),
  },
  {
    code: 'makesKey',
    level: oneHigher.high,
    detail: 'It makes a key, token or policy of shared access, by which whoever holds it gets in.',
    raisedBy: 'authorization rules of Service Bus, Event Hubs, Relay; tokens and scope maps of registries; keys of functions and search',
    find: written(keyMaking),
  },
  {
    code: 'weakensPolicy',
    level: oneHigher.high,
    detail: 'It takes away, or makes exceptions from, a policy that holds people to rules.',
    raisedBy: 'deletes of policies and assignments, exemptions, assignments that are no longer enforced or exclude further scopes',
    find: weakenedPolicy,
  },
  {
    code: 'changesPolicy',
    level: 'high',
    detail: 'It changes a policy of Azure, which can deny, change or deploy things everywhere in its scope.',
    raisedBy: 'every write to policy definitions, sets, assignments and remediations, and to blueprints',
    find: written(
      /^microsoft\.authorization\/policy(?!exemptions)[a-z]+|^microsoft\.policyinsights\/remediations$|^microsoft\.blueprint\//,
    ),
  },
  {
    code: 'changesDenial',
    level: 'critical',
    detail: 'It changes a denial that keeps people from what their roles would allow.',
    raisedBy: 'writes and deletes of deny assignments, and deletes of blueprint assignments',
    find: (call) =>
      written(/^microsoft\.authorization\/denyassignments$/)(call) ??
      deleted(/^microsoft\.authorization\/denyassignments$|^microsoft\.blueprint\/blueprintassignments$/)(call),
  },
  {
    code: 'removesAccess',
    level: 'high',
    detail: 'It takes a right away from somebody, who may depend on it.',
    raisedBy: 'deletes of role assignments, definitions and entrances, requests to remove or deactivate a role, access policies removed',
    find: (call) =>
      deleted(/^microsoft\.authorization\/(?!policy|locks|denyassignments)/)(call) ??
      deleted(entrances)(call) ??
      (isWrite(call) && assignments.test(call.path.type) && isRemovalRequest(call) ? 'a request to remove a role' : undefined) ??
      (isWrite(call) && call.path.type === 'microsoft.keyvault/vaults/accesspolicies' && call.path.name?.toLowerCase() === 'remove'
        ? 'accessPolicies/remove'
        : undefined),
  },
];

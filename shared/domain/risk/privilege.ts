import { elements, field, foldName } from '../arm-property.ts';
import { canonicalJson } from '../canonical-json.ts';
import { identityOf, pathOf } from './differences.ts';
import { assignedRole, assignments, definedRole, gainedPermissions, isRemovalRequest, looksOnly } from './grants.ts';
import { attachedIdentity, gainedOwnIdentity } from './identities.ts';
import { isWord } from './openings.ts';
import { type JudgedCall, oneHigher, type RiskRule } from './rule.ts';

const isWrite = ({ effect }: JudgedCall) => effect.kind === 'write';
const isDelete = ({ effect }: JudgedCall) => effect.kind === 'delete';
const isAct = ({ effect }: JudgedCall) => effect.kind === 'act';
const written = (type: RegExp) => (call: JudgedCall) => (isWrite(call) && type.test(call.path.type) ? call.path.type : undefined);
const deleted = (type: RegExp) => (call: JudgedCall) => (isDelete(call) && type.test(call.path.type) ? call.path.type : undefined);

/** Types beside roles by which somebody is let in, or gets keys. */
const entrances =
  /^microsoft\.authorization\/(?:classicadministrators|rolemanagementpolicies|rolemanagementpolicyassignments|accessreviewscheduledefinitions)$|^(?!microsoft\.authorization\/).*\/(?:[a-z]*administrators|localusers|users|[a-z]*userdefinitions|jitrequests|[a-z]*roleassignments|[a-z]*roledefinitions|accesspolicyassignments|principalassignments|trustedaccessrolebindings|accessconnectors|databaseprincipalassignments|rolebindings|identityproviders|ssh(?:public)?keys)$/;
/** Properties by which the service itself lets somebody in as its administrator. */
const entranceProperties = [
  'admingroupobjectids',
  'administrators',
  'externaladministratorsid',
  'allowedprincipals',
  'asadministrators',
  'administration',
  'initialworkspaceadminobjectid',
] as const;
const entranceActions =
  /^(?:create|add|assign|grant|invite)[a-z]*(?:roleassignments?|principals?|admins?|administrators?|owners?|users?|followers?)$/;

/** Somebody whom a property names as administrator of what is there already, and who is not named now. */
function namedAdministrator({ effect, exists, differences }: JudgedCall): string | undefined {
  if (effect.kind !== 'write' || !exists) return undefined;
  const changed = entranceProperties
    .flatMap((name) => differences.of(name))
    .find(({ before, after }) => after !== undefined && foldName(canonicalJson(after)) !== foldName(canonicalJson(before ?? null)));
  return changed === undefined ? undefined : pathOf(changed.place);
}

const passwords = ['administratorloginpassword', 'adminpassword', 'administratorpassword', 'adminuserpassword'] as const;

/** A password given to what is there already: whoever knows it gets in, whoever knew the old one does not. */
function givenPassword({ effect, exists, differences }: JudgedCall): string | undefined {
  if (effect.kind !== 'write' || !exists) return undefined;
  const given = passwords.flatMap((name) => differences.of(name)).find(({ after }) => typeof after === 'string' && after !== '');
  return given === undefined ? undefined : pathOf(given.place);
}

export const privilegeProperties: readonly string[] = [...entranceProperties, ...passwords];

const keyMaking =
  /\/(?:authorizationrules|tokens|scopemaps|apikeys|accesskeys|sharedaccesspolicies|hostkeys|functionkeys|systemkeys|querykeys|credentials|credentialsets)$/;
const policies = /^microsoft\.authorization\/(?:policyassignments|policydefinitions|policysetdefinitions)(?:\/versions)?$/;

function weakenedPolicy(call: JudgedCall): string | undefined {
  if (isDelete(call) && policies.test(call.path.type)) return call.path.type;
  if (isWrite(call) && call.path.type === 'microsoft.authorization/policyexemptions') return 'an exemption';
  if (isWrite(call) && call.path.type === 'microsoft.subscription/policies') return 'who may take subscriptions in and out of the tenant';
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
      'administrators and users of databases, storage and clusters, as resources, properties or actions; roles inside Cosmos DB and others; policies of Privileged Identity Management',
    find: (call) =>
      written(entrances)(call) ??
      namedAdministrator(call) ??
      (isAct(call) && entranceActions.test(call.path.verb ?? '') ? call.action : undefined),
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
    code: 'setsPassword',
    level: 'high',
    detail: 'It gives a new password to an administrator of what is there already.',
    raisedBy: 'a password of an administrator in a write to something that exists',
    find: givenPassword,
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
    raisedBy:
      'deletes of policies and assignments, exemptions, assignments that are no longer enforced or exclude further scopes, the rules for subscriptions that leave or enter the tenant',
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

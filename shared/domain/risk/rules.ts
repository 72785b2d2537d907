import type { ArmPath } from '../arm-path.ts';
import type { ArmRequest } from '../arm-request.ts';
import type { Environment, RiskLevel } from '../assessment.ts';
import { isJsonObject, type JsonValue } from '../json.ts';
import { isEnvironmentTag } from './environment.ts';

/** What a rule may look at; all of it was read before, none of it is fetched by a rule. */
export type RuleSubject = {
  readonly request: ArmRequest;
  readonly path: ArmPath;
  readonly action: string;
  readonly environment: Environment;
  readonly exists: boolean;
  /** Tags of the addressed resource as they are; undefined where they could not be read. */
  readonly tags: Readonly<Record<string, string>> | undefined;
};

/** One row of the rule table. A rule that matches contributes its factor; the worst factor is the level. */
export type RiskRule = {
  readonly code: string;
  readonly level: RiskLevel | { readonly production: RiskLevel; readonly nonProduction: RiskLevel };
  /** A sentence for an approver. */
  readonly detail: string;
  readonly matches: (subject: RuleSubject) => boolean;
};

/** Types whose deletion takes data along, or everything in them, and which nobody makes anew in an hour. */
const irreplaceableTypes: ReadonlySet<string> = new Set([
  'microsoft.resources/subscriptions',
  'microsoft.resources/subscriptions/resourcegroups',
  'microsoft.sql/servers',
  'microsoft.sql/servers/databases',
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.dbformysql/flexibleservers',
  'microsoft.documentdb/databaseaccounts',
  'microsoft.keyvault/vaults',
  'microsoft.keyvault/managedhsms',
  'microsoft.recoveryservices/vaults',
  'microsoft.dataprotection/backupvaults',
  'microsoft.compute/disks',
  'microsoft.compute/snapshots',
  'microsoft.containerservice/managedclusters',
]);

/** Types that hold data, which their deletion takes along, though Azure keeps it for a while. */
const dataHoldingTypes: ReadonlySet<string> = new Set([
  ...irreplaceableTypes,
  'microsoft.cache/redis',
  'microsoft.compute/virtualmachines',
  'microsoft.storage/storageaccounts',
]);

/** POST actions that change nothing and reveal nothing: names that begin so, as Azure's operations list has them. */
const readOnlyVerb =
  /^(check|validate|query|whatif|get(?!.*(?:secret|key|token|credential|password|sas|access|connectionstring|ur[il]|link|profile|file)))/;

/** Names of actions that answer with secrets. Old API versions GET some of them; a POST that just says `list` is one because a GET would show them. */
const revealingVerb =
  /(?:list|get|show|regenerate|generate|retrieve).*(?:keys?|secrets?|credentials?|connectionstrings?|sas|tokens?|passwords?|appsettings|accessuri|callbackurl)$|^(?:list|publishxml|sharedkey|begingetaccess)$/;

/** What lies behind Azure Resource Manager at these types is another API, which answers a GET with its keys. */
const passedThrough = /^microsoft\.web\/sites\/(?:slots\/)?(?:hostruntime|extensions)(?:\/|$)/;

/** Types that carry requests of their own: templates that may grant, change and delete whatever their writer may. */
const requestCarryingType = /^microsoft\.resources\/(?:deployments|deploymentstacks|deploymentscripts)$|^microsoft\.blueprint\//;

/** Types that carry commands, which run with the rights of the machine or account that they are given to. */
const commandCarryingType =
  /^microsoft\.(?:compute|hybridcompute)\/[a-z/]+\/(?:extensions|runcommands)$|^microsoft\.automation\/automationaccounts\/|^microsoft\.containerregistry\/registries\/(?:tasks|taskruns)$/;

/** Types beside Microsoft.Authorization by which somebody is let in. */
const accessGrantingType =
  /^microsoft\.managedidentity\/userassignedidentities\/federatedidentitycredentials$|^microsoft\.keyvault\/vaults\/accesspolicies$|\/(?:administrators|localusers|sqlroleassignments|sqlroledefinitions|accesspolicyassignments)$/;

const isRead = ({ request }: RuleSubject) => request.method === 'GET' || request.method === 'HEAD';
const isPost = ({ request }: RuleSubject) => request.method === 'POST';
const isWrite = ({ request }: RuleSubject) => request.method === 'PUT' || request.method === 'PATCH';
const isDelete = ({ request }: RuleSubject) => request.method === 'DELETE';
const reveals = (subject: RuleSubject) =>
  (isPost(subject) || isRead(subject)) &&
  (revealingVerb.test(subject.path.verb ?? '') || (isRead(subject) && passedThrough.test(subject.path.type)));
const onlyLooks = (subject: RuleSubject) => isPost(subject) && !reveals(subject) && readOnlyVerb.test(subject.path.verb ?? '');
const isAuthorization = ({ path }: RuleSubject) =>
  path.type.startsWith('microsoft.authorization/') || path.type === 'microsoft.authorization' || accessGrantingType.test(path.type);
const changes = (subject: RuleSubject) => !isRead(subject) && !onlyLooks(subject);

/** The whole table, in the order in which people read it. `shared/domain/risk/README.md` explains the levels. */
export const riskRules: readonly RiskRule[] = [
  { code: 'readsState', level: 'low', detail: 'It reads and changes nothing.', matches: isRead },
  { code: 'onlyChecks', level: 'low', detail: 'It asks Azure to check or query something and changes nothing.', matches: onlyLooks },
  {
    code: 'revealsSecrets',
    level: 'high',
    detail: 'Its answer holds keys, credentials or an address that works like one.',
    matches: reveals,
  },
  {
    code: 'changesState',
    level: { production: 'high', nonProduction: 'medium' },
    detail: 'It creates or changes a resource.',
    matches: isWrite,
  },
  {
    code: 'performsAction',
    level: 'high',
    detail: 'It performs an action whose effect cannot be told from its name.',
    matches: (subject) => isPost(subject) && !reveals(subject) && !onlyLooks(subject),
  },
  { code: 'deletesResource', level: 'high', detail: 'It deletes a resource.', matches: isDelete },
  {
    code: 'destroysData',
    level: 'high',
    detail: 'What it deletes holds data, which goes with it.',
    matches: (subject) => isDelete(subject) && dataHoldingTypes.has(subject.path.type),
  },
  {
    code: 'destroysIrreplaceable',
    level: { production: 'critical', nonProduction: 'high' },
    detail: 'What it deletes is a group, database, vault, backup, disk or cluster: more than one thing, or the last copy of it.',
    matches: (subject) => isDelete(subject) && irreplaceableTypes.has(subject.path.type),
  },
  {
    code: 'grantsAccess',
    level: 'critical',
    detail: 'It changes who may do what: a role assignment, role definition, lock, policy or another way in.',
    matches: (subject) => isAuthorization(subject) && changes(subject),
  },
  {
    code: 'carriesRequests',
    level: 'critical',
    detail: 'It carries a template, and nobody can tell from outside what that creates, grants or deletes.',
    matches: (subject) => isWrite(subject) && requestCarryingType.test(subject.path.type),
  },
  {
    code: 'carriesCommands',
    level: 'high',
    detail: 'It carries commands that run with the rights of the target.',
    matches: (subject) => isWrite(subject) && commandCarryingType.test(subject.path.type),
  },
  {
    code: 'touchesProduction',
    level: 'high',
    detail: 'The target is in production, or nothing says that it is not.',
    matches: (subject) => subject.environment === 'production' && changes(subject),
  },
  {
    code: 'changesEnvironmentTag',
    level: 'critical',
    detail: 'It changes tags by which production is told from the rest.',
    matches: (subject) => changes(subject) && (subject.path.type === 'microsoft.resources/tags' || changesEnvironmentTag(subject)),
  },
];

/** A write to something that exists, after which an environment tag would not be what it is now. Tags are replaced as a whole, by a PATCH too where it gives any. */
function changesEnvironmentTag({ request, exists, tags }: RuleSubject): boolean {
  if (!exists || !(request.method === 'PUT' || (request.method === 'PATCH' && givenTags(request.body).length > 0))) return false;
  if (tags === undefined) return true;
  const given = environmentTagsOf(givenTags(request.body));
  const current = environmentTagsOf([tags]);
  const isGone = ([name]: EnvironmentTag) => !given.some(([other]) => other === name);
  const isNew = ([name, value]: EnvironmentTag) => !current.some(([other, was]) => other === name && was === value);
  return current.some(isGone) || given.some(isNew);
}

/** What a body calls tags; Azure reads the names of properties without case. */
function givenTags(body: JsonValue | undefined): readonly JsonValue[] {
  return isJsonObject(body) ? Object.entries(body).flatMap(([name, value]) => (name.toLowerCase() === 'tags' ? [value] : [])) : [];
}

type EnvironmentTag = readonly [lowerName: string, value: JsonValue];

function environmentTagsOf(given: readonly JsonValue[]): readonly EnvironmentTag[] {
  const tags = given.flatMap((value) => (isJsonObject(value) ? Object.entries(value) : []));
  return tags.filter(([name]) => isEnvironmentTag(name)).map(([name, value]) => [name.toLowerCase(), value]);
}

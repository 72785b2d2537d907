import type { ArmPath } from '../arm-path.ts';
import type { ArmRequest } from '../arm-request.ts';
import type { Environment, RiskLevel } from '../assessment.ts';
import { isJsonObject, type JsonValue, property } from '../json.ts';
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
const readOnlyVerb = /^(check|validate|query|whatif|get(?!.*(?:secret|key|token|credential|password|sas)))/;

/** Names of actions that answer with secrets. */
const revealingVerb =
  /(?:list|get|show|regenerate|generate|retrieve).*(?:keys?|secrets?|credentials?|connectionstrings?|sas|tokens?|passwords?)$|^listclusteradmincredential|publishxml$|^listcallbackurl$|^config\/.*list$/;

const isRead = ({ request }: RuleSubject) => request.method === 'GET' || request.method === 'HEAD';
const isPost = ({ request }: RuleSubject) => request.method === 'POST';
const isWrite = ({ request }: RuleSubject) => request.method === 'PUT' || request.method === 'PATCH';
const isDelete = ({ request }: RuleSubject) => request.method === 'DELETE';
const reveals = (subject: RuleSubject) => isPost(subject) && revealingVerb.test(subject.path.verb ?? '');
const onlyLooks = (subject: RuleSubject) => isPost(subject) && !reveals(subject) && readOnlyVerb.test(subject.path.verb ?? '');
const isAuthorization = ({ path }: RuleSubject) =>
  path.type.startsWith('microsoft.authorization/') || path.type === 'microsoft.authorization';
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
    detail: 'It changes who may do what: a role assignment, role definition, lock or policy.',
    matches: (subject) => isAuthorization(subject) && changes(subject),
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

/** A write to something that exists, after which an environment tag would not be what it is now. A PUT replaces all tags, a PATCH those that it names. */
function changesEnvironmentTag({ request, exists, tags }: RuleSubject): boolean {
  if (!exists || (request.method !== 'PUT' && request.method !== 'PATCH')) return false;
  const given = environmentTagsOf(property(request.body, 'tags'));
  if (tags === undefined) return given.size > 0 || request.method === 'PUT';
  const current = environmentTagsOf(tags);
  const names = request.method === 'PUT' ? [...current.keys(), ...given.keys()] : [...given.keys()];
  return names.some((name) => current.get(name) !== given.get(name));
}

function environmentTagsOf(tags: JsonValue | undefined): ReadonlyMap<string, JsonValue> {
  if (!isJsonObject(tags)) return new Map();
  return new Map(Object.entries(tags).flatMap(([name, value]) => (isEnvironmentTag(name) ? [[name.toLowerCase(), value] as const] : [])));
}

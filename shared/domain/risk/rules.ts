import type { ArmPath } from '../arm-path.ts';
import type { ArmRequest } from '../arm-request.ts';
import type { Environment, RiskLevel } from '../assessment.ts';

/** What a rule may look at; all of it was read before, none of it is fetched by a rule. */
export type RuleSubject = {
  readonly request: ArmRequest;
  readonly path: ArmPath;
  readonly action: string;
  readonly environment: Environment;
  readonly exists: boolean;
};

/** One row of the rule table. A rule that matches contributes its factor; the worst factor is the level. */
export type RiskRule = {
  readonly code: string;
  readonly level: RiskLevel | { readonly production: RiskLevel; readonly nonProduction: RiskLevel };
  /** A sentence for an approver. */
  readonly detail: string;
  readonly matches: (subject: RuleSubject) => boolean;
};

/** Types whose deletion takes data, or everything in them, along. */
const dataHoldingTypes: ReadonlySet<string> = new Set([
  'microsoft.resources/subscriptions',
  'microsoft.resources/subscriptions/resourcegroups',
  'microsoft.sql/servers',
  'microsoft.sql/servers/databases',
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.dbformysql/flexibleservers',
  'microsoft.documentdb/databaseaccounts',
  'microsoft.cache/redis',
  'microsoft.storage/storageaccounts',
  'microsoft.keyvault/vaults',
  'microsoft.keyvault/managedhsms',
  'microsoft.recoveryservices/vaults',
  'microsoft.dataprotection/backupvaults',
  'microsoft.compute/disks',
  'microsoft.compute/snapshots',
  'microsoft.containerservice/managedclusters',
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
    level: { production: 'critical', nonProduction: 'high' },
    detail: 'What it deletes holds data or other resources, which go with it.',
    matches: (subject) => isDelete(subject) && dataHoldingTypes.has(subject.path.type),
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
    detail: 'It changes tags, by which production is told from the rest.',
    matches: (subject) => changes(subject) && (subject.path.type === 'microsoft.resources/tags' || writesTags(subject)),
  },
];

/** A PATCH or PUT of something that exists and whose body names tags may turn production into something else. */
function writesTags({ request, exists }: RuleSubject): boolean {
  const body = request.body;
  if (!exists || typeof body !== 'object' || body === null || Array.isArray(body)) return false;
  return Object.keys(body).some((name) => name.toLowerCase() === 'tags');
}

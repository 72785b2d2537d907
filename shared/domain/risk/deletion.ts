import { field, fieldsOf, text } from '../arm-property.ts';
import { isForcing } from '../arm-query.ts';
import { isJsonObject, type JsonValue } from '../json.ts';
import { isWithin, type ListLoss, pathOf } from './differences.ts';
import { isLockedBy } from './locks.ts';
import { isAllowList, isWord } from './openings.ts';
import { type JudgedCall, oneHigher, type RiskRule } from './rule.ts';
import { findWeakened, lowered, off, oneOf, type Setting } from './settings.ts';

/** Types whose deletion takes more than one thing, or the last copy of it, along: groups, databases, vaults, backups, disks, clusters. */
const irreplaceable: readonly RegExp[] = [
  /^microsoft\.resources\/subscriptions(?:\/resourcegroups)?$/,
  /^microsoft\.(?:sql|dbfor[a-z]+)\/(?:servers|flexibleservers|managedinstances|servergroupsv2|mongoclusters)$/,
  /^microsoft\.documentdb\/(?:databaseaccounts|cassandraclusters|mongoclusters)$/,
  /^microsoft\.documentdb\/databaseaccounts\/[a-z]+(?:databases|keyspaces|tables)(?:\/(?:containers|collections|graphs|tables))?$/,
  /^microsoft\.(?:synapse|databricks|machinelearningservices|purview)\/(?:workspaces|accounts)$/,
  /^microsoft\.redhatopenshift\/openshiftclusters$/,
  /\/(?:databases|sqlpools|kustopools|vaults|backupvaults|managedhsms|disks|snapshots|restorepointcollections|volumes|capacitypools|clusters|managedclusters|backups|backupinstances|protecteditems|recoverypoints|longtermretentionbackups)$/,
];

/** Types that hold data, which their deletion takes along, though Azure keeps it for a while or it can be made again. */
const dataHolding =
  /\/(?:datacenters|replicationprotecteditems|images\/versions|topics\/subscriptions|virtualmachines|virtualmachinescalesets|storageaccounts|redis|redisenterprise|registries|configurationstores|searchservices|iothubs|namespaces|eventhubs|queues|topics|images|galleries|netappaccounts|workspaces|containers|shares|fileshares|tables|dnszones|privatednszones|automationaccounts|accounts)$/;

/** What lies in the bin, or is the bin: what is deleted here does not come back. */
const lastCopies =
  /\/deleted[a-z]+$|\/(?:protecteditems|backupinstances|recoverypoints|longtermretentionbackups|longtermretentionmanagedinstancebackups|immutabilitypolicies|restorepoints|deletedbackupinstances)$/;

/** Actions that take away what keeps data from being deleted. */
const unprotecting = /^(?:clearlegalhold|unlockdelete|disablesoftdelete)$|^remove[a-z]*immutability$|^disable[a-z]*immutability$/;

/** An unlocked immutability can be switched off again: less than a locked one, more than none. */
function lessImmutable(value: JsonValue, before: JsonValue | undefined): boolean {
  return isWord(value, 'disabled') || (isWord(value, 'unlocked') && isWord(before, 'locked'));
}

/** What keeps backups, and keeps them from being deleted, by being there. */
const keepers = /\/(?:backupresourceguardproxies|resourceguards|backuppolicies|backup[a-z]+retentionpolicies)$/;
const stoppingBackups = /^(?:stop|suspend|disable|pause)[a-z]*(?:protection|backups?)$|^update[a-z]*immutability[a-z]*$/;

function findRecoveryStopped({ effect, path }: JudgedCall): string | undefined {
  const isGone = effect.kind === 'delete' && keepers.test(path.type);
  return isGone || (effect.kind === 'act' && stoppingBackups.test(path.verb ?? '')) ? (path.verb ?? path.type) : undefined;
}

/** What lets deleted data come back: soft delete, purge protection, versions, backups and how long they are kept. */
const recovery: readonly Setting[] = [
  { property: 'enablesoftdelete', weak: off, leftOut: 'fine' },
  { property: 'enablepurgeprotection', weak: off, leftOut: 'weak' },
  { property: 'softdeleteretentionindays', weak: lowered, leftOut: 'fine' },
  { property: 'softdeleteretentionperiodindays', weak: lowered, leftOut: 'fine' },
  { property: 'softdeletefeaturestate', weak: oneOf('disabled'), leftOut: 'weak' },
  { property: 'state', within: 'softdeletesettings', weak: oneOf('off', 'disabled'), leftOut: 'weak' },
  { property: 'softdeletestate', weak: oneOf('off', 'disabled'), leftOut: 'weak' },
  { property: 'enhancedsecuritystate', weak: oneOf('disabled'), leftOut: 'weak' },
  { property: 'state', within: 'immutabilitysettings', weak: lessImmutable, leftOut: 'weak' },
  { property: 'enabled', within: 'deleteretentionpolicy', weak: off, leftOut: 'weak' },
  { property: 'days', within: 'deleteretentionpolicy', weak: lowered, leftOut: 'fine' },
  { property: 'enabled', within: 'containerdeleteretentionpolicy', weak: off, leftOut: 'weak' },
  { property: 'days', within: 'containerdeleteretentionpolicy', weak: lowered, leftOut: 'fine' },
  { property: 'enabled', within: 'sharedeleteretentionpolicy', weak: off, leftOut: 'weak' },
  { property: 'days', within: 'sharedeleteretentionpolicy', weak: lowered, leftOut: 'fine' },
  { property: 'enabled', within: 'restorepolicy', weak: off, leftOut: 'weak' },
  { property: 'isversioningenabled', weak: off, leftOut: 'weak' },
  { property: 'immutabilityperiodsincecreationindays', weak: lowered, leftOut: 'fine' },
  { property: 'backupretentiondays', weak: lowered, leftOut: 'fine' },
  { property: 'retentiondays', weak: lowered, leftOut: 'fine' },
  { property: 'georedundantbackup', weak: oneOf('disabled'), leftOut: 'weak' },
  { property: 'weeklyretention', weak: oneOf('pt0s'), leftOut: 'weak' },
  { property: 'monthlyretention', weak: oneOf('pt0s'), leftOut: 'weak' },
  { property: 'yearlyretention', weak: oneOf('pt0s'), leftOut: 'weak' },
  { property: 'protectionstate', weak: oneOf('protectionstopped', 'backupssuspended'), leftOut: 'fine' },
  { property: 'backupretentionintervalinhours', weak: lowered, leftOut: 'fine' },
  { property: 'count', within: 'retentionduration', weak: lowered, leftOut: 'fine' },
];

const isDelete = ({ effect }: JudgedCall) => effect.kind === 'delete';
const means = ({ effect }: JudgedCall, ...meanings: readonly string[]) => effect.kind === 'act' && meanings.includes(effect.meaning);
const action = ({ request, action: name }: JudgedCall) => `${request.method} ${name}`;

function findIrreplaceable(call: JudgedCall): string | undefined {
  if (!isDelete(call) || !irreplaceable.some((type) => type.test(call.path.type))) return undefined;
  return call.contents === undefined ? call.path.type : `${call.path.type} with ${call.contents.length} resources in it`;
}

function findFinal(call: JudgedCall): string | undefined {
  if (isDelete(call) && lastCopies.test(call.path.type)) return call.path.type;
  if (means(call, 'purges') || (call.effect.kind === 'act' && unprotecting.test(call.path.verb ?? ''))) return action(call);
  const purge = Object.keys(call.request.query).find((name) => /purge/.test(name) && isForcing(name, call.request.query[name] ?? ''));
  return purge === undefined ? undefined : `?${purge}=${call.request.query[purge]}`;
}

function findForce({ effect, request }: JudgedCall): string | undefined {
  if (effect.kind === 'read' || effect.kind === 'check') return undefined;
  const found = Object.entries(request.query).find(([name, value]) => isForcing(name, value));
  return found === undefined ? undefined : `?${found[0]}=${found[1]}`;
}

/** A lock that goes, or gets weaker. */
function findUnlocking({ effect, path, request, current }: JudgedCall): string | undefined {
  if (path.type !== 'microsoft.authorization/locks') return undefined;
  if (effect.kind === 'delete') return path.resourceId;
  const level = field(request.body, 'properties', 'level');
  const isWeaker =
    current !== undefined &&
    !isWord(level, 'readonly') &&
    (isWord(field(current, 'properties', 'level'), 'readonly') || !isWord(level, 'cannotdelete')) &&
    (level !== undefined || effect.kind === 'write');
  return effect.kind === 'write' && isWeaker ? path.resourceId : undefined;
}

/** A lock that stands against the call; Azure refuses it until somebody takes the lock away. */
function findLock({ effect, locks, path }: JudgedCall): string | undefined {
  if (effect.kind !== 'delete' && effect.kind !== 'write') return undefined;
  if (path.type === 'microsoft.authorization/locks') return undefined;
  return locks?.find((lock) => effect.kind === 'delete' || (lock.level === 'ReadOnly' && isLockedBy(path.resourceId, lock)))?.id;
}

/** Lists that Azure answers with and that nobody gives; leaving them out deletes nothing. */
const answeredOnly: ReadonlySet<string> = new Set([
  'privateendpointconnections',
  'defaultsecurityrules',
  'networkinterfaces',
  'ipconfigurations',
  'resources',
  'instances',
  'statuses',
  'hostnamesslstates',
  'resourcenavigationlinks',
  'serviceassociationlinks',
  'privatelinkresources',
]);

/** What is left out counts as deleted: an entry of a list that is given without it, or of a list of sub-resources that is not given at all. */
function findLostEntries({ differences }: JudgedCall): string | undefined {
  for (const loss of differences.losses) {
    const counted = isAllowList(loss.place.name)
      ? []
      : loss.lost.filter((entry) => (loss.given || isSubResource(loss, entry)) && !isGrant(entry));
    if (counted.length > 0)
      return `${pathOf(loss.place)}: ${counted.slice(0, 5).map(nameOf).join(', ')}${counted.length > 5 ? ` and ${counted.length - 5} more` : ''}`;
  }
  return undefined;
}

function isSubResource({ place }: ListLoss, entry: JsonValue): boolean {
  if (answeredOnly.has(place.name) || !isJsonObject(entry)) return false;
  const fields = fieldsOf(entry);
  return fields.has('properties') || fields.has('name') || fields.has('objectid');
}

/** A rule that lets somebody in: without it the resource is safer. */
function isGrant(entry: JsonValue): boolean {
  const rule = field(entry, 'properties') ?? entry;
  return isWord(field(rule, 'access'), 'allow') && isWord(field(rule, 'direction'), 'inbound');
}

function nameOf(entry: JsonValue): string {
  const name =
    text(entry, 'name') ?? text(entry, 'id') ?? text(entry, 'objectid') ?? (typeof entry === 'string' ? entry : 'an entry without a name');
  return name.slice(0, 64);
}

/** Rules by which Azure deletes data by itself, later: of a storage account, or as a time to live in a database. */
function findScheduledDeletion({ effect, path, differences }: JudgedCall): string | undefined {
  if (effect.kind !== 'write') return undefined;
  const rule = /\/managementpolicies$/.test(path.type)
    ? differences.of('delete').find(({ after, before, place }) => after !== undefined && before === undefined && isWithin(place, 'actions'))
    : undefined;
  const life = differences.of('defaultttl').find(({ before, after }) => isLife(after) && !(isLife(before) && before <= after));
  const found = rule ?? life;
  return found === undefined ? undefined : pathOf(found.place);
}

/** A time to live that ends; -1 is for ever. */
function isLife(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && value > 0;
}

export const deletionProperties: readonly string[] = ['delete', 'defaultttl'];

const settingLists = /^(?:appsettings|connectionstrings|metadata|pushsettings|azurestorageaccounts|slotconfignames|authsettings)$/;

function findReplacedSettings({ effect, path }: JudgedCall): string | undefined {
  const isConfig = /^microsoft\.web\/(?:sites|sites\/slots|staticsites|staticsites\/builds)\/config$/.test(path.type);
  return effect.kind === 'write' && effect.replaces && isConfig && settingLists.test(path.name?.toLowerCase() ?? '')
    ? path.name
    : undefined;
}

export const deletionRules: readonly RiskRule[] = [
  {
    code: 'deletesResource',
    level: 'high',
    detail: 'It deletes something.',
    raisedBy: 'every DELETE, and actions that delete, remove, revoke, detach or uninstall',
    find: (call) => (isDelete(call) || means(call, 'deletes', 'purges') ? action(call) : undefined),
  },
  {
    code: 'destroysData',
    level: 'high',
    detail: 'What it deletes holds data, which goes with it.',
    raisedBy: 'deletes of machines, storage, queues, caches, registries, zones, workspaces and the like',
    find: (call) =>
      isDelete(call) && (dataHolding.test(call.path.type) || findIrreplaceable(call) !== undefined) ? call.path.type : undefined,
  },
  {
    code: 'destroysIrreplaceable',
    level: oneHigher.high,
    detail: 'What it deletes is a group, database, vault, backup, disk or cluster: more than one thing, or the last copy of it.',
    raisedBy:
      'deletes of groups, subscriptions, database servers and databases, vaults, backups, disks, snapshots, clusters and workspaces of data',
    find: findIrreplaceable,
  },
  {
    code: 'deletesForGood',
    level: 'critical',
    detail: 'What it deletes cannot be brought back, or loses what kept it from being deleted.',
    raisedBy:
      'purges and flushes, deletes in the bin, of backups, recovery points and immutability policies, cleared legal holds, `purge` in the query',
    find: findFinal,
  },
  {
    code: 'forcesDeletion',
    level: oneHigher.high,
    detail: 'It asks Azure to go further than it would by itself: without the usual checks, or with what hangs on it.',
    raisedBy: 'switches of the query that force, delete, purge, cascade, ignore or bypass',
    find: findForce,
  },
  {
    code: 'weakensRecovery',
    level: oneHigher.high,
    detail: 'It switches off, or shortens, what lets deleted data come back.',
    raisedBy:
      'soft delete, purge protection, versions, immutability and backups with their policies and guards: switched off, deleted, left out or kept for a shorter time',
    find: (call) => findWeakened(call, recovery) ?? findRecoveryStopped(call),
  },
  {
    code: 'schedulesDeletion',
    level: oneHigher.high,
    detail: 'It has Azure delete data by itself, later.',
    raisedBy: 'new rules of a life cycle that delete, and times to live that are new or shorter',
    find: findScheduledDeletion,
  },
  {
    code: 'removesLock',
    level: oneHigher.high,
    detail: 'It removes or weakens a lock that somebody set against deletion or change.',
    raisedBy: 'deletes of locks; a lock that would no longer be read-only',
    find: findUnlocking,
  },
  {
    code: 'lockedTarget',
    level: oneHigher.high,
    detail: 'A lock stands against it: somebody wanted this not to happen.',
    raisedBy: 'deletes of what is locked, holds something locked or lies in something locked; writes to what is read-only',
    find: findLock,
  },
  {
    code: 'losesEntries',
    level: 'high',
    detail: 'A list would lose entries that it has now; what is left out is deleted.',
    raisedBy:
      'a PUT or PATCH whose list has fewer entries than the target has, or a PUT without a list of sub-resources; lists of who is let in do not count',
    find: findLostEntries,
  },
  {
    code: 'replacesSettings',
    level: oneHigher.medium,
    detail: 'It replaces all settings of an app; those that it does not name are deleted, and they can decide what code runs.',
    raisedBy: 'PUT of app settings, connection strings and the like',
    find: findReplacedSettings,
  },
];

export const deletionSettings: readonly Setting[] = recovery;

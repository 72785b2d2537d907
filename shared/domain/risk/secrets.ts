import { isWord } from './openings.ts';
import type { JudgedCall, RiskRule } from './rule.ts';
import { revealsByGet } from './verbs.ts';

/** What lies behind Azure Resource Manager at these types is another API, which answers a GET with its keys. */
const passedThrough =
  /^microsoft\.web\/sites\/(?:slots\/)?(?:hostruntime|extensions)(?:\/|$)|\/(?:[a-z]*prox(?:y|ies)|hostruntime)(?:\/|$)/;

/** Configurations that a GET answers with their values. */
const secretConfiguration =
  /^(?:appsettings|connectionstrings|publishingcredentials|azurestorageaccounts|metadata|pushsettings|authsettings|backup)$/;
const configuration = /^microsoft\.web\/(?:sites|sites\/slots|staticsites|staticsites\/builds)\/config$/;

/** Resources that hold the secret itself and answer a GET with it. */
const secretTypes =
  /^microsoft\.devtestlab\/labs\/users\/secrets$|\/managedclusters\/accessprofiles$|^microsoft\.servicefabricmesh\/secrets\/values$|\/(?:hostkeys|functionkeys|systemkeys|publishingcredentials)$/;

/** Reads whose answers hold what a script or a run printed, or addresses of what went in and came out of it. */
const recordsOfRuns =
  /^microsoft\.logic\/workflows\/(?:runs|triggers\/histories)(?:\/|$)|^microsoft\.automation\/automationaccounts\/(?:variables|jobs\/(?:output|streams|runbookcontent))$|\/(?:containers|deploymentscripts)\/logs$|\/runcommands$/;

function findMayReveal({ effect, request, path, action }: JudgedCall): string | undefined {
  const mayHold =
    ((effect.kind === 'check' || effect.kind === 'act') && effect.meaning === 'mayReveal') ||
    (effect.kind === 'read' && holdsRecords(path.verb === undefined ? path.type : `${path.type}/${path.verb}`, request));
  return mayHold ? `${request.method} ${action}` : undefined;
}

/** Of a run command only its view holds what it printed. */
function holdsRecords(type: string, { query }: JudgedCall['request']): boolean {
  return recordsOfRuns.test(type) && (!type.endsWith('/runcommands') || /instanceview/i.test(query['$expand'] ?? ''));
}

function findRevealing({ effect, request, path, action }: JudgedCall): string | undefined {
  const call = `${request.method} ${action}`;
  if (effect.kind === 'check') return effect.meaning === 'reveals' ? call : undefined;
  if (effect.kind === 'act') return effect.meaning === 'reveals' || effect.meaning === 'replacesKeys' ? call : undefined;
  if (effect.kind !== 'read') return undefined;
  if (revealsByGet(path.verb ?? '') || passedThrough.test(path.type) || secretTypes.test(path.type)) return call;
  if (configuration.test(path.type) && secretConfiguration.test(path.name?.toLowerCase() ?? '')) return `${call} of ${path.name}`;
  return findRevealingQuery(request.query);
}

/** Options by which a harmless read answers with more: the start-up data of a machine, an address to download an export from. */
function findRevealingQuery(query: Readonly<Record<string, string>>): string | undefined {
  if (/userdata/i.test(query['$expand'] ?? '')) return `?$expand=${query['$expand']}`;
  if (isWord(query['export'], 'true')) return '?export=true';
  return /keys|secret|credential|password/i.test(query['$expand'] ?? '') ? `?$expand=${query['$expand']}` : undefined;
}

/** Types that send copies of data elsewhere for as long as they exist. */
const copyingTypes =
  /\/(?:objectreplicationpolicies|dataexports|exports|continuousexports|blobinventorypolicies|inventorypolicies|replications|linkedservers|datashares|shares\/invitations)$/;

export const secretRules: readonly RiskRule[] = [
  {
    code: 'revealsSecrets',
    level: 'high',
    detail: 'Its answer holds keys, credentials or an address that works like one.',
    raisedBy:
      'actions named after keys, secrets, credentials, tokens, connection strings, SAS, kubeconfigs, publish profiles, callback, upload and download addresses; app settings; `list`; key APIs of apps; start-up data of machines',
    find: findRevealing,
  },
  {
    code: 'mayRevealSecrets',
    level: 'medium',
    detail: 'Its name does not say whether its answer holds secrets.',
    raisedBy:
      'reading actions named after settings, parameters, properties, connections, links, logs, details and templates; what runs, jobs, run commands and containers printed',
    find: findMayReveal,
  },
  {
    code: 'replacesKeys',
    level: 'high',
    detail: 'It replaces keys or credentials; whoever uses the old ones is locked out.',
    raisedBy: 'actions that regenerate, rotate, renew or reset',
    find: ({ effect, request, action }) =>
      effect.kind === 'act' && effect.meaning === 'replacesKeys' ? `${request.method} ${action}` : undefined,
  },
  {
    code: 'copiesDataOut',
    level: 'high',
    detail: 'It copies data to where others may read it.',
    raisedBy: 'actions that export, copy, capture, share or dump; policies of replication, inventory and export',
    find: ({ effect, request, action, path }) =>
      (effect.kind === 'act' && effect.meaning === 'exports') || (effect.kind === 'write' && copyingTypes.test(path.type))
        ? `${request.method} ${action}`
        : undefined,
  },
];

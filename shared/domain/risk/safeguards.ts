import { foldName, text } from '../arm-property.ts';
import { pathOf } from './differences.ts';
import { barrierOf } from './openings.ts';
import { type JudgedCall, oneHigher, type RiskRule } from './rule.ts';
import { findWeakened, grown, lowered, off, oneOf, type Setting, taken } from './settings.ts';

const disabled = oneOf('disabled', 'off', 'new', 'free');

/** What notices attacks. */
const detection: readonly Setting[] = [
  { property: 'pricingtier', type: /^microsoft\.security\/pricings$/, weak: oneOf('free'), leftOut: 'weak' },
  { property: 'isenabled', type: /^microsoft\.security\//, weak: off, leftOut: 'weak' },
  { property: 'enabled', type: /^microsoft\.security\//, weak: off, leftOut: 'weak' },
  { property: 'autoprovision', weak: disabled, leftOut: 'weak' },
  {
    property: 'state',
    type: /\/(?:securityalertpolicies|advancedthreatprotectionsettings|sqlvulnerabilityassessments)$/,
    weak: disabled,
    leftOut: 'weak',
  },
  { property: 'enabled', within: 'securitymonitoring', weak: off, leftOut: 'weak' },
  { property: 'enabled', within: 'azuredefender', weak: off, leftOut: 'weak' },
  { property: 'enabled', type: /^microsoft\.securityinsights\/alertrules$/, weak: off, leftOut: 'weak' },
  { property: 'enabled', within: 'azurepolicy', weak: off, leftOut: 'weak' },
  { property: 'threatintelmode', weak: oneOf('off'), leftOut: 'weak' },
  { property: 'mode', within: 'intrusiondetection', weak: oneOf('off'), leftOut: 'weak' },
];

/** What remembers who did what. */
const records: readonly Setting[] = [
  { property: 'enabled', within: 'logs', weak: off, leftOut: 'weak' },
  {
    property: 'enabled',
    type: /^microsoft\.insights\/(?:activitylogalerts|metricalerts|scheduledqueryrules|logprofiles|diagnosticsettings|actiongroups)$/,
    weak: off,
    leftOut: 'weak',
  },
  { property: 'enabled', type: /\/flowlogs$/, weak: off, leftOut: 'weak' },
  { property: 'enabled', within: 'omsagent', weak: off, leftOut: 'weak' },
  { property: 'state', type: /\/(?:extended)?auditingsettings$/, weak: disabled, leftOut: 'weak' },
  { property: 'retentionindays', weak: lowered, leftOut: 'fine' },
  { property: 'totalretentionindays', weak: lowered, leftOut: 'fine' },
  { property: 'value', type: /^microsoft\.dbfor[a-z]+\/[a-z]+(?:\/configurations)?$/, weak: oneOf('none'), leftOut: 'fine' },
];

/** What keeps data unreadable to whoever takes the disk. */
const encryption: readonly Setting[] = [
  { property: 'state', type: /\/transparentdataencryption$/, weak: disabled, leftOut: 'weak' },
  { property: 'status', type: /\/transparentdataencryption$/, weak: disabled, leftOut: 'weak' },
  { property: 'encryptionathost', weak: off, leftOut: 'weak' },
  { property: 'enabled', within: 'encryption', weak: off, leftOut: 'weak' },
  { property: 'enabled', within: 'encryptionsettingscollection', weak: off, leftOut: 'weak' },
];

/** What keeps people out; what is taken away here stood in somebody's way. */
const barriers: readonly Setting[] = [
  { property: 'networksecuritygroup', weak: taken, leftOut: 'weak' },
  { property: 'firewallpolicy', weak: taken, leftOut: 'weak' },
  { property: 'webapplicationfirewallpolicylink', weak: taken, leftOut: 'weak' },
  { property: 'ddosprotectionplan', weak: taken, leftOut: 'weak' },
  { property: 'enableddosprotection', weak: off, leftOut: 'weak' },
  { property: 'enabledstate', within: 'policysettings', weak: disabled, leftOut: 'weak' },
  { property: 'state', within: 'policysettings', weak: disabled, leftOut: 'weak' },
  { property: 'mode', within: 'policysettings', weak: oneOf('detection'), leftOut: 'weak' },
  { property: 'enabled', within: 'webapplicationfirewallconfiguration', weak: off, leftOut: 'weak' },
  { property: 'firewallmode', weak: oneOf('detection'), leftOut: 'weak' },
  ...['exclusions', 'rulegroupoverrides', 'disabledrulegroups', 'disabledrules'].map(
    (property): Setting => ({
      property,
      type: /\/(?:[a-z]*webapplicationfirewallpolicies|applicationgateways)$/,
      weak: grown,
      leftOut: 'fine',
    }),
  ),
  { property: 'datamaskingstate', weak: disabled, leftOut: 'weak' },
  ...['trustpolicy', 'quarantinepolicy'].map((within): Setting => ({ property: 'status', within, weak: disabled, leftOut: 'weak' })),
  { property: 'securebootenabled', weak: off, leftOut: 'weak' },
  { property: 'vtpmenabled', weak: off, leftOut: 'weak' },
];

const detectionTypes =
  /^microsoft\.security\/(?!assessments)|^microsoft\.securityinsights\/(?:onboardingstates|alertrules|dataconnectors|settings)$|\/(?:securityalertpolicies|advancedthreatprotectionsettings)$/;
const recordTypes =
  /^microsoft\.insights\/(?:diagnosticsettings|activitylogalerts|metricalerts|scheduledqueryrules|logprofiles|actiongroups|datacollectionrules|datacollectionruleassociations|datacollectionendpoints)$|\/flowlogs$|^microsoft\.operationalinsights\/workspaces(?:\/linkedservices|\/dataexports|\/tables|\/intelligencepacks)?$|auditingsettings$/;

const suppressing = /^microsoft\.security\/alertssuppressionrules$|^microsoft\.alertsmanagement\/actionrules$/;

/** Agents on a machine or a cluster that watch it, by the words in the names of their extensions and types. */
const watchers = /defender|(?:^|[./])mde\b|antimalware|attestation|security|qualys|azurepolicy|policyinsights/;
const recorders = /monitor|oms|diagnostic|dependencyagent|changetracking|containerinsights/;

/** The extension that a call deletes, where its name or its type says that it is one of some kind. */
function deletedAgent({ effect, path, current }: JudgedCall, kind: RegExp): string | undefined {
  if (effect.kind !== 'delete' || !path.type.endsWith('/extensions')) return undefined;
  const names = [path.name ?? '', ...['type', 'publisher', 'extensiontype'].map((name) => text(current, 'properties', name) ?? '')];
  return names.some((name) => kind.test(foldName(name))) ? path.name : undefined;
}

/** An action that stops something of a type that watches or records. */
function stops({ effect, path }: JudgedCall, types: RegExp): boolean {
  return effect.kind === 'act' && /^(?:disable|stop|suspend|pause)/.test(path.verb ?? '') && types.test(path.type);
}

/** Properties that say with which key data is encrypted; whoever holds another key holds the data. */
const encryptionKeys = [
  'keyvaulturi',
  'keyurl',
  'keyidentifier',
  'keyvaultkeyuri',
  'keyvaultkeyidentifier',
  'keyname',
  'serverkeyname',
  'diskencryptionsetid',
] as const;

function findOtherKey({ effect, exists, differences }: JudgedCall): string | undefined {
  if (effect.kind !== 'write' || !exists) return undefined;
  const changed = encryptionKeys
    .flatMap((name) => differences.of(name))
    .find(({ before, after }) => typeof after === 'string' && (typeof before !== 'string' || before.toLowerCase() !== after.toLowerCase()));
  return changed === undefined ? undefined : pathOf(changed.place);
}

export const safeguardProperties: readonly string[] = encryptionKeys;

const barrierTypes = /\/webapplicationfirewallpolicies$|^microsoft\.network\/(?:azurefirewalls|firewallpolicies|ddosprotectionplans)/;

function findLostBarrier({ effect, path, current, differences }: JudgedCall): string | undefined {
  if (effect.kind === 'delete') return barrierTypes.test(path.type) ? path.type : current === undefined ? undefined : barrierOf(current);
  const loss = differences.losses.find(({ lost }) => lost.some((entry) => barrierOf(entry) !== undefined));
  return loss === undefined ? undefined : `denials in ${pathOf(loss.place)}`;
}

export const safeguardRules: readonly RiskRule[] = [
  {
    code: 'weakensDetection',
    level: oneHigher.high,
    detail: 'It switches off, or removes, what notices attacks.',
    raisedBy:
      'Defender plans and settings, threat protection, Sentinel rules and connectors, agents that watch: disabled or deleted; rules that suppress alerts',
    find: (call) =>
      (call.effect.kind === 'delete' && detectionTypes.test(call.path.type)) ||
      stops(call, detectionTypes) ||
      (call.effect.kind === 'write' && suppressing.test(call.path.type))
        ? call.path.type
        : (deletedAgent(call, watchers) ?? findWeakened(call, detection)),
  },
  {
    code: 'weakensRecords',
    level: oneHigher.high,
    detail: 'It switches off, shortens or removes what records who did what.',
    raisedBy:
      'diagnostic settings, audit settings, flow logs, alerts, log workspaces and their agents: disabled, deleted or kept for a shorter time',
    find: (call) =>
      (call.effect.kind === 'delete' && recordTypes.test(call.path.type)) || stops(call, recordTypes)
        ? call.path.type
        : (deletedAgent(call, recorders) ?? findWeakened(call, records)),
  },
  {
    code: 'weakensEncryption',
    level: 'high',
    detail: 'It leaves data unencrypted that is encrypted now, or would be.',
    raisedBy: 'transparent data encryption, encryption at host or of disks switched off',
    find: (call) => findWeakened(call, encryption),
  },
  {
    code: 'changesEncryptionKey',
    level: oneHigher.high,
    detail: 'It has data encrypted with another key; whoever holds that key can take the data away from everybody.',
    raisedBy: 'another key, vault or encryption set in a write to something that exists',
    find: findOtherKey,
  },
  {
    code: 'removesBarrier',
    level: oneHigher.high,
    detail: 'It removes something that keeps people out.',
    raisedBy:
      'a network security group taken off, a firewall or its policy disabled, deleted, only watching or with more exceptions, secure boot or data masking off, a rule that denies deleted or left out',
    find: (call) => findWeakened(call, barriers) ?? findLostBarrier(call),
  },
];

export const safeguardSettings: readonly Setting[] = [...detection, ...records, ...encryption, ...barriers];

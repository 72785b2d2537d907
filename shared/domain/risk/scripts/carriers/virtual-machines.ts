import { isJsonObject, type JsonObject, type JsonValue } from '../../../json.ts';
import type { RuleSubject } from '../../subject.ts';
import { base64Text } from '../decode.ts';
import type { ScriptFactorCode } from '../script-factors.ts';
import { literal, type Value } from '../values.ts';
import {
  at,
  type Carried,
  type CarriedFact,
  type CarriedLanguage,
  type CarriedScript,
  firstText,
  nothing,
  scriptText,
  textsAt,
} from './carried.ts';

/**
 * `POST …/runCommand` of machines and scale sets: `{ commandId, script: [], parameters: [{ name, value }] }`.
 * Source: learn.microsoft.com/rest/api/compute/virtual-machines/run-command.
 */
export function findRunCommand({ request, path }: RuleSubject): Carried {
  if (path.verb !== 'runcommand' || !/^microsoft\.(?:compute|hybridcompute|azurestackhci)\//.test(path.type)) return nothing;
  const { body } = request;
  const commandId = firstText(body, 'commandId').toLowerCase();
  const language: CarriedLanguage = commandId.includes('powershell') ? 'powershell' : commandId === 'runshellscript' ? 'bash' : 'either';
  const parameters = parametersOf(body, 'parameters');
  const scripts = at(body, 'script').flatMap(({ where, value }): CarriedScript[] => {
    const text = scriptText(value);
    return text === undefined ? [] : [{ where, language, text, ...parameters }];
  });
  const facts: CarriedFact[] = [{ where: 'commandId', code: 'runsCode', shows: commandId.slice(0, 40) }];
  const built = builtIn[commandId];
  if (built !== undefined) facts.push({ where: 'commandId', code: built, shows: commandId });
  return { scripts: [...scripts, ...injected(parameters.given)], facts };
}

/** Commands that a machine has by itself and that open it. Source: learn.microsoft.com/azure/virtual-machines/windows/run-command. */
const builtIn: Readonly<Record<string, ScriptFactorCode>> = {
  enableadminaccount: 'scriptPersists',
  resetaccountpassword: 'scriptPersists',
  enableremoteps: 'scriptPersists',
  setrdpport: 'scriptPersists',
  disablenla: 'scriptDisablesDefences',
  disablewindowsupdate: 'scriptDisablesDefences',
};

/** The resource `…/runCommands/{name}`. Source: learn.microsoft.com/rest/api/compute/virtual-machine-run-commands. */
export function findRunCommands({ request, path }: RuleSubject): Carried {
  if (!/\/runcommands$/.test(path.type)) return nothing;
  const properties = at(request.body, 'properties')[0]?.value;
  const parameters = parametersOf(request.body, 'properties', 'parameters');
  const scripts = at(request.body, 'properties', 'source', 'script').flatMap(({ where, value }): CarriedScript[] => {
    const text = scriptText(value);
    return text === undefined ? [] : [{ where, language: 'either', text, ...parameters }];
  });
  const facts: CarriedFact[] = [{ where: 'properties.source', code: 'runsCode', shows: path.type }];
  for (const name of ['scriptUri', 'galleryScriptReferenceId']) {
    for (const { where } of textsAt(properties, 'source', name))
      facts.push({ where: `properties.${where}`, code: 'codeFromElsewhere', shows: name });
  }
  for (const name of ['outputBlobUri', 'errorBlobUri']) {
    for (const { where, value } of textsAt(properties, name))
      if (value !== '') facts.push({ where: `properties.${where}`, code: 'scriptSendsData', shows: name });
  }
  const commandId = firstText(properties, 'source', 'commandId').toLowerCase();
  const built = builtIn[commandId];
  if (built !== undefined) facts.push({ where: 'properties.source.commandId', code: built, shows: commandId });
  return { scripts: [...scripts, ...injected(parameters.given)], facts };
}

type Parameters = { readonly given: ReadonlyMap<string, readonly Value[]>; readonly positional: readonly Value[] };

/** Parameters become variables and arguments of the script; those that are protected cannot be seen and stay unknown. */
function parametersOf(body: JsonValue | undefined, ...names: readonly string[]): Parameters {
  const given = new Map<string, readonly Value[]>();
  const positional: Value[] = [];
  for (const { value } of at(body, ...names).flatMap((found) =>
    Array.isArray(found.value) ? found.value.map((value: JsonValue) => ({ value })) : [],
  )) {
    const text = firstText(value, 'value');
    const name = firstText(value, 'name');
    positional.push(literal(text));
    if (name !== '') {
      given.set(name, [literal(text)]);
      given.set(name.toLowerCase(), [literal(text)]);
    }
  }
  return { given, positional };
}

/** A parameter is put into a command line as it is: one with signs of the shell is a script of its own. */
function injected(given: Parameters['given']): readonly CarriedScript[] {
  return [...given].flatMap(([name, values]) =>
    values.flatMap(({ text }) => (/[;&|`\n]|\$\(/.test(text) ? [{ where: `parameters.${name}`, language: 'either' as const, text }] : [])),
  );
}

/** Extensions that only watch, update or encrypt, by publisher and type. Everything else may run anything. */
const plainExtensions: ReadonlySet<string> = new Set([
  'microsoft.azure.monitor/azuremonitorlinuxagent',
  'microsoft.azure.monitor/azuremonitorwindowsagent',
  'microsoft.azure.monitoring.dependencyagent/dependencyagentlinux',
  'microsoft.azure.monitoring.dependencyagent/dependencyagentwindows',
  'microsoft.azure.networkwatcher/networkwatcheragentlinux',
  'microsoft.azure.networkwatcher/networkwatcheragentwindows',
  'microsoft.azure.recoveryservices/vmsnapshot',
  'microsoft.azure.recoveryservices/vmsnapshotlinux',
  'microsoft.azure.security/azurediskencryption',
  'microsoft.azure.security/azurediskencryptionforlinux',
  'microsoft.azure.security/iaasantimalware',
  'microsoft.azure.azuredefenderforservers/mde.linux',
  'microsoft.azure.azuredefenderforservers/mde.windows',
  'microsoft.azure.security.linuxattestation/guestattestation',
  'microsoft.azure.security.windowsattestation/guestattestation',
  'microsoft.cplat.core/linuxpatchextension',
  'microsoft.cplat.core/windowspatchextension',
  'microsoft.azure.activedirectory/aadsshloginforlinux',
  'microsoft.azure.activedirectory/aadloginforwindows',
  'microsoft.managedservices/applicationhealthlinux',
  'microsoft.managedservices/applicationhealthwindows',
]);

/**
 * Extensions of machines, of scale sets and of machines elsewhere, wherever in a body they stand: what has a publisher and a type of handler.
 * Source: learn.microsoft.com/azure/virtual-machines/extensions/custom-script-linux, …/custom-script-windows, …/dsc-overview, …/vmaccess-linux.
 */
export function findExtensions({ request, path }: RuleSubject): Carried {
  const scripts: CarriedScript[] = [];
  const facts: CarriedFact[] = [];
  const isExtension = /\/extensions$/.test(path.type) && !path.type.startsWith('microsoft.web/');
  const visit = (value: JsonValue, where: string): void => {
    if (Array.isArray(value)) {
      value.forEach((element: JsonValue, index) => {
        visit(element, `${where}[${index}]`);
      });
    } else if (isJsonObject(value)) {
      if (isHandler(value)) readExtension(value, where, scripts, facts);
      else for (const [name, own] of Object.entries(value)) visit(own, where === '' ? name : `${where}.${name}`);
    }
  };
  if (
    /^microsoft\.(?:compute|hybridcompute|azurestackhci|connectedvmwarevsphere|scvmm|servicefabric|azurearcdata)\//.test(path.type) ||
    isExtension
  )
    visit(request.body ?? null, '');
  if (isExtension && facts.length === 0 && scripts.length === 0 && !isPlain(at(request.body, 'properties')[0]?.value)) {
    facts.push({ where: 'properties', code: 'runsCode', shows: 'an extension' });
    const properties = at(request.body, 'properties')[0]?.value;
    if (isJsonObject(properties)) readSettings(properties, 'properties', 'line', scripts, facts);
  }
  return { scripts, facts };
}

function isHandler(value: JsonObject): boolean {
  const names = new Set(Object.keys(value).map((name) => name.toLowerCase()));
  return names.has('publisher') && (names.has('type') || names.has('settings') || names.has('protectedsettings'));
}

function isPlain(value: JsonValue | undefined): boolean {
  return plainExtensions.has(`${firstText(value, 'publisher')}/${firstText(value, 'type')}`.toLowerCase());
}

function readExtension(properties: JsonObject, where: string, scripts: CarriedScript[], facts: CarriedFact[]): void {
  if (isPlain(properties)) return;
  const type = firstText(properties, 'type').toLowerCase();
  facts.push({ where: `${where}.type`, code: 'runsCode', shows: type.slice(0, 60) });
  if (/^vmaccess/.test(type)) facts.push({ where: `${where}.type`, code: 'scriptPersists', shows: type });
  if (/dsc/.test(type)) facts.push({ where: `${where}.settings`, code: 'codeNotRead', shows: type });
  if (!/^customscript|dsc|^vmaccess|^runcommand/.test(type))
    facts.push({ where: `${where}.type`, code: 'codeNotRead', shows: type.slice(0, 60) });
  const language = /^customscriptextension/.test(type) ? 'cmd' : /^customscript/.test(type) ? 'bash' : 'line';
  readSettings(properties, where, language, scripts, facts);
}

const addressNames = ['fileUris', 'modulesUrl', 'scriptUri', 'scriptUrl', 'wmfVersionUrl', 'configurationUrl'];

function readSettings(
  properties: JsonObject,
  where: string,
  language: CarriedLanguage,
  scripts: CarriedScript[],
  facts: CarriedFact[],
): void {
  for (const found of at(properties, 'protectedSettingsFromKeyVault'))
    facts.push({ where: `${where}.${found.where}`, code: 'codeFromElsewhere', shows: 'settings in a vault' });
  for (const settings of ['settings', 'protectedSettings']) {
    for (const found of textsAt(properties, settings, 'commandToExecute'))
      scripts.push({ where: `${where}.${found.where}`, language, text: found.value });
    for (const found of at(properties, settings, 'script')) {
      const text = scriptText(found.value);
      const decoded = text === undefined ? undefined : base64Text(text);
      const own = `${where}.${found.where}`;
      if (decoded !== undefined) scripts.push({ where: own, language: language === 'cmd' ? 'either' : language, text: decoded });
      else if (text !== undefined && /^[A-Za-z0-9+/=\s]{16,}$/.test(text))
        facts.push({ where: own, code: 'scriptHidesContent', shows: 'compressed or binary' });
      else if (text !== undefined) scripts.push({ where: own, language: 'either', text });
    }
    for (const name of addressNames) {
      for (const found of textsAt(properties, settings, name))
        facts.push({ where: `${where}.${found.where}`, code: 'codeFromElsewhere', shows: name });
    }
    for (const found of textsAt(properties, settings, 'configuration', 'url'))
      facts.push({ where: `${where}.${found.where}`, code: 'codeFromElsewhere', shows: 'configuration.url' });
  }
}

/** `customData` and `userData` of machines and scale sets: cloud-init runs them at the first start. */
export function findStartData({ request, path }: RuleSubject): Carried {
  if (!/^microsoft\.(?:compute|azurestackhci|batch)\//.test(path.type)) return nothing;
  const parts: Carried[] = [];
  const visit = (value: JsonValue, where: string): void => {
    if (Array.isArray(value)) {
      value.forEach((element: JsonValue, index) => {
        visit(element, `${where}[${index}]`);
      });
    } else if (isJsonObject(value)) {
      for (const [name, own] of Object.entries(value)) {
        const place = where === '' ? name : `${where}.${name}`;
        if (/^(?:customdata|userdata)$/i.test(name) && typeof own === 'string' && own !== '') parts.push(startData(own, place));
        else visit(own, place);
      }
    }
  };
  visit(request.body ?? null, '');
  return { scripts: parts.flatMap(({ scripts }) => scripts), facts: parts.flatMap(({ facts }) => facts) };
}

function startData(encoded: string, where: string): Carried {
  const text = base64Text(encoded) ?? (/^#/.test(encoded) ? encoded : undefined);
  const runs: CarriedFact = { where, code: 'runsCode', shows: 'data for the first start' };
  if (text === undefined) return { scripts: [], facts: [runs, { where, code: 'scriptHidesContent', shows: 'compressed or binary' }] };
  if (/^#!.*(?:python|perl|ruby|node)/.test(text)) return { scripts: [{ where, language: 'foreign', text }], facts: [runs] };
  if (/^(?:#include|#part-handler|#upstart|content-type: multipart|## template)/im.test(text.slice(0, 200))) {
    return {
      scripts: [{ where, language: 'bash', text: cloudConfigCommands(text) }],
      facts: [runs, { where, code: 'codeFromElsewhere', shows: 'parts that are included' }],
    };
  }
  if (/^#cloud-config/.test(text))
    return { scripts: [{ where, language: 'bash', text: cloudConfigCommands(text) }], facts: [runs, ...cloudConfigFacts(text, where)] };
  return { scripts: [{ where, language: 'either', text }], facts: [runs] };
}

/** What of a cloud-init configuration is commands, one a line where it was; its YAML is taken apart by lines only. */
function cloudConfigCommands(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const item = /^\s*-\s*(.*)$/.exec(line)?.[1];
      const list = item === undefined ? undefined : /^\[(.*)\]\s*$/.exec(item)?.[1];
      if (list !== undefined) return wordsOfList(list);
      if (item !== undefined && !/^\w+:\s/.test(item)) return item.replace(/^(["'])(.*)\1$/, '$2');
      return /^\s{2,}\S/.test(line) && !/^\s*[\w-]+:(?:\s|$)/.test(line) ? line : '';
    })
    .join('\n');
}

function wordsOfList(list: string): string {
  return (list.match(/"[^"]*"|'[^']*'|[^\s,]+/g) ?? []).join(' ');
}

function cloudConfigFacts(text: string, where: string): readonly CarriedFact[] {
  const facts: CarriedFact[] = [];
  if (
    /^(?:users|ssh_authorized_keys|chpasswd|password|ssh_import_id|\s+(?:sudo|ssh-authorized-keys|ssh_authorized_keys|passwd|ssh_import_id)):?/im.test(
      text,
    )
  ) {
    facts.push({ where, code: 'scriptPersists', shows: 'users or keys' });
  }
  if (/^\s*(?:-\s*)?path:\s*\/(?:etc\/(?:cron|systemd|sudoers|ssh|profile|rc)|root\/\.ssh|home\/[^/]+\/\.ssh)/im.test(text))
    facts.push({ where, code: 'scriptPersists', shows: 'files that stay' });
  if (/^\s*(?:-\s*)?encoding:\s*["']?(?:b64|base64|gz|gzip)/im.test(text))
    facts.push({ where, code: 'scriptHidesContent', shows: 'encoded files' });
  if (/^\s*-?\s*#include|source:\s*["']?(?:uri:|https?:)/im.test(text))
    facts.push({ where, code: 'codeFromElsewhere', shows: 'a source elsewhere' });
  return facts;
}

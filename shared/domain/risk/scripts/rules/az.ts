import { type Field, type Invocation, type Judge, optionValue, optionValues, shown } from '../invocation.ts';
import type { ScriptFactorCode } from '../script-factors.ts';
import { judgeAzOptions } from './az-options.ts';

/** One row: what a command of Azure CLI does, by the words of its name. The first row that matches a code counts; several codes may match. */
type AzRow = readonly [code: ScriptFactorCode, command: RegExp];

/** Source: learn.microsoft.com/cli/azure/reference-index. Words are joined by blanks, in lower case. */
const rows: readonly AzRow[] = [
  [
    'scriptDestroysData',
    /^(?:group|resource|vm|vmss|disk|snapshot|image|aks|cosmosdb(?: \S+)*|sql(?: \S+)*|postgres(?: \S+)*|mysql(?: \S+)*|mariadb(?: \S+)*|redis|redisenterprise(?: \S+)*|keyvault(?: \S+)*|backup(?: \S+)*|dataprotection(?: \S+)*|storage (?:account|container|blob|share|file|table|queue|directory|entity|fs|container-rm|share-rm)(?: \S+)*|netappfiles(?: \S+)*|acr(?: \S+)*|synapse(?: \S+)*|kusto(?: \S+)*|eventhubs namespace|servicebus namespace|managementapp|stack \S+|appconfig|search service|databricks workspace|ml workspace|account management-group|managed-cassandra \S+|monitor log-analytics workspace|hdinsight|elastic-san(?: \S+)*) (?:delete|delete-batch|purge|remove|delete-immutability-policy)$/,
  ],
  ['scriptDestroysData', /^storage remove$|(?:^| )(?:purge|purge-deleted|delete-batch|disable-protection|undeletable|clear)$/],
  ['scriptDeletes', /(?:^| )(?:delete|remove|deprovision|detach|cancel|unregister|uninstall|revoke)(?:-\S+)?$/],
  [
    'scriptReadsCredentials',
    /^account get-access-token$|^keyvault (?:secret|key|certificate) (?:show|download|backup|list-versions|get-attributes)$|^ad (?:sp|app) (?:create-for-rbac|credential reset)|^aks get-credentials$|^acr (?:credential show|login|token \S+)|(?:^| )(?:list-keys|listkeys|keys list|key list|list-connection-strings|show-connection-string|connection-string show|credentials list|list-publishing-(?:profiles|credentials)|admin-key show|query-key list|list-query-keys|generate-sas|list-credentials|get-credentials|list-cluster-admin-credential|auth-keys list|access-key list|primary-key show|authentication-key list|list-auth-keys|show-secrets?|secret show|list-sas|authorization-rule keys list|publish-profile show|token create|credential show|credential list)$|^(?:webapp|functionapp|staticwebapp) (?:config appsettings list|config connection-string list|keys list|function keys list|deployment list-publishing-\S+|appsettings list|secrets list)$|^disk grant-access$|^snapshot grant-access$|^container logs$|^containerapp secret show$|^sshkey create$|^batch account keys list$|^iot hub connection-string show$|^signalr key list$|^storage account keys renew$|^cognitiveservices account keys \S+$/,
  ],
  [
    'scriptGrantsAccess',
    /^role (?:assignment|definition) (?:create|update|delete)$|^ad (?:group member add|group owner add|app owner add|app permission \S+|app federated-credential create|sp owner add|user (?:create|update)|app create|sp create)$|^identity (?:create|assign|federated-credential create)$|^(?:vm|vmss|webapp|functionapp|containerapp|aks|acr) identity assign$|^keyvault (?:set-policy|role assignment create)$|^policy (?:exemption|assignment|definition) (?:create|delete|update)$|^(?:group |resource )?(?:lock|account lock) delete$|^lock (?:delete|update)$|^managedservices \S+ create$|^sql server ad-admin (?:create|update)$|^(?:postgres|mysql) flexible-server (?:ad-admin|microsoft-entra-admin) create$|^aks (?:update-credentials|trustedaccess \S+ create)$|^cosmosdb sql role \S+ create$|^redis access-policy\S* create$/,
  ],
  [
    'scriptPersists',
    /^vm user (?:update|reset-ssh)$|^(?:vm|vmss) extension set$|^sshkey \S+$|^automation (?:schedule|webhook|runbook) \S+$|^logic workflow create$|^functionapp (?:create|deployment source \S+)$|^monitor action-group create$|^eventgrid event-subscription create$/,
  ],
  [
    'scriptSendsData',
    /^storage (?:blob|file|fs|directory|copy|azcopy)(?: \S+)* ?(?:upload|upload-batch|copy start|copy start-batch|sync|copy|append)$|^storage copy$|^acr (?:import|build)$|^sql db export$|^disk grant-access$|^iot hub invoke-device-method$|^eventgrid \S+ publish$/,
  ],
  [
    'scriptDownloads',
    /(?:^| )(?:download|download-batch)$|^extension add$|^bicep install$|^aks install-cli$|^artifacts universal download$/,
  ],
  [
    'scriptRunsElsewhere',
    /^(?:vm|vmss) run-command (?:invoke|create|update)$|^aks command invoke$|^container exec$|^containerapp (?:exec|job start)$|^webapp (?:ssh|deploy|create-remote-connection|deployment (?:source|github-actions|slot) \S+)$|^functionapp deploy(?:ment source \S+)?$|^acr (?:run|task \S+)$|^connectedmachine (?:run-command create|extension create)$|^ssh \S+$|^deployment-scripts create$|^serial-console \S+$|^network bastion (?:ssh|rdp|tunnel)$|^automation runbook start$|^ml job create$|^batch task create$/,
  ],
  [
    'scriptDisablesDefences',
    /^security (?:pricing create|setting update|auto-provisioning-setting update|alerts-suppression-rule \S+)$|^monitor (?:diagnostic-settings|activity-log alert|log-profiles|metrics alert) (?:delete|update)$|^network nsg(?: rule)? delete$|^network watcher flow-log delete$/,
  ],
  [
    'scriptInterruptsService',
    /(?:^| )(?:stop|restart|deallocate|power-off|redeploy|reimage|failover|force-failover|poweroff|simulate-eviction|swap)$/,
  ],
];

/** Last words of names that only look. Everything else changes something. */
const looking =
  /^(?:list|show|get|exists|wait|check|validate|query|version|login|logout|set|what-if|find|help|interactive|url|count|generate|tail|download|search|describe|estimate|clear|ping|summarize|preview|test|calculate|export|metadata|graph|cost|feedback|configure|upgrade|rest)(?:-\S+)?$|^list-\S+$|^show-\S+$|^get-\S+$|^check-\S+$/;

const localGroups =
  /^(?:account (?:set|list|show|clear)|login|logout|config|configure|version|cloud|cache|find|feedback|interactive|upgrade|bicep|extension list|help|--version|self-test|graph query|monitor \S+ (?:list|show|query)|advisor|vm list-\S+)/;

/** `az …`: by its words, then what it carries. */
export function judgeAz(invocation: Invocation, judge: Judge): boolean {
  if (invocation.name !== 'az') return false;
  const words = commandWords(invocation);
  const command = words.join(' ').toLowerCase();
  if (command === '' && invocation.fields.some(({ text }) => !/^-/.test(text))) judge.found('scriptBuildsCommands', invocation.line, 'az');
  if (command === '' || command.includes('\u0000')) {
    if (command !== '') judge.found('scriptBuildsCommands', invocation.line, 'az');
    return true;
  }
  if (/^rest$/.test(command)) judgeRest(invocation, judge);
  const matched = new Set<ScriptFactorCode>();
  for (const [code, pattern] of rows) if (pattern.test(command)) matched.add(code);
  if (matched.has('scriptDestroysData')) matched.delete('scriptDeletes');
  for (const code of matched) judge.found(code, invocation.line, shown('az', command));
  const last = words.at(-1)?.toLowerCase() ?? '';
  if (matched.size === 0 && !localGroups.test(command) && !looking.test(last))
    judge.found('scriptChangesAzure', invocation.line, shown('az', command));
  if (/^(?:.*\s)?set(?:-\S+)?$/.test(command) && !/^(?:account|config|cloud) set$/.test(command) && matched.size === 0)
    judge.found('scriptChangesAzure', invocation.line, shown('az', command));
  judgeAzOptions(command, invocation, judge);
  judgeCarried(invocation, judge);
  return true;
}

/** Words before the first option are the name; an operand may follow only in a few commands. */
function commandWords(invocation: Invocation): readonly string[] {
  const words: string[] = [];
  let isValue = false;
  for (const { text } of invocation.fields) {
    if (isValue) {
      isValue = false;
      continue;
    }
    if (text.startsWith('-')) {
      if (words.length > 0) break;
      isValue = /^(?:-o|--out\S*|--subs\S*|--query)$/.test(text) && !text.includes('=');
      continue;
    }
    if (!/^[a-z][a-z0-9-]*$/i.test(text) && !text.includes('\u0000')) break;
    words.push(text);
  }
  return words;
}

/** `az rest` is any call at all. */
function judgeRest(invocation: Invocation, judge: Judge): void {
  const method = optionWithPrefix(invocation, '--method', '-m')?.text.toLowerCase() ?? 'get';
  const url = optionWithPrefix(invocation, '--url', '--uri', '-u')?.text.toLowerCase() ?? '';
  const shows = shown('az rest', method);
  if (method.includes('\u0000')) judge.found('scriptHidesContent', invocation.line, 'az rest');
  if (invocation.fields.some(({ text }) => /method-override/i.test(text))) judge.found('scriptDisguisesCommands', invocation.line, shows);
  if (/\/batch(?:$|\?)/.test(url)) judge.found('scriptHidesContent', invocation.line, shown('az rest', 'calls in a call'));
  if (method === 'delete') judge.found('scriptDestroysData', invocation.line, shows);
  else if (method !== 'get' && method !== 'head') judge.found('scriptChangesAzure', invocation.line, shows);
  if (
    /list\w*(?:keys|secrets|credential|connectionstrings|sas)|getsecret|\/secrets\/|vault\.azure\.net|regeneratekey|publishxml|config\/appsettings\/list/.test(
      url,
    )
  )
    judge.found('scriptReadsCredentials', invocation.line, shows);
  if (
    /roleassignments|roledefinitions|elevateaccess|microsoft\.authorization|graph\.microsoft\.com|graph\.windows\.net/.test(url) &&
    method !== 'get'
  )
    judge.found('scriptGrantsAccess', invocation.line, shows);
  if (/runcommand|\/extensions\/|deploymentscripts/.test(url) && method !== 'get')
    judge.found('scriptRunsElsewhere', invocation.line, shows);
  if (
    url !== '' &&
    !/^\/|^https:\/\/(?:[\w-]+\.)*(?:azure\.com|microsoft\.com|azure\.net|windows\.net|microsoftazure\.\w+|azure\.us|azure\.cn)(?:\/|$|:)/.test(
      url,
    )
  )
    judge.found('scriptSendsData', invocation.line, shown('az rest', 'another host'));
}

/** Azure CLI takes any beginning of an option that is the only one. */
function optionWithPrefix(invocation: Invocation, long: string, ...short: readonly string[]): Field | undefined {
  const { fields } = invocation;
  for (const [index, field] of fields.entries()) {
    const [name = '', value] = field.text.split(/=(.*)/s);
    const isGiven = short.includes(name) || (name.length >= 4 && long.startsWith(name.toLowerCase()));
    if (isGiven) return value === undefined ? fields[index + 1] : { ...field, text: value };
  }
  return undefined;
}

/** Scripts that a command takes along to where it runs them. */
function judgeCarried(invocation: Invocation, judge: Judge): void {
  const commandId = optionValue(invocation, '--command-id')?.text.toLowerCase() ?? '';
  const language = commandId.includes('powershell') ? 'powershell' : 'bash';
  const scripts = valuesUntilOption(invocation, '--scripts', '--script');
  for (const field of scripts) {
    if (field.text.startsWith('@')) judge.found('codeNotRead', invocation.line, 'az --scripts @file');
    else judge.judgeTexts(language, [field], invocation.line);
  }
  if (scripts.length > 1)
    judge.judgeTexts(language, [{ text: scripts.map(({ text }) => text).join('\n'), traits: new Set() }], invocation.line);
  const inner = invocation.fields.findIndex(({ text }) => text === '--');
  if (inner !== -1 && inner + 1 < invocation.fields.length) judge.judgeFields(invocation.fields.slice(inner + 1), invocation);
  for (const field of optionValues(invocation, '--command', '-c', '--exec-command', '--command-line', '--startup-file', '--cmd'))
    judge.judgeTexts('bash', [field], invocation.line);
}

function valuesUntilOption(invocation: Invocation, ...names: readonly string[]): readonly Field[] {
  const values: Field[] = [];
  let isInside = false;
  for (const field of invocation.fields) {
    if (names.includes(field.text)) isInside = true;
    else if (/^--?[a-z]/i.test(field.text)) isInside = false;
    else if (isInside) values.push(field);
  }
  return values;
}

import { isJsonObject, type JsonObject, type JsonValue } from '../../../json.ts';
import type { RuleSubject } from '../../subject.ts';
import { base64Text } from '../decode.ts';
import type { ScriptFactorCode } from '../script-factors.ts';
import {
  type Carried,
  type CarriedFact,
  type CarriedLanguage,
  type CarriedScript,
  nothing,
  propertiesOf,
  scriptText,
  wordsText,
} from './carried.ts';

/** Types that are or start code, whatever their body says. */
const codeTypes: readonly (readonly [type: RegExp, code: ScriptFactorCode])[] = [
  [/^microsoft\.containerregistry\/registries\/(?:tasks|taskruns|buildtasks|pipelineruns|agentpools)/, 'codeNotRead'],
  [/^microsoft\.logic\/(?:workflows|integrationaccounts)/, 'codeNotRead'],
  [
    /^microsoft\.(?:datafactory\/factories|synapse\/workspaces)\/(?:pipelines|triggers|dataflows|notebooks|sparkjobdefinitions|sqlscripts|bigdatapools\/libraries)/,
    'codeNotRead',
  ],
  [
    /^microsoft\.machinelearningservices\/workspaces\/(?:jobs|schedules|onlineendpoints\/deployments|batchendpoints\/deployments|components|codes|environments|computes)/,
    'codeNotRead',
  ],
  [
    /^microsoft\.(?:app\/(?:containerapps|jobs|sessionpools)|containerinstance\/containergroups|servicefabric\/(?:clusters|managedclusters)\/applications|appplatform\/spring\/apps)/,
    'deploysPackage',
  ],
  [/^microsoft\.batch\/batchaccounts\/(?:pools|applications|jobs)/, 'codeNotRead'],
  [/^microsoft\.hdinsight\/clusters/, 'codeNotRead'],
  [/^microsoft\.kusto\/clusters\/databases\/scripts/, 'codeNotRead'],
  [/^microsoft\.documentdb\/.*\/(?:storedprocedures|triggers|userdefinedfunctions)$/, 'codeNotRead'],
  [/^microsoft\.sql\/servers\/jobagents\/jobs/, 'codeNotRead'],
  [/^microsoft\.streamanalytics\/streamingjobs/, 'codeNotRead'],
  [/^microsoft\.apimanagement\/service\/.*polic(?:y|ies|yfragments)$/, 'codeNotRead'],
  [/^microsoft\.virtualmachineimages\/imagetemplates/, 'codeNotRead'],
  [/^microsoft\.compute\/galleries\/applications\/versions/, 'deploysPackage'],
  [/\/scriptexecutions$/, 'codeNotRead'],
  [/^microsoft\.kubernetesconfiguration\/(?:extensions|fluxconfigurations|sourcecontrolconfigurations)/, 'codeFromElsewhere'],
  [/^microsoft\.guestconfiguration\/guestconfigurationassignments/, 'codeNotRead'],
  [/^microsoft\.devtestlab\/labs\/(?:artifactsources|virtualmachines)/, 'codeNotRead'],
  [/^microsoft\.devcenter\//, 'codeNotRead'],
  [/^microsoft\.chaos\/experiments/, 'scriptInterruptsService'],
  [/^microsoft\.resourceconnector|^microsoft\.kubernetes\/connectedclusters\/.*extensions/, 'codeNotRead'],
];

/** Actions that run something. */
const codeActions =
  /^(?:exec|execute|executescriptactions|executescript|schedulerun|applyartifacts|run|createrun|start|invoke|trigger|queue|runnow|executecommand|command|attach|validate(?:script|command))$/;
const startingTypes =
  /^microsoft\.(?:containerinstance\/containergroups\/containers|containerregistry\/registries|app\/jobs|logic\/workflows\/triggers|datafactory\/factories\/pipelines|synapse\/workspaces\/pipelines|hdinsight\/clusters|devtestlab\/labs\/virtualmachines|virtualmachineimages\/imagetemplates|web\/.*)/;

/** Names of properties that carry code in any type, in lower case. */
const codeNames: Readonly<Record<string, CarriedLanguage | 'words' | 'encoded' | ScriptFactorCode>> = {
  script: 'either',
  scripts: 'either',
  scriptcontent: 'either',
  inlinescript: 'either',
  powershellscript: 'powershell',
  shellscript: 'bash',
  inline: 'either',
  command: 'words',
  commands: 'words',
  args: 'words',
  arguments: 'words',
  commandline: 'line',
  commandtoexecute: 'line',
  startupcommand: 'line',
  installcommand: 'line',
  install: 'line',
  update: 'line',
  remove: 'line',
  entrypoint: 'words',
  appcommandline: 'line',
  prestartcommand: 'line',
  scriptdata: 'encoded',
  encodedtaskcontent: 'encoded',
  encodedvaluescontent: 'encoded',
  scripturi: 'codeFromElsewhere',
  primaryscripturi: 'codeFromElsewhere',
  scripturl: 'codeFromElsewhere',
  scriptlink: 'codeFromElsewhere',
  fileuris: 'codeFromElsewhere',
  httpurl: 'codeFromElsewhere',
  contenturi: 'codeFromElsewhere',
  customconfigurationscripturl: 'codeFromElsewhere',
  repourl: 'codeFromElsewhere',
  repositoryurl: 'codeFromElsewhere',
  dockerfilepath: 'codeNotRead',
  packagereferenceid: 'deploysPackage',
  sourcelocation: 'codeNotRead',
  code: 'foreign',
};

/** Properties whose name means code only in types that run some. */
const onlyWhereCodeRuns: ReadonlySet<string> = new Set([
  'inline',
  'args',
  'arguments',
  'install',
  'update',
  'remove',
  'commands',
  'entrypoint',
  'code',
  'httpurl',
  'contenturi',
  'sourcelocation',
  'scripts',
  'repourl',
  'repositoryurl',
]);

/** Templates are entered by who reads templates, resource by resource. */
const templateTypes = /^microsoft\.resources\/(?:deployments|deploymentstacks|templatespecs)|^microsoft\.blueprint\//;

/** Code in places that have no finder of their own, by the names of types, actions and properties. */
export function findElsewhere({ request, path }: RuleSubject): Carried {
  if (templateTypes.test(path.type)) return nothing;
  const scripts: CarriedScript[] = [];
  const facts: CarriedFact[] = [];
  for (const [type, code] of request.method === 'POST' ? [] : codeTypes)
    if (type.test(path.type)) facts.push({ where: path.type, code, shows: path.verb ?? '' });
  const isAction =
    path.verb !== undefined &&
    codeActions.test(path.verb) &&
    startingTypes.test(path.type) &&
    !(path.verb === 'start' && /virtualmachines$/.test(path.type));
  if (isAction && facts.length === 0) facts.push({ where: path.type, code: 'codeNotRead', shows: path.verb ?? '' });
  visit(request.body ?? null, '', facts.length > 0, scripts, facts);
  return facts.length + scripts.length === 0
    ? nothing
    : { scripts, facts: [...facts, { where: path.type, code: 'runsCode', shows: path.verb ?? '' }] };
}

function visit(value: JsonValue, where: string, runsCode: boolean, scripts: CarriedScript[], facts: CarriedFact[]): void {
  if (Array.isArray(value)) {
    value.forEach((element: JsonValue, index) => {
      visit(element, `${where}[${index}]`, runsCode, scripts, facts);
    });
    return;
  }
  if (!isJsonObject(value)) return;
  addRunTogether(value, where, scripts);
  for (const [name, own] of Object.entries(value)) {
    const lower = name.toLowerCase();
    const place = `${where === '' ? '' : `${where}.`}${name.slice(0, 60)}`;
    const means = meaningOfName(lower, own, runsCode);
    if (means !== undefined && addCode(means, own, place, scripts, facts)) continue;
    visit(own, place, runsCode, scripts, facts);
  }
}

/** Words at the end of a name that say that its text is run, whatever provider it is of. */
const runNames = /(?:^cmd|(?<!java|type|tran|manu|sub|post)script(?:text|block|body|content)?|commands?|commandline|cmdline)$/;

function meaningOfName(name: string, value: JsonValue, runsCode: boolean): (typeof codeNames)[string] | undefined {
  if (Object.hasOwn(codeNames, name)) return runsCode || !onlyWhereCodeRuns.has(name) ? codeNames[name] : undefined;
  return name.length <= 64 && runNames.test(name) && typeof value === 'string' && /\s/.test(value.trim()) ? 'either' : undefined;
}

/** The words of a container's command go on in its arguments. */
function addRunTogether(object: JsonObject, where: string, scripts: CarriedScript[]): void {
  const named = (name: string) => propertiesOf(object, name).at(-1)?.value;
  const [command, args] = [named('command') ?? named('entrypoint'), named('args') ?? named('arguments')];
  if (command === undefined || args === undefined) return;
  const words = [command, args]
    .flatMap((part: JsonValue) => (Array.isArray(part) ? part : [part]))
    .filter((word) => typeof word === 'string');
  if (words.length > 1) scripts.push({ where: where === '' ? 'command' : `${where}.command`, language: 'bash', text: wordsText(words) });
}

/** Gives whether the value was code of the kind that its name means. */
function addCode(
  means: CarriedLanguage | 'words' | 'encoded' | ScriptFactorCode,
  value: JsonValue,
  where: string,
  scripts: CarriedScript[],
  facts: CarriedFact[],
): boolean {
  const text = scriptText(value);
  if (text === undefined || text.trim() === '') return false;
  switch (means) {
    case 'words':
      scripts.push({
        where,
        language: 'bash',
        text: Array.isArray(value) ? wordsText(value.filter((word) => typeof word === 'string')) : text,
      });
      return true;
    case 'encoded': {
      const decoded = base64Text(text);
      if (decoded === undefined) facts.push({ where, code: 'scriptHidesContent', shows: 'compressed or binary' });
      else scripts.push({ where, language: 'bash', text: commandsOfTask(decoded) });
      return true;
    }
    case 'bash':
    case 'powershell':
    case 'cmd':
    case 'either':
    case 'line':
    case 'foreign':
      scripts.push({ where, language: means, text });
      return true;
    default:
      if (/:\/\//.test(text) || means !== 'codeFromElsewhere') facts.push({ where, code: means, shows: 'an address' });
      return true;
  }
}

/** `- cmd: …` of a task of a container registry is a command, everything else of it is none. */
function commandsOfTask(text: string): string {
  if (!/^\s*(?:version|steps)\s*:/m.test(text)) return text;
  return text
    .split('\n')
    .map((line) => /^\s*-?\s*(?:cmd|build|entryPoint)\s*:\s*(.*)$/.exec(line)?.[1]?.replace(/^(["'])(.*)\1$/, '$2') ?? '')
    .map((line) => line.replace(/^(?:bash|mcr\.\S+|\S+\/\S+|ubuntu\S*|alpine\S*|busybox\S*)\s+(?=(?:bash|sh|\/bin)\b|-c\b)/, ''))
    .map((line) => (line.startsWith('-c') ? `sh ${line}` : line))
    .join('\n');
}

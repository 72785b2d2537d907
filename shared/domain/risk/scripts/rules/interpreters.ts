import { hasOption, type Invocation, type Judge, operands, optionValues, shown } from '../invocation.ts';
import { namesMetadataEndpoint } from '../network-commands.ts';
import { isCredentialPath, isPersistencePath } from '../paths.ts';
import type { ScriptFactorCode } from '../script-factors.ts';
import { type Delimiter, segmentsOf } from '../segments.ts';
import { isKnown, type Value } from '../values.ts';
import { judgeFile } from './shells.ts';

/** Languages other than bash and PowerShell, and the option by which they take code. */
const interpreters: Readonly<Record<string, RegExp>> = {
  python: /^-[a-zA-Z]*c$/,
  perl: /^-[a-zA-Z]*[eE]$/,
  ruby: /^-[a-zA-Z]*e$/,
  node: /^(?:-e|-p|--eval|--print)$/,
  nodejs: /^(?:-e|-p|--eval|--print)$/,
  deno: /^eval$/,
  bun: /^-e$/,
  php: /^-r$/,
  lua: /^-e$/,
  tclsh: /^$/,
  expect: /^-c$/,
  osascript: /^-e$/,
  rscript: /^-e$/,
  julia: /^-e$/,
  groovy: /^-e$/,
  awk: /^$/,
  gdb: /^-(?:ex|iex|eval-command)$/,
  cscript: /^$/,
  wscript: /^$/,
  mshta: /^$/,
  gcc: /^$/,
  cc: /^$/,
  'add-type': /^$/,
  msbuild: /^$/,
  installutil: /^$/,
  regsvr32: /^$/,
  rundll32: /^$/,
  make: /^$/,
};

const awks: ReadonlySet<string> = new Set(['awk', 'gawk', 'mawk', 'nawk']);

/** Code in other languages is not parsed; it is searched for calls and texts that tell what it does, and it counts as not read. */
export function judgeInterpreter(invocation: Invocation, judge: Judge): boolean {
  const name = awks.has(invocation.name) ? 'awk' : invocation.name.replace(/^(python|perl|ruby|php|lua|node)[\d.]*w?$/, '$1');
  if (
    name === 'sed' ||
    name === 'vim' ||
    name === 'vi' ||
    name === 'ex' ||
    name === 'less' ||
    name === 'man' ||
    name === 'tar' ||
    name === 'zip' ||
    name === 'git' ||
    name === 'rsync' ||
    name === 'nmap'
  ) {
    judgeEscapes(name, invocation, judge);
    return false;
  }
  const option = Object.hasOwn(interpreters, name) ? interpreters[name] : undefined;
  if (option === undefined) return false;
  if (name === 'awk') {
    const [program] = operands(invocation);
    if (program !== undefined && /\bsystem\s*\(|\|\s*&?\s*(?:getline|")|"\s*\|\s*getline|\|\s*[a-z]+\s*$|\/inet\//.test(program.text))
      judgeForeign([program], invocation, judge);
    return true;
  }
  const given = invocation.fields.filter((_, index) => index > 0 && option.test(invocation.fields[index - 1]?.text ?? ''));
  const module = optionValues(invocation, '-m')[0]?.text;
  if (module === 'http.server' || module === 'SimpleHTTPServer' || (name === 'php' && hasOption(invocation, 'S')))
    judge.found('scriptOpensRemoteShell', invocation.line, shown(name, 'serves files'));
  else if (module === 'azure.cli')
    judge.judgeFields(
      [
        { text: 'az', traits: new Set(), word: undefined },
        ...invocation.fields.slice(invocation.fields.findIndex(({ text }) => text === 'azure.cli') + 1),
      ],
      invocation,
    );
  else if (module === 'pip')
    judge.judgeFields(
      [
        { text: 'pip', traits: new Set(), word: undefined },
        ...invocation.fields.slice(invocation.fields.findIndex(({ text }) => text === 'pip') + 1),
      ],
      invocation,
    );
  if (given.length > 0) judgeForeign(given, invocation, judge);
  else if (/^(?:add-type|rundll32|regsvr32|mshta|installutil|msbuild)$/.test(name)) judgeForeign(invocation.fields, invocation, judge);
  else if (module === undefined) judgeProgram(invocation, judge);
  return true;
}

/** A program in a file, or one that comes in. */
function judgeProgram(invocation: Invocation, judge: Judge): void {
  const [file] = operands(invocation);
  if (file !== undefined && file.text !== '-') {
    const foreign: Judge = { ...judge, judgeTexts: (_, values) => judgeForeign(values, invocation, judge) };
    judgeFile('bash', file, invocation, foreign);
  } else if (invocation.input !== undefined) judgeForeign(invocation.input.values, invocation, judge);
}

const signs: readonly (readonly [code: ScriptFactorCode, pattern: RegExp])[] = [
  [
    'scriptDestroysData',
    /rmtree|remove_tree|rm_rf|rmsync|rmdirsync|directory\.delete|fs\.rm\b|removedirs|mkfs|\bdrop (?:table|database|schema)\b|\btruncate table\b/i,
  ],
  ['scriptDeletes', /\bunlink\b|os\.remove|file\.delete|unlinksync|shutil\.move/i],
  [
    'scriptReadsCredentials',
    /identity_endpoint|identity_header|msi_secret|managedidentitycredential|defaultazurecredential|getaccesstoken|secretclient|get_secret\b|dict\(os\.environ|dumps\(.{0,20}os\.environ|print\(os\.environ\)|print\(process\.env\)|stringify\(process\.env|minidumpwritedump|cryptunprotect/i,
  ],
  ['scriptOpensRemoteShell', /\bsocket\b|tcpclient|tcpsocket|net\.connect|fsockopen|\/inet\/tcp|pty\.spawn|tcplistener/i],
  [
    'scriptSendsData',
    /requests\.(?:post|put|patch)|urlopen\([^)]{0,200}data|http\.client|smtplib|upload(?:string|file|data)|method\s*[:=]\s*['"](?:post|put)|ftplib|paramiko/i,
  ],
  [
    'scriptDownloads',
    /urlopen|urlretrieve|requests\.get|lwp::simple|net\/http|file_get_contents\(['"]http|downloadfile|downloadstring|fetch\(|https?\.get\(/i,
  ],
  [
    'scriptHidesContent',
    /b64decode|frombase64|base64_decode|decode64|unpack\(|fromhex|codecs\.decode|zlib\.decompress|gzinflate|marshal\.loads|pickle\.loads|(?<![.\w])exec\s*\(|\beval\s*[({]|assembly\]?::load|compile\(|chr\(\d+\)|fromcharcode|getattr\(|__import__|\\x[0-9a-f]{2}\\x/i,
  ],
  [
    'scriptRunsRemoteCode',
    /(?:exec|eval)\s*\(?.{0,40}(?:urlopen|requests\.get|download|fetch\(|http)|scrobj|javascript:|vbscript:|https?:\/\/\S+\.(?:hta|sct|dll)/i,
  ],
  ['scriptPersists', /createprocess|writeprocessmemory|virtualalloc|createremotethread|setwindowshook|createservice/i],
];

/** Texts in quotes that are given to something which runs commands. */
const runsCommands =
  /\bsystem\b|popen|subprocess|child_process|\bexec\w*\b|spawn|shell_exec|passthru|proc_open|`|%x[{(]|runtime|process\.start|getline|\||do shell script|\bqx\b|kernel\.|\bsh\b|shell/i;

const maxStrings = 64;
const quotes: readonly Delimiter[] = [
  { open: '"', close: '"', kind: 'quoted', escape: '\\' },
  { open: "'", close: "'", kind: 'quoted', escape: '\\' },
  { open: '`', close: '`', kind: 'quoted', escape: '' },
  { open: '%x(', close: ')', kind: 'quoted', escape: '' },
  { open: '%x{', close: '}', kind: 'quoted', escape: '' },
];

/** Looks through code that is not parsed. */
export function judgeForeign(values: readonly Value[], invocation: Invocation, judge: Judge): void {
  const { line, name } = invocation;
  if (values.some((value) => value.traits.has('remote'))) judge.found('scriptRunsRemoteCode', line, name);
  else if (values.some((value) => !isKnown(value) && (value.traits.has('decoded') || value.traits.has('gathered'))))
    judge.found('scriptHidesContent', line, name);
  judge.found('codeNotRead', line, name);
  for (const { text } of values) {
    for (const [code, pattern] of signs) if (pattern.test(text)) judge.found(code, line, shown(name, 'code'));
    if (namesMetadataEndpoint(text) || isCredentialPath(text)) judge.found('scriptReadsCredentials', line, shown(name, 'code'));
    if (isPersistencePath(text) && /\bw(?:b|\+)?['"]|['"]a['"]|write|append|put_contents|>/.test(text))
      judge.found('scriptPersists', line, shown(name, 'code'));
    if (name === 'make') judge.judgeTexts('bash', recipesOf(text), line);
    if (name === 'expect') judge.judgeTexts('bash', spawnedBy(text), line);
    if (!runsCommands.test(text)) continue;
    const quoted = segmentsOf(text, quotes).filter((segment) => segment.kind === 'quoted' && segment.text.length > 1);
    const texts = quoted.slice(0, maxStrings).map((segment) => segment.text.replace(/\\(.)/g, '$1'));
    for (const inner of texts) judge.judgeTexts('bash', [{ text: inner, traits: new Set() }], line);
    if (texts.length > 1) judge.judgeTexts('bash', [{ text: texts.join(' '), traits: new Set() }], line);
  }
}

/** Lines below a rule of a makefile, without the marks that only `make` reads. */
function recipesOf(text: string): readonly Value[] {
  const lines = text.split('\n').filter((line) => line.startsWith('\t'));
  return lines.length === 0
    ? []
    : [{ text: lines.map((line) => line.replace(/^\t[@+-]*/, '').replaceAll('$$', '$')).join('\n'), traits: new Set() }];
}

function spawnedBy(text: string): readonly Value[] {
  return [...text.matchAll(/(?:^|[;\n])\s*(?:spawn|exec|system)\s+([^;\n]+)/g)].map((match) => ({
    text: match[1] ?? '',
    traits: new Set(),
  }));
}

/** Ways in which tools that are no interpreters run commands. Source: gtfobins.github.io. */
function judgeEscapes(name: string, invocation: Invocation, judge: Judge): void {
  const text = invocation.fields.map((field) => field.text).join(' ');
  const patterns: Readonly<Record<string, RegExp>> = {
    sed: /(?:^|[\s;{/])(?:\d+|\$)?e(?:\s+[^/]|$)|s(.)[^\n]{0,200}\1[gpi0-9]*e[gpi0-9]*(?:\s|$)/,
    vim: /\+?:?!|-c\s*:?!|:py/,
    vi: /\+?:?!|-c\s*:?!/,
    ex: /!/,
    less: /\+!/,
    man: /-P/,
    tar: /--checkpoint-action|--to-command|--use-compress-program|--rsh-command|(?:^|\s)-I/,
    zip: /-TT|--unzip-command/,
    git: /-c\s*(?:core\.(?:sshcommand|pager|editor|fsmonitor)|alias\.\S+)|--upload-pack|ext::/i,
    rsync: /(?:^|\s)(?:-e|--rsh)[= ](?!ssh\b)/,
    nmap: /--script|--interactive/,
  };
  const match = Object.hasOwn(patterns, name) ? patterns[name]?.exec(text) : undefined;
  if (match === null || match === undefined) return;
  judge.found('scriptBuildsCommands', invocation.line, shown(name, 'runs a command'));
  const command = /(?:exec=|--to-command=|!|(?:^|[\s/;$\d])e\s+)(['"]?)(.+)\1/.exec(text)?.[2];
  if (command !== undefined) judge.judgeTexts('bash', [{ text: command, traits: new Set() }], invocation.line);
}

import { base64Text } from '../decode.ts';
import type { CommandLanguage, Field, Invocation, Judge } from '../invocation.ts';
import { optionValue, optionValues, parameter, shown } from '../invocation.ts';
import { fileOrigin } from '../script-files.ts';
import { isKnown, type Value } from '../values.ts';

const unixShells: ReadonlySet<string> = new Set(['bash', 'sh', 'dash', 'zsh', 'ksh', 'mksh', 'ash', 'rbash', 'fish', 'csh', 'tcsh', 'su']);

/** Shells and their kin: what they are told to run is judged as a script of its own. Gives whether it was one. */
export function judgeShell(invocation: Invocation, judge: Judge): boolean {
  const { name } = invocation;
  if (invocation.language === 'bash' && evaluating.has(name)) judgeSubscripts(invocation, judge);
  if (unixShells.has(name)) return judgeUnixShell(invocation, judge);
  switch (name) {
    case 'powershell':
    case 'pwsh':
    case 'powershell_ise':
      return judgePowershell(invocation, judge);
    case 'cmd':
      return judgeCmd(invocation, judge);
    case 'eval':
      return judgeJoined('bash', invocation.fields, invocation, judge);
    case 'invoke-expression':
      return judgeInvokeExpression(invocation, judge);
    case 'source':
    case '.':
      return judgeSourced(invocation, judge);
    case 'trap':
      if (invocation.fields.length > 1) judge.judgeTexts('bash', invocation.fields.slice(0, 1), invocation.line);
      return true;
    case 'script':
    case 'ssh-agent':
    case 'runuser':
    case 'sg':
    case 'entr':
    case 'systemd-run':
    case 'crontab':
    case 'at':
    case 'batch':
      return judgeOption(invocation, judge);
    case 'alias':
      return judgeAlias(invocation, judge);
    case 'hash':
      if (invocation.fields.some(({ text }) => /^-[a-z]*p/.test(text))) judge.found('scriptDisguisesCommands', invocation.line, 'hash -p');
      return true;
    case 'set-alias':
    case 'new-alias':
    case 'doskey':
    case 'enable':
      if (invocation.fields.length > 0 && !/^-[lr]$/.test(invocation.fields[0]?.text ?? ''))
        judge.found('scriptRedefinesCommands', invocation.line, invocation.name);
      return true;
    case 'forfiles':
      for (const command of optionValues(invocation, '/c', '/C')) judge.judgeTexts('cmd', [command], invocation.line);
      return true;
    case 'pcalua':
      return judgeJoined('cmd', optionValues(invocation, '-a', '-c'), invocation, judge);
    case 'start-process':
      return judgeStartProcess(invocation, judge);
    case 'start-job':
    case 'invoke-command':
    case 'invoke-wmimethod':
    case 'invoke-cimmethod':
      return judgeRemoting(invocation, judge);
    default:
      return false;
  }
}

/** Builtins that take names of variables or arithmetic: `a[$(command)]` in them is run, in quotes too. */
const evaluating: ReadonlySet<string> = new Set([
  'let',
  'test',
  '[',
  'printf',
  'unset',
  'declare',
  'typeset',
  'local',
  'read',
  'export',
  'wait',
]);

function judgeSubscripts(invocation: Invocation, judge: Judge): void {
  for (const field of invocation.fields) {
    const at = field.text.indexOf('[');
    if (at === -1 || !/\$\(|`/.test(field.text.slice(at))) continue;
    judge.found('scriptDisguisesCommands', invocation.line, shown(invocation.name, 'a command in a subscript'));
    judge.judgeTexts('bash', [{ text: `: "${field.text.slice(at)}"`, traits: field.traits }], invocation.line);
  }
}

function judgeUnixShell(invocation: Invocation, judge: Judge): boolean {
  const { fields, line } = invocation;
  const commands = optionValues(invocation, '-c', '--command');
  const bundled = fields.filter((_, index) => /^-[a-zA-Z]+c$/.test(fields[index - 1]?.text ?? ''));
  const texts = [...commands, ...bundled];
  for (const text of texts) judge.judgeTexts('bash', [text], line);
  if (texts.length > 0) return true;
  if (fields.some(({ text }) => /^-[a-z]*n$|^--version$|^--noexec$/.test(text))) return true;
  const file = fields.find(({ text }, index) => !/^[-+]/.test(text) && !/^[-+][oO]$/.test(fields[index - 1]?.text ?? ''));
  if (file !== undefined && file.text !== '-' && invocation.name !== 'su') judgeFile('bash', file, invocation, judge);
  else if (invocation.input !== undefined) judge.judgeTexts('bash', invocation.input.values, line);
  return true;
}

/** A file that the script made itself is judged by what it wrote there; one that it fetched is code that nobody saw. */
export function judgeFile(language: CommandLanguage, file: Field, invocation: Invocation, judge: Judge): void {
  const isProcess = file.word?.parts.some((part) => part.kind === 'process') === true;
  if (isProcess || /^\/dev\/(?:stdin|fd\/0)$|^\/proc\/self\/fd\/0$/.test(file.text)) {
    const printed = isProcess
      ? (file.word?.parts.flatMap((part) => (part.kind === 'process' ? judge.evaluation.printedBy(part.steps) : [])) ?? [])
      : (invocation.input?.values ?? []);
    judge.judgeTexts(language, printed, invocation.line);
    return;
  }
  if (/^https?:\/\/|^\\\\[^\\?.]/i.test(file.text) || file.traits.has('remote')) {
    judge.found('scriptRunsRemoteCode', invocation.line, invocation.name);
    return;
  }
  const origin = fileOrigin(judge.files, file.text);
  const isLoose = judge.files.hasUnnamed && !/^(?:\/(?:usr|bin|sbin|opt|etc|lib)|[a-z]:\\(?:windows|program))/i.test(file.text);
  if (origin?.isRemote === true || (origin === undefined && isLoose))
    judge.found('scriptRunsRemoteCode', invocation.line, shown(invocation.name, file.text));
  if (origin !== undefined && origin.contents.length > 0) judge.judgeTexts(language, origin.contents, invocation.line);
}

function judgePowershell(invocation: Invocation, judge: Judge): boolean {
  const { fields, line } = invocation;
  for (const [index, { text }] of fields.entries()) {
    const name = /^[-/\u2013\u2014]{1,2}([a-z]+)$/i.exec(text)?.[1]?.toLowerCase();
    if (name === undefined) continue;
    const rest = fields.slice(index + 1);
    if (name === 'ec' || (name.length >= 1 && 'encodedcommand'.startsWith(name))) {
      const [encoded] = rest;
      judge.found('scriptHidesContent', line, shown(invocation.name, '-EncodedCommand'));
      const decoded = encoded === undefined || !isKnown(encoded) ? undefined : base64Text(encoded.text);
      judge.judgeTexts(
        'powershell',
        [
          decoded === undefined
            ? { text: '\u0000', traits: new Set(['decoded'] as const) }
            : { text: decoded, traits: new Set(['decoded'] as const) },
        ],
        line,
      );
      return true;
    }
    if ('command'.startsWith(name) || (name.startsWith('commandw') && 'commandwithargs'.startsWith(name)) || name === 'cwa')
      return judgeCommandText(rest, invocation, judge);
    if (name.length >= 1 && 'file'.startsWith(name)) {
      const [file] = rest;
      if (file !== undefined) judgeFile('powershell', file, invocation, judge);
      return true;
    }
  }
  const first = fields.findIndex(({ text }, index) => !/^[-/]/.test(text) && !isValueOfOption(fields[index - 1]?.text));
  if (first !== -1) return judgeCommandText(fields.slice(first), invocation, judge);
  if (invocation.input !== undefined) judge.judgeTexts('powershell', invocation.input.values, line);
  return true;
}

function isValueOfOption(text: string | undefined): boolean {
  return (
    text !== undefined &&
    /^[-/](?:ex\w*|ep|version|v|windowstyle|w\w*|inputformat|if|outputformat|o\w*|psconsolefile|configurationname|config|settingsfile|workingdirectory|wd)$/i.test(
      text,
    )
  );
}

function judgeCommandText(fields: readonly Field[], invocation: Invocation, judge: Judge): boolean {
  if (fields.length === 1 && fields[0]?.text === '-') judge.judgeTexts('powershell', invocation.input?.values ?? [], invocation.line);
  else if (fields[0]?.text !== '{}') judgeJoined('powershell', fields, invocation, judge);
  return true;
}

/** Words that a shell joins by blanks before it reads them. */
function judgeJoined(language: CommandLanguage, fields: readonly Field[], invocation: Invocation, judge: Judge): boolean {
  if (fields.length === 0) return true;
  const text = fields.map((field) => field.text).join(' ');
  const traits = new Set(fields.flatMap((field) => [...field.traits]));
  judge.judgeTexts(language, [{ text, traits }], invocation.line);
  return true;
}

function judgeCmd(invocation: Invocation, judge: Judge): boolean {
  const at = invocation.fields.findIndex(({ text }) => /^[/-][ckr]/i.test(text));
  if (at === -1) {
    if (invocation.input !== undefined) judge.judgeTexts('cmd', invocation.input.values, invocation.line);
    return true;
  }
  const glued = invocation.fields[at]?.text.slice(2) ?? '';
  const rest = invocation.fields.slice(at + 1);
  const first = invocation.fields[at];
  return judgeJoined('cmd', glued === '' || first === undefined ? rest : [{ ...first, text: glued }, ...rest], invocation, judge);
}

function judgeInvokeExpression(invocation: Invocation, judge: Judge): boolean {
  const given = invocation.fields.filter(({ text }) => !/^-c(?:ommand)?$/i.test(text));
  if (given.length > 0) return judgeJoined('powershell', given, invocation, judge);
  judge.judgeTexts('powershell', invocation.input?.values ?? [], invocation.line);
  return true;
}

function judgeSourced(invocation: Invocation, judge: Judge): boolean {
  const [file] = invocation.fields;
  if (file !== undefined) judgeFile(invocation.language === 'powershell' ? 'powershell' : 'bash', file, invocation, judge);
  return true;
}

/** `script -c`, `at <<<`, `crontab -`: the text to run stands in an option or comes in. */
function judgeOption(invocation: Invocation, judge: Judge): boolean {
  const command = optionValue(invocation, '-c', '--command');
  if (command !== undefined) judge.judgeTexts('bash', [command], invocation.line);
  else if (invocation.input !== undefined) judge.judgeTexts('bash', invocation.input.values.map(withoutSchedule), invocation.line);
  return invocation.name !== 'runuser' && invocation.name !== 'systemd-run' && invocation.name !== 'script';
}

/** The five fields of time in a line of a crontab are no command. */
function withoutSchedule(value: Value): Value {
  return { ...value, text: value.text.replace(/^[ \t]*(?:@\w+|(?:[\d*,/-]+[ \t]+){5})/gm, '') };
}

function judgeAlias(invocation: Invocation, judge: Judge): boolean {
  for (const field of invocation.fields) {
    const at = field.text.indexOf('=');
    if (at === -1) continue;
    judge.found('scriptRedefinesCommands', invocation.line, shown('alias', field.text.slice(0, at)));
    judge.judgeTexts('bash', [{ ...field, text: field.text.slice(at + 1) }], invocation.line);
  }
  return true;
}

function judgeStartProcess(invocation: Invocation, judge: Judge): boolean {
  const named = parameter(invocation, 'filepath').values[0];
  const listed = [...parameter(invocation, 'argumentlist').values, ...parameter(invocation, 'args', 4).values];
  const plain = invocation.fields.filter(
    ({ text }, index) => !text.startsWith('-') && !/^-(?:f|a|w|v|c|r|n|l|e)/i.test(invocation.fields[index - 1]?.text ?? ''),
  );
  const file = named ?? plain[0];
  if (file === undefined) return true;
  const given = listed.length > 0 ? listed : plain.filter((field) => field !== file);
  const words = given.flatMap((field) => splitWords(field));
  judge.judgeFields([file, ...words], invocation);
  return true;
}

function splitWords(field: Field): readonly Field[] {
  return (field.text.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []).map((text) => ({
    ...field,
    text: text.replace(/^(["'])([\s\S]*)\1$/, '$2'),
  }));
}

/** Script blocks are judged where they stand; texts of commands are judged here. */
function judgeRemoting(invocation: Invocation, judge: Judge): boolean {
  if (invocation.name.startsWith('invoke-wmi') || invocation.name.startsWith('invoke-cim')) {
    for (const field of invocation.fields)
      if (/\s/.test(field.text) || /\.exe/i.test(field.text)) judge.judgeTexts('cmd', [field], invocation.line);
    return false;
  }
  const file = parameter(invocation, 'filepath', 2).values[0];
  if (file !== undefined) judgeFile('powershell', file, invocation, judge);
  return false;
}

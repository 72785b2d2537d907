import type { Field, Invocation, Judge } from '../invocation.ts';
import { shown } from '../invocation.ts';
import { isPersistencePath, isTracePath } from '../paths.ts';
import type { ScriptFactorCode } from '../script-factors.ts';
import type { Word, WordPart } from '../script-reader.ts';
import { isKnown, type Value } from '../values.ts';
import { judgeSql } from './sql.ts';

type Member = Extract<WordPart, { readonly kind: 'member' }>;

/** What calls of .NET and COM do, by type and member or by member alone, in lower case and without `System.`. */
const rows: readonly (readonly [code: ScriptFactorCode, member: RegExp])[] = [
  [
    'scriptReadsCredentials',
    /^\[environment\]::getenvironmentvariables$|securestringtobstr|securestringtoglobalalloc|^\.getnetworkcredential$|protecteddata\]::unprotect$|^\.password$|credentialcache\]::/,
  ],
  [
    'scriptSendsData',
    /^\.(?:uploadstring|uploadfile|uploaddata|uploadvalues)(?:async|taskasync)?$|^\.(?:post|put|patch)async$|^\.getrequeststream$|mail\.smtpclient/,
  ],
  [
    'scriptDownloads',
    /^\.(?:downloadfile|downloadstring|downloaddata)(?:async|taskasync)?$|^\.(?:getstring|getbytearray|get)async$|^\.openread$/,
  ],
  ['scriptOpensRemoteShell', /sockets\.(?:tcpclient|tcplistener|socket|udpclient)\]::|^\.accepttcpclient$|^\.beginaccept\w*$/],
  [
    'scriptHidesContent',
    /reflection\.assembly\]::|appdomain\]|^\.load$|marshal\]::(?:copy|getdelegateforfunctionpointer|writebyte|allochglobal)|\.definedynamic\w*$|^\.(?:getmethods?|invokemember|gettypefromprogid|gettypefromclsid|getconstructors?|dynamicinvoke)$|^\.(?:gzipstream|deflatestream)|compression\.(?:gzip|deflate)stream|\]::gettypefrom(?:progid|clsid)$/,
  ],
  [
    'scriptHidesTraces',
    /^\.historysavepath$|::set(?:creation|lastwrite|lastaccess)time(?:utc)?$|eventlog\]::(?:delete|clear)|eventlogsession.*clearlog|^\.clearlog$/,
  ],
  ['scriptPersists', /registry\]::setvalue$|^\.createsubkey$|schedule\.service|^\.registertask\w*$/],
  ['scriptGrantsAccess', /^\.(?:setaccessrule|addaccessrule|setaccesscontrol|setowner)$|::setaccesscontrol$/],
  ['scriptInterruptsService', /^\.(?:kill|terminate|reboot|win32shutdown|shutdown)$/],
];

/** Members whose first argument is a script. */
const scriptMembers =
  /^\[(?:management\.automation\.)?scriptblock\]::create$|^\.(?:invokescript|addscript|newscriptblock|createscriptblock|expandstring|createpipeline)$/;
const commandMembers = /^\.(?:run|exec|shellexecute|executeshellcommand|create)$|^\[diagnostics\.process\]::start$/;

/** A call of a method, or a property that is looked at. */
export function judgeMember(member: Member, judge: Judge, from: Invocation): void {
  const { line } = from;
  const name = firstText(judge, member.name).toLowerCase();
  const named = firstText(judge, member.target).toLowerCase();
  const type = (named.startsWith('[') ? named : `[${named}]`).replace(/^\[system\./, '[');
  const key = member.isStatic ? `${type}::${name}` : `.${name}`;
  const args = (member.arguments ?? []).map((argument) => judge.evaluation.valuesOf(argument));
  for (const [code, pattern] of rows) {
    if (!pattern.test(key)) continue;
    if (code === 'scriptReadsCredentials' && key === '.password' && member.arguments === undefined) continue;
    judge.found(code, line, shown(member.isStatic ? key : name));
  }
  if (/\.psobject\.(?:methods|members)\b/i.test(member.target.source.slice(0, maxStatement)) && member.arguments !== undefined)
    judge.found('scriptHidesContent', line, 'a method by its name');
  if (/^\[net\.dns\]::/.test(key) && args.flat().some(({ traits }) => traits.has('gathered')))
    judge.found('scriptSendsData', line, shown(key));
  if (args.flat().some(({ text }) => namesGuard(text))) judge.found('scriptDisablesDefences', line, 'the guards of PowerShell');
  if (scriptMembers.test(key)) judge.judgeTexts('powershell', args[0] ?? [], line);
  else if (commandMembers.test(key) && args.length > 0 && isCommandTarget(member, key, judge)) judgeProcess(args, judge, from);
  else if (/^\[io\.(?:file|directory)\]::delete$/.test(key))
    judge.judgeFields(
      [plain('Remove-Item'), ...asFields(args.slice(0, 1)), ...(key.includes('directory') ? [plain('-Recurse')] : [])],
      from,
    );
  else if (/^\[io\.(?:file|directory)\]::(?:writeall|appendall|create|copy|move|open)/.test(key)) judgeWritten(args, judge, line, key);
  else if (/^\.delete(?:folder|file)$/.test(key))
    judge.judgeFields([plain('Remove-Item'), ...asFields(args.slice(0, 1)), plain('-Recurse')], from);
  else if (key === '.addcommand') judgeAdded(args, judge, from);
  else if (/^\.(?:add|put|create|setpassword|setinfo)$/.test(key) && /winnt:\/\/|ldap:\/\//i.test(member.target.source))
    judge.found('scriptPersists', line, shown(name, 'an account'));
  else if (name === 'delete' && member.arguments !== undefined) judge.found('scriptDeletes', line, 'Delete()');
  else if ((name === 'invoke' || name === 'invokereturnasis') && member.arguments !== undefined) judgeInvoke(member, judge, line);
}

function firstText(judge: Judge, word: Word): string {
  return judge.evaluation.valuesOf(word)[0]?.text ?? '';
}

function plain(text: string): Field {
  return { text, traits: new Set(), word: undefined };
}

function asFields(args: readonly (readonly Value[])[]): readonly Field[] {
  return args.flatMap((values) => values.slice(0, 1).map((value) => ({ ...value, word: undefined })));
}

/** A command that is put together call by call. */
function judgeAdded(args: readonly (readonly Value[])[], judge: Judge, from: Invocation): void {
  judge.found('scriptBuildsCommands', from.line, 'AddCommand()');
  judge.judgeFields(asFields(args.slice(0, 1)), from);
}

/** `Create` is also a harmless name: only on what starts processes does it run its argument. */
function isCommandTarget(member: Member, key: string, judge: Judge): boolean {
  return (
    key !== '.create' || /win32_process|wmiclass/i.test(member.target.source) || /win32_process/i.test(firstText(judge, member.target))
  );
}

function judgeProcess(args: readonly (readonly Value[])[], judge: Judge, from: Invocation): void {
  const text = asFields(args)
    .map((field) => field.text)
    .join(' ');
  judge.judgeTexts('cmd', [{ text, traits: new Set(args.flat().flatMap((value) => [...value.traits])) }], from.line);
}

function judgeWritten(args: readonly (readonly Value[])[], judge: Judge, line: number, key: string): void {
  const [, content] = args;
  if (/::writeall/.test(key) && content?.every(({ text }) => text.trim() === '') === true)
    judge.found('scriptDeletes', line, shown(key, 'with nothing'));
  for (const { text } of asFields(args).slice(0, 2)) {
    if (isPersistencePath(text)) judge.found('scriptPersists', line, shown(key));
    else if (isTracePath(text)) judge.found('scriptHidesTraces', line, shown(key));
  }
}

/** `.Invoke()` on a value that is text runs nothing; on one that is put together at run time nobody knows. */
function judgeInvoke(member: Member, judge: Judge, line: number): void {
  const values = judge.evaluation.valuesOf(member.target);
  if (values.some((value) => !isKnown(value) && (value.traits.has('decoded') || value.traits.has('remote'))))
    judge.judgeTexts('powershell', values, line);
}

const maxStatement = 16_384;

/** `New-Object` by what it makes. */
export function judgeNewObject(invocation: Invocation, judge: Judge): void {
  if (invocation.name !== 'new-object') return;
  const texts = invocation.fields.map(({ text }) => text.toLowerCase());
  const sources = invocation.fields.map(({ text, word }) => `${text} ${word?.source ?? ''}`);
  if (sources.some((text) => /(?:sql|npgsql|mysql|odbc|oledb|oracle|sqlite)(?:command|dataadapter)/i.test(text)))
    for (const source of sources)
      for (const [, double, single] of source.slice(0, maxStatement).matchAll(/"([^"]*)"|'([^']*)'/g))
        for (const code of judgeSql(double ?? single ?? '')) judge.found(code, invocation.line, 'New-Object of a statement');
  if (texts.some((text) => /sockets\.(?:tcpclient|tcplistener|socket|udpclient)/.test(text)))
    judge.found('scriptOpensRemoteShell', invocation.line, 'New-Object TCPClient');
  if (texts.some((text) => /gzipstream|deflatestream|cryptostream|aesmanaged|rijndael/.test(text)))
    judge.found('scriptHidesContent', invocation.line, 'New-Object of a decoder');
  if (texts.some((text) => /smtpclient|mailmessage/.test(text))) judge.found('scriptSendsData', invocation.line, 'New-Object SmtpClient');
  if (texts.some((text) => /schedule\.service/.test(text))) judge.found('scriptPersists', invocation.line, 'New-Object Schedule.Service');
}

/** What a script sets that is no variable: times of files, and what .NET trusts. */
export function judgeSetting(name: string, line: number, judge: Judge): void {
  if (/^\.(?:creationtime|lastwritetime|lastaccesstime)(?:utc)?$/.test(name)) judge.found('scriptHidesTraces', line, shown(name));
  if (/certificatevalidationcallback$|certificatepolicy$/.test(name)) judge.found('scriptDisablesDefences', line, shown(name));
}

const guardNames = /amsiutils|amsiinitfailed|amsiscanbuffer|scriptblocklogging|etweventwrite/i;

/** Names that appear only in what switches the guards of PowerShell off. */
export function namesGuard(text: string): boolean {
  return guardNames.test(text);
}

import { type Field, hasOption, type Invocation, type Judge, operands, optionValues, parameter, shown } from '../invocation.ts';
import { hostOf, isLoopback, namesMetadataEndpoint } from '../network-commands.ts';
import { fileOrigin } from '../script-files.ts';
import { isKnown } from '../values.ts';

/** Commands that talk to other hosts: what they send, and what they fetch. */
export function judgeNetwork(invocation: Invocation, judge: Judge): void {
  if (Object.hasOwn(talkers, invocation.name)) talkers[invocation.name]?.(invocation, judge);
}

const talkers: Readonly<Record<string, (invocation: Invocation, judge: Judge) => void>> = {
  curl: judgeHttp,
  wget: judgeHttp,
  wget2: judgeHttp,
  http: judgeHttp,
  https: judgeHttp,
  xh: judgeHttp,
  'invoke-webrequest': judgeWebRequest,
  'invoke-restmethod': judgeWebRequest,
  nc: judgeSocket,
  ncat: judgeSocket,
  netcat: judgeSocket,
  socat: judgeSocket,
  telnet: judgeSocket,
  scp: judgeCopy,
  pscp: judgeCopy,
  rsync: judgeCopy,
  azcopy: judgeAzcopy,
  ssh: judgeSsh,
  plink: judgeSsh,
  openssl: judgeOpenssl,
  dig: judgeLookup,
  nslookup: judgeLookup,
  host: judgeLookup,
  ping: judgeLookup,
  'resolve-dnsname': judgeLookup,
  'test-connection': judgeLookup,
  certutil: judgeCertutil,
};

function judgeOpenssl(invocation: Invocation, judge: Judge): void {
  if (!/^s_(?:client|server)$/.test(invocation.fields[0]?.text ?? '') || probes(invocation)) return;
  judge.found('scriptSendsData', invocation.line, 'openssl s_client');
}

/** A name to look up may carry what it should not: whoever answers for the domain reads it. */
function judgeLookup(invocation: Invocation, judge: Judge): void {
  const patterns = invocation.name === 'ping' ? optionValues(invocation, '-p') : [];
  if (gathered(invocation.fields) || patterns.some((value) => !isKnown(value)))
    judge.found('scriptSendsData', invocation.line, shown(invocation.name, 'a name that carries data'));
}

function judgeCertutil(invocation: Invocation, judge: Judge): void {
  const has = (pattern: RegExp) => invocation.fields.some(({ text }) => pattern.test(text));
  if (has(/^[-/](?:urlcache|verifyctl|url)/i)) judge.found('scriptDownloads', invocation.line, 'certutil -urlcache');
  else if (has(/^[-/]decode/i)) judge.found('scriptHidesContent', invocation.line, 'certutil -decode');
}

/** `openssl s_client </dev/null` only looks at a certificate. */
function probes(invocation: Invocation): boolean {
  return (
    (invocation.input === undefined || invocation.input.values.every(({ text }) => /^q?\n?$/i.test(text))) &&
    invocation.fields[0]?.text === 's_client'
  );
}

/** Whether words carry what a command found out about the machine. */
function gathered(fields: readonly Field[]): boolean {
  return fields.some(({ traits }) => traits.has('gathered'));
}

const sendingOptions =
  /^(?:-d|-F|-T|--data(?:-[a-z]+)?|--form(?:-string)?|--upload-file|--json|--post-data|--post-file|--body-data|--body-file|--url-query)(?:=|$)|^-[a-zA-Z]*[dFT]$|^-[dFT]./;

function judgeHttp(invocation: Invocation, judge: Judge): void {
  const { fields, line, name } = invocation;
  judgeOptionFile(invocation, judge);
  const urls = addresses(operands(invocation));
  const hosts = urls.map(hostOf);
  const isLocal = hosts.length > 0 && hosts.every(isLoopback);
  const sends = fields.some(({ text }) =>
    name.startsWith('wget') ? /^--(?:post|body)-(?:data|file)/.test(text) : sendingOptions.test(text),
  );
  const writes = optionValues(invocation, '-X', '--request', '--method').some(({ text }) => /^(?:post|put|patch|delete)$/i.test(text));
  if (!isLocal && (sends || gathered(fields))) judge.found('scriptSendsData', line, shown(name, hosts[0] ?? ''));
  else if (!isLocal && writes) judge.found('scriptSendsData', line, shown(name, '-X', hosts[0] ?? ''));
  const saves = name.startsWith('wget')
    ? !savesNothing(invocation)
    : fields.some(({ text }) => /^-[a-zA-Z]*[oOJ]|^--(?:output|remote-name)/.test(text)) && !savesNothing(invocation);
  const redirected = invocation.redirections.some(({ operator, value }) => operator.startsWith('>') && !/^\/dev\/|^\d$/.test(value.text));
  if ((saves || redirected) && !isLocal) judge.found('scriptDownloads', line, shown(name, hosts[0] ?? ''));
}

/** `curl -K -`: options from what comes in; from a file that the script did not write nobody knows. */
function judgeOptionFile(invocation: Invocation, judge: Judge): void {
  if (invocation.name === 'curl' && optionValues(invocation, '-H', '--header', '--proxy-header').some(({ text }) => text.startsWith('@')))
    judge.found('scriptSendsData', invocation.line, 'curl -H @file');
  const [file] = invocation.name === 'curl' ? optionValues(invocation, '-K', '--config') : optionValues(invocation, '-i', '--input-file');
  if (file === undefined) return;
  const given = file.text === '-' ? (invocation.input?.values ?? []) : (fileOrigin(judge.files, file.text)?.contents ?? []);
  if (given.some(({ text }) => namesMetadataEndpoint(text))) judge.found('scriptReadsCredentials', invocation.line, 'metadata endpoint');
  judge.found(
    given.every(isKnown) && given.length > 0 ? 'scriptBuildsCommands' : 'scriptHidesContent',
    invocation.line,
    shown(invocation.name, 'options from a file'),
  );
}

function addresses(fields: readonly Field[]): readonly string[] {
  return fields
    .map(({ text }) => text)
    .filter((text) => text.includes('://') || /^(?:localhost|127\.|[\w-]+(?:\.[\w-]+)+)(?::\d+)?(?:\/|$)/.test(text))
    .map((text) => (text.includes('://') ? text : `//${text}`));
}

function savesNothing(invocation: Invocation): boolean {
  if (invocation.fields.some(({ text }) => text === '--spider')) return true;
  const names = optionValues(invocation, '-o', '-O', '--output', '--output-document');
  const bundled = invocation.fields.some(
    ({ text }, index, all) => /^-[a-zA-Z]*[oO]$/.test(text) && /^(?:-|\/dev\/(?:null|stdout))$/.test(all[index + 1]?.text ?? ''),
  );
  return (
    bundled ||
    invocation.fields.some(({ text }) => /^-[a-zA-Z]*O-$/.test(text)) ||
    (names.length > 0 && names.every(({ text }) => /^(?:-|\/dev\/(?:null|stdout))$/.test(text)))
  );
}

function judgeWebRequest(invocation: Invocation, judge: Judge): void {
  const { line, name, fields } = invocation;
  const hosts = addresses(fields).map(hostOf);
  if (hosts.length > 0 && hosts.every(isLoopback)) return;
  const methods = [...parameter(invocation, 'method', 2).values].map(({ text }) => text.toLowerCase());
  const sends =
    parameter(invocation, 'body').isGiven ||
    parameter(invocation, 'infile', 3).isGiven ||
    parameter(invocation, 'form', 2).isGiven ||
    methods.some((method) => /^(?:post|put|patch|delete)$/.test(method));
  if (sends || gathered(fields)) judge.found('scriptSendsData', line, shown(name, hosts[0] ?? ''));
  if (parameter(invocation, 'outfile', 4).isGiven) judge.found('scriptDownloads', line, shown(name, hosts[0] ?? ''));
}

function judgeSocket(invocation: Invocation, judge: Judge): void {
  const { line, name, fields } = invocation;
  const texts = fields.map(({ text }) => text);
  if (texts.some((text) => /^-[a-z]*[ec]$|^--(?:exec|sh-exec|lua-exec)|exec:|system:|shell:/i.test(text))) {
    judge.found('scriptOpensRemoteShell', line, shown(name, 'a shell for another host'));
    return;
  }
  if (hasOption(invocation, 'z', 'zero') || texts.length === 0) return;
  if (hasOption(invocation, 'lk', 'listen') || texts.some((text) => /-listen:/i.test(text)))
    judge.found('scriptOpensRemoteShell', line, shown(name, 'listens'));
  else if (!texts.some(isLoopbackWord)) judge.found('scriptSendsData', line, name);
}

function isLoopbackWord(text: string): boolean {
  return isLoopback(text);
}

const remotePath = /^(?:[^/\s:]+@)?[^/\s:]{2,}:|^(?:rsync|scp|sftp):\/\//;

function judgeCopy(invocation: Invocation, judge: Judge): void {
  const paths = operands(invocation).map(({ text }) => text);
  const target = paths.at(-1) ?? '';
  if (remotePath.test(target)) judge.found('scriptSendsData', invocation.line, shown(invocation.name, 'to another host'));
  else if (paths.some((path) => remotePath.test(path)))
    judge.found('scriptDownloads', invocation.line, shown(invocation.name, 'from another host'));
}

/** Whose account an address names cannot be told, so that every copy to one sends data away. */
function judgeAzcopy(invocation: Invocation, judge: Judge): void {
  const [verb, ...rest] = operands(invocation).map(({ text }) => text);
  const isRemote = (text: string | undefined) => text !== undefined && /^https?:\/\//i.test(text);
  if (verb === 'remove' || verb === 'rm') judge.found('scriptDestroysData', invocation.line, 'azcopy remove');
  if (verb === 'sync' && invocation.fields.some(({ text }) => /^--delete-destination(?:=(?!false)|$)/.test(text)))
    judge.found('scriptDestroysData', invocation.line, 'azcopy sync --delete-destination');
  if (verb !== 'copy' && verb !== 'cp' && verb !== 'c' && verb !== 'sync') return;
  if (isRemote(rest[1])) judge.found('scriptSendsData', invocation.line, shown('azcopy', verb, hostOf(rest[1] ?? '') ?? ''));
  else judge.found('scriptDownloads', invocation.line, shown('azcopy', verb));
}

function judgeSsh(invocation: Invocation, judge: Judge): void {
  const target = invocation.fields.findIndex(
    ({ text }, index, all) => !text.startsWith('-') && !/^-[bcDEeFIiJLlmOopQRSWw]$/.test(all[index - 1]?.text ?? ''),
  );
  if (target === -1 || invocation.fields.some(({ text }) => text === '-V')) return;
  judge.found('scriptRunsElsewhere', invocation.line, invocation.name);
  const command = invocation.fields.slice(target + 1);
  if (command.length > 0)
    judge.judgeTexts('bash', [{ text: command.map(({ text }) => text).join(' '), traits: new Set() }], invocation.line);
  if (invocation.input !== undefined || invocation.redirections.some(({ operator }) => operator === '<')) {
    judge.judgeTexts('bash', invocation.input?.values ?? [], invocation.line);
    judge.found('scriptSendsData', invocation.line, shown(invocation.name, 'with input'));
  }
}

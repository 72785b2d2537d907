import { hasOption, type Invocation, type Judge, operands, optionValues, parameter, shown } from '../invocation.ts';
import { namesMetadataEndpoint } from '../network-commands.ts';
import {
  holdsCredentials,
  isCredentialPath,
  isDefencePath,
  isDevicePath,
  isPersistencePath,
  isStartingKey,
  isTracePath,
  mayNameCredentials,
  resolved,
} from '../paths.ts';
import { unknownMark } from '../values.ts';

/** Commands that only print their words. */
const printers: ReadonlySet<string> = new Set([
  'echo',
  'printf',
  'logger',
  'write-output',
  'write-host',
  'write-verbose',
  'write-warning',
  'write-information',
  'write-error',
  'write-debug',
  'rem',
  'title',
  ':',
  'true',
  'cowsay',
  'wall',
]);

/** Commands that look at a file from outside, or use it for what it is there for. */
const lookers: ReadonlySet<string> = new Set([
  'ls',
  'stat',
  'test',
  '[',
  'chmod',
  'chown',
  'mkdir',
  'touch',
  'ssh',
  'ssh-keygen',
  'find',
  'test-path',
  'get-item',
  'get-childitem',
  'get-acl',
  'kubectl',
  'helm',
  'file',
  'du',
  'namei',
  'lsattr',
  'restorecon',
  'dir',
  'cd',
  'rm',
  'remove-item',
  'sshd',
  'systemctl',
  'which',
  'readlink',
  'realpath',
  'get-process',
  'tasklist',
  'pgrep',
  'new-item',
]);

/** Names that mean a token or a secret of the machine's identity. */
const identityNames =
  /identity_endpoint|identity_header|msi_endpoint|msi_secret|imds_endpoint|azure_federated_token_file|azure_client_secret|aws_secret_access_key|arm_client_secret|getaccesstoken|metadata\/(?:identity|instance)/i;

/** What files, addresses and keys a command names, whatever the command is. */
export function judgeTouched(invocation: Invocation, judge: Judge): void {
  for (const { operator, value } of invocation.redirections) {
    if (operator.includes('>') && !(operator === '>&' && /^\d*-?$/.test(value.text)))
      judgeWritten(value.text, invocation, judge, operator.includes('>>'));
    else if (operator === '<' && isCredentialPath(value.text))
      judge.found('scriptReadsCredentials', invocation.line, shown(invocation.name, '<', value.text));
  }
  for (const path of writtenPaths(invocation)) judgeWritten(path, invocation, judge, true);
  if (printers.has(invocation.name)) return;
  for (const field of invocation.fields) {
    const { text } = field;
    if (namesMetadataEndpoint(text)) judge.found('scriptReadsCredentials', invocation.line, shown(invocation.name, 'metadata endpoint'));
    else if (identityNames.test(text) || identityNames.test(sourceOf(field.word?.source))) {
      judge.found('scriptReadsCredentials', invocation.line, shown(invocation.name, 'identity endpoint'));
    } else if (!lookers.has(invocation.name) && readsCredentials(text, invocation, judge)) {
      judge.found('scriptReadsCredentials', invocation.line, shown(invocation.name, text.length > 60 ? 'credential file' : text));
    }
  }
}

/** Commands that read everything below a folder. */
const gatherers: ReadonlySet<string> = new Set([
  'tar',
  'zip',
  '7z',
  'cpio',
  'rsync',
  'scp',
  'rclone',
  'bsdtar',
  'compress-archive',
  'copy-item',
  'robocopy',
  'xcopy',
]);

function readsCredentials(text: string, invocation: Invocation, judge: Judge): boolean {
  if (text.length > 4_096) return isCredentialPath(text);
  const whole = resolved(text, judge.files.folder);
  if (isCredentialPath(text) || isCredentialPath(whole) || mayNameCredentials(whole)) return true;
  const isDeep =
    gatherers.has(invocation.name) ||
    (/^(?:cp|grep|egrep|rg|ag)$/.test(invocation.name) && hasOption(invocation, 'rRa', 'recursive', 'archive'));
  return isDeep && holdsCredentials(whole);
}

/** Only what a word says before it is looked into: the content of long texts is no name of a variable. */
function sourceOf(source: string | undefined): string {
  return source === undefined || source.length > 400 || !source.includes('$') ? '' : source;
}

/** Commands that write a file anew, or put something else where it was. */
const rewriters: ReadonlySet<string> = new Set(['sed', 'perl', 'ed', 'ex', 'vi', 'vim', 'ln']);

function judgeWritten(path: string, invocation: Invocation, judge: Judge, isAdded: boolean): void {
  const whole = resolved(path, judge.files.folder);
  const shows = shown(invocation.name, '>', path.length > 60 ? `${path.slice(0, 59)}…` : path);
  if (isDevicePath(whole)) judge.found('scriptDestroysData', invocation.line, shows);
  else if (/^\/dev\/(?:tcp|udp)\//.test(whole)) {
    judge.found(
      /^(?:bash|sh|exec|zsh|ksh|dash)$/.test(invocation.name) ? 'scriptOpensRemoteShell' : 'scriptSendsData',
      invocation.line,
      '/dev/tcp',
    );
  } else if (isPersistencePath(whole)) judge.found('scriptPersists', invocation.line, shows);
  else if (isDefencePath(whole)) judge.found('scriptDisablesDefences', invocation.line, shows);
  else if (isTracePath(whole) && (!isAdded || rewriters.has(invocation.name))) judge.found('scriptHidesTraces', invocation.line, shows);
  else if (isTracePath(whole) && /_history$|history\.txt$|wtmp$|btmp$|lastlog$/.test(whole))
    judge.found('scriptHidesTraces', invocation.line, shows);
  else if (/^\/proc\/sys(?:rq-trigger|\/kernel\/core_pattern|\/kernel\/modprobe)/.test(whole))
    judge.found('scriptPersists', invocation.line, shows);
}

/** Files that a command writes by its nature. */
function writtenPaths(invocation: Invocation): readonly string[] {
  const texts = operands(invocation).map(({ text }) => text);
  switch (invocation.name) {
    case 'tee':
    case 'sponge':
      return texts;
    case 'cp':
    case 'mv':
    case 'install':
    case 'ln':
    case 'rsync':
    case 'copy':
    case 'xcopy':
    case 'move': {
      const target = optionValues(invocation, '-t', '--target-directory')[0]?.text ?? texts.at(-1) ?? '';
      return [target, ...texts.slice(0, -1).map((source) => `${target}/${source.slice(source.lastIndexOf('/') + 1)}`)];
    }
    case 'sed':
      return invocation.fields.some(({ text }) => /^-[a-zA-Z]*i|^--in-place/.test(text)) ? texts.slice(1) : [];
    case 'perl':
      return invocation.fields.some(({ text }) => /^-[a-z]*i/.test(text)) ? texts.slice(1) : [];
    case 'ed':
    case 'ex':
    case 'vi':
    case 'vim':
    case 'nano':
    case 'patch':
      return texts;
    case 'tar':
    case 'unzip':
      return optionValues(invocation, '-C', '-d', '--directory').map(({ text }) => text);
    case 'curl':
    case 'wget':
      return optionValues(invocation, '-o', '-O', '--output', '--output-document', '-P').map(({ text }) => text);
    case 'set-content':
    case 'add-content':
    case 'out-file':
    case 'new-item':
    case 'tee-object':
    case 'set-item':
      return [...parameter(invocation, 'filepath').values, ...parameter(invocation, 'path').values].map(({ text }) => text).concat(texts);
    case 'copy-item':
    case 'move-item':
      return [...parameter(invocation, 'destination').values.map(({ text }) => text), texts.at(-1) ?? ''];
    case 'set-itemproperty':
    case 'new-itemproperty':
      return startingKeys(texts);
    case 'reg':
      return /^(?:add|import|copy|restore|load)$/i.test(texts[0] ?? '') ? startingKeys(texts.slice(1)) : [];
    default:
      return [];
  }
}

function startingKeys(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => isStartingKey(text) || text.startsWith(unknownMark));
}

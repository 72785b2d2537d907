import type { Field, Invocation, Judge } from '../invocation.ts';
import { unknownMark, type Value } from '../values.ts';

/**
 * Commands that run the words after them. `valued` are options that take the next word; `plain` is how many operands stand before the command.
 */
type Wrapper = { readonly valued: RegExp; readonly plain: number; readonly skips?: RegExp };

const none = /^$/;
const wrappers: Readonly<Record<string, Wrapper>> = {
  sudo: { valued: /^-[ugpCThrRDU]$|^--(?:user|group|prompt|host|chdir|role|type)$/, plain: 0, skips: /^[A-Za-z_]\w*=/ },
  doas: { valued: /^-[uC]$/, plain: 0 },
  env: { valued: /^-[uC]$|^--(?:unset|chdir)$/, plain: 0, skips: /^[A-Za-z_]\w*=/ },
  nohup: { valued: none, plain: 0 },
  time: { valued: /^-[fo]$/, plain: 0, skips: /^[A-Za-z_]\w*=/ },
  nice: { valued: /^-n$|^--adjustment$/, plain: 0 },
  ionice: { valued: /^-[cnp]$/, plain: 0 },
  chrt: { valued: none, plain: 1 },
  taskset: { valued: none, plain: 1 },
  setsid: { valued: none, plain: 0 },
  stdbuf: { valued: /^-[ioe]$/, plain: 0 },
  timeout: { valued: /^-[ks]$|^--(?:kill-after|signal)$/, plain: 1 },
  command: { valued: none, plain: 0 },
  builtin: { valued: none, plain: 0 },
  exec: { valued: /^-a$/, plain: 0 },
  coproc: { valued: none, plain: 0, skips: /^[A-Za-z_]\w*=/ },
  xargs: { valued: /^-[IiEeLlnPsad]$|^--(?:replace|max-args|max-procs|max-lines|delimiter|arg-file|eof)$/, plain: 0 },
  parallel: { valued: /^-[jSnNaI]$|^--(?:jobs|sshlogin|arg-file)$/, plain: 0 },
  watch: { valued: /^-[nd]$|^--interval$/, plain: 0 },
  flock: { valued: /^-[wE]$|^--(?:wait|timeout)$/, plain: 1 },
  chroot: { valued: /^--(?:userspec|groups)$/, plain: 1 },
  unshare: { valued: /^-[SG]$|^--(?:root|wd|setuid|setgid)$/, plain: 0 },
  nsenter: { valued: /^-[tSGrw]$|^--(?:target|root|wd|setuid|setgid)$/, plain: 0 },
  runuser: { valued: /^-[ugG]$/, plain: 0 },
  setpriv: { valued: /^--(?:reuid|regid|groups)$/, plain: 0 },
  pkexec: { valued: /^--user$/, plain: 0 },
  gosu: { valued: none, plain: 1 },
  'su-exec': { valued: none, plain: 1 },
  strace: { valued: /^-[eosuEpPa]$/, plain: 0 },
  ltrace: { valued: /^-[eosup]$/, plain: 0 },
  busybox: { valued: none, plain: 0 },
  toybox: { valued: none, plain: 0 },
  proxychains: { valued: none, plain: 0 },
  proxychains4: { valued: none, plain: 0 },
  torsocks: { valued: none, plain: 0 },
  unbuffer: { valued: none, plain: 0 },
  catchsegv: { valued: none, plain: 0 },
  'dbus-run-session': { valued: none, plain: 0 },
  'systemd-run': { valued: /^-[Mpu]$|^--(?:unit|property|uid|gid|slice|on-calendar|on-active)$/, plain: 0 },
  'systemd-inhibit': { valued: none, plain: 0 },
  cgexec: { valued: /^-g$/, plain: 0 },
  'start-stop-daemon': { valued: /^-[ncupxa]$/, plain: 0 },
  'ld-linux-x86-64.so.2': { valued: none, plain: 0 },
  retry: { valued: /^-[td]$/, plain: 0 },
  eatmydata: { valued: none, plain: 0 },
  fakeroot: { valued: none, plain: 0 },
  script: { valued: none, plain: 0 },
  start: { valued: none, plain: 0 },
  call: { valued: none, plain: 0 },
  conhost: { valued: none, plain: 0 },
  'measure-command': { valued: none, plain: 0 },
  wsl: { valued: /^-[du]$|^--(?:distribution|user|cd|shell-type)$/, plain: 0 },
};

/** Hands the words after a wrapper on as a command. Gives whether it was one. */
export function judgeWrapped(invocation: Invocation, judge: Judge): boolean {
  const wrapper = Object.hasOwn(wrappers, invocation.name) ? wrappers[invocation.name] : undefined;
  if (wrapper === undefined) return false;
  if (invocation.name === 'start' && invocation.language !== 'cmd') return false;
  if (judgeAsText(invocation, judge)) return true;
  const inner = wrappedFields(invocation, wrapper);
  const isAsking = invocation.name === 'command' && /^-[vV]$/.test(invocation.fields[0]?.text ?? '');
  if (isAsking) return true;
  if (inner.length === 0) return invocation.name !== 'env' ? invocation.name !== 'time' : false;
  judge.judgeFields(invocation.name === 'xargs' || invocation.name === 'parallel' ? withArguments(inner, invocation) : inner, invocation);
  return true;
}

/** Wrappers that read a text as a shell, or as `env -S`, would. Gives whether that is all there is to run. */
function judgeAsText(invocation: Invocation, judge: Judge): boolean {
  const { name, fields, line } = invocation;
  const run = (values: readonly Value[]) => {
    if (values.length > 0) judge.judgeTexts('bash', values, line);
    return values.length > 0;
  };
  switch (name) {
    case 'env':
      return run(joinedAfter(fields, /^-[a-zA-Z0]*S(.*)$|^--split-string(?:=(.*))?$/s));
    case 'watch':
      return run(fields.filter(({ text }) => /\s/.test(text)));
    case 'flock':
    case 'script':
      return run(joinedAfter(fields, /^-[a-zA-Z]*c()$|^--command(?:=(.*))?$/s).slice(0, 1));
    case 'wsl':
      return run(asShellText(wrappedFields(invocation, wrappers['wsl'] ?? { valued: none, plain: 0 })));
    case 'parallel':
      return run(
        invocation.input !== undefined && wrappedFields(invocation, { valued: none, plain: 0 }).length === 0 ? invocation.input.values : [],
      );
    case 'sudo':
    case 'doas':
    case 'unshare':
    case 'nsenter':
    case 'chroot':
      return run(readsInput(invocation) ? (invocation.input?.values ?? []) : []);
    default:
      return false;
  }
}

/** Words of PowerShell or `cmd.exe` as the shell of Linux gets them. */
function asShellText(fields: readonly Field[]): readonly Value[] {
  const words = fields.map(({ text }, index) => (index > 0 && /\s/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text));
  return words.length === 0 ? [] : [{ text: words.join(' '), traits: new Set(fields.flatMap(({ traits }) => [...traits])) }];
}

/** `sudo -s`, and what starts a shell where no command is named, read commands as a shell does. */
function readsInput(invocation: Invocation): boolean {
  const wrapper = wrappers[invocation.name];
  if (wrapper === undefined || invocation.input === undefined || wrappedFields(invocation, wrapper).length > 0) return false;
  return (
    !/^(?:sudo|doas)$/.test(invocation.name) || invocation.fields.some(({ text }) => /^-[a-zA-Z]*[si]$|^--(?:shell|login)$/.test(text))
  );
}

/** The text of an option, glued to it or the next word, with the words after it. */
function joinedAfter(fields: readonly Field[], option: RegExp): readonly Value[] {
  const at = fields.findIndex(({ text }) => option.test(text));
  const match = option.exec(fields[at]?.text ?? '');
  const rest = fields.slice(at + 1);
  if (at === -1 || match === null) return [];
  const glued = match[1] ?? match[2] ?? '';
  const isCommand = option.source.includes('split-string');
  const own = isCommand ? rest : rest.slice(0, 1);
  const texts = [...(glued === '' ? [] : [glued]), ...(isCommand || glued === '' ? own.map(({ text }) => text) : [])];
  return [{ text: texts.join(' '), traits: new Set(own.flatMap(({ traits }) => [...traits])) }];
}

function wrappedFields(invocation: Invocation, { valued, plain, skips }: Wrapper): readonly Field[] {
  const { fields } = invocation;
  let left = plain;
  for (let at = 0; at < fields.length; at += 1) {
    const text = fields[at]?.text ?? '';
    if (text === '--') continue;
    if (valued.test(text)) at += 1;
    else if (/^-./.test(text) || (text.startsWith('/') && invocation.language === 'cmd')) continue;
    else if (skips?.test(text) === true) continue;
    else if (left > 0) left -= 1;
    else return fields.slice(at);
  }
  return [];
}

/** The mark of `xargs -I` that stands for one whole line; undefined where words are added. */
function replacementOf({ name, fields }: Invocation): string | undefined {
  if (name !== 'xargs') return undefined;
  for (const [index, { text }] of fields.entries()) {
    if (!text.startsWith('-')) return undefined;
    const match = /^-[a-zA-Z0-9]*?[Ii](.*)$|^--replace(?:=(.*))?$/.exec(text);
    if (match === null) continue;
    const glued = match[1] ?? match[2] ?? '';
    return glued === '' ? (/I$/.test(text) ? (fields[index + 1]?.text ?? '{}') : '{}') : glued;
  }
  return undefined;
}

/** `xargs` adds what it reads; what that is, is known only where the script prints it. */
function withArguments(inner: readonly Field[], invocation: Invocation): readonly Field[] {
  const read = invocation.input?.values ?? [];
  const text = read.length === 1 ? (read[0]?.text ?? unknownMark) : unknownMark;
  const added = text
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 64);
  const traits = read[0]?.traits ?? new Set();
  const mark = replacementOf(invocation);
  if (mark !== undefined) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const whole = (lines.length === 0 ? [unknownMark] : lines).slice(0, 64).map((line) => ({ text: line.trim(), traits, word: undefined }));
    return inner.flatMap((field) =>
      field.text.includes(mark) ? whole.map((line) => ({ ...field, text: field.text.replaceAll(mark, () => line.text), traits })) : [field],
    );
  }
  const places = inner.some((field) => field.text.includes('{}'));
  const words = (added.length === 0 ? [unknownMark] : added).map((word) => ({ text: word, traits, word: undefined }));
  if (!places) return [...inner, ...words];
  return inner.flatMap((field) =>
    field.text.includes('{}') ? words.map((word) => ({ ...field, text: field.text.replace('{}', () => word.text) })) : [field],
  );
}

import { hasOption, type Invocation, type Judge, operands, optionValues, parameter, shown } from '../invocation.ts';
import { isAbsolute, isDevicePath, isPersistencePath, isTemporary, isTracePath, resolved } from '../paths.ts';
import { unknownMark } from '../values.ts';

type Removal = { readonly path: string; readonly isRecursive: boolean; readonly isFiltered: boolean };

/** `rm`, `find -delete`, `Remove-Item`, `dd`, `truncate`, `mv`: how bad it is to remove depends on what is removed. */
export function judgeRemoval(invocation: Invocation, judge: Judge): void {
  judgeEmptied(invocation, judge);
  if (Object.hasOwn(removers, invocation.name)) removers[invocation.name]?.(invocation, judge);
}

const removers: Readonly<Record<string, (invocation: Invocation, judge: Judge) => void>> = {
  rm: judgeRm,
  grm: judgeRm,
  find: judgeFind,
  'remove-item': judgeRemoveItem,
  'clear-content': judgeRemoveItem,
  rd: judgeRemoveItem,
  del: judgeRemoveItem,
  erase: judgeRemoveItem,
  rmdir: judgeRemoveItem,
  dd: judgeDd,
  dcfldd: judgeDd,
  truncate: judgeTruncate,
  fallocate: judgeTruncate,
  mv: judgeMove,
  cp: judgeMove,
  install: judgeMove,
  unlink: judgeRm,
  rsync: judgeMirror,
};

/** `> file` of a command that prints nothing, or `cat /dev/null > file`, leaves nothing of it. */
function judgeEmptied(invocation: Invocation, judge: Judge): void {
  const prints = invocation.name === 'cat' || invocation.name === 'echo' || invocation.name === 'printf';
  const isNothing = invocation.fields.every(({ text }) => text === '/dev/null' || text === '' || text === '-n');
  const isEmpty = /^(?::|true)?$/.test(invocation.name) || (prints && isNothing && invocation.fields.length > 0);
  if (invocation.name === 'set-content' || invocation.name === 'out-file') judgeBlanked(invocation, judge);
  if (!isEmpty) return;
  for (const { operator, value } of invocation.redirections) {
    const path = resolved(value.text, judge.files.folder);
    if (/^\d*>\|?$/.test(operator) && isVital(path) && !isDevicePath(path))
      judge.found('scriptDestroysData', invocation.line, shown('>', pathShown(value.text)));
  }
}

function judgeBlanked(invocation: Invocation, judge: Judge): void {
  const words = invocation.fields.filter(({ text }) => !text.startsWith('-'));
  const [file] = words;
  if (file !== undefined && isVital(file.text) && words.length > 1 && words.slice(1).every(({ text }) => text === ''))
    judge.found('scriptDestroysData', invocation.line, shown(invocation.name, pathShown(file.text)));
}

function judgeTruncate(invocation: Invocation, judge: Judge): void {
  const sizes = new Set(optionValues(invocation, '-s', '--size', '-l', '-o').map(({ text }) => text));
  const paths = operands(invocation).filter(({ text }) => !sizes.has(text));
  judgeEach(
    invocation,
    judge,
    paths.map(({ text }) => text),
    false,
  );
}

function judgeMirror(invocation: Invocation, judge: Judge): void {
  if (!invocation.fields.some(({ text }) => /^--(?:del|delete(?:-[a-z]+)?|remove-source-files)$/.test(text))) return;
  const path = operands(invocation).at(-1)?.text ?? unknownMark;
  judgeOne(invocation, judge, { path, isRecursive: true, isFiltered: false });
}

function judgeRm(invocation: Invocation, judge: Judge): void {
  const isRecursive = hasOption(invocation, 'rR', 'recursive', 'dir') || invocation.fields.some(({ text }) => /^--r|^--no-pres/.test(text));
  const targets = operands(invocation).map(({ text }) => text);
  if (targets.length === 0 && (isRecursive || invocation.input !== undefined)) {
    judge.found('scriptDeletes', invocation.line, 'rm');
    return;
  }
  judgeEach(invocation, judge, targets, isRecursive);
}

function judgeEach(invocation: Invocation, judge: Judge, paths: readonly string[], isRecursive: boolean): void {
  for (const path of paths) judgeOne(invocation, judge, { path, isRecursive, isFiltered: false });
}

function judgeOne(invocation: Invocation, judge: Judge, { path, isRecursive, isFiltered }: Removal): void {
  const own = path.replace(/^['"]|['"]$/g, '').replace(/^(?:microsoft\.powershell\.core\\)?filesystem::/i, '');
  const whole = resolved(own, judge.files.folder);
  const shows = shown(invocation.name, isRecursive ? '-r' : '', pathShown(path));
  if (isDevicePath(whole)) judge.found('scriptDestroysData', invocation.line, shows);
  else if (isTracePath(whole) && !isFiltered) judge.found('scriptHidesTraces', invocation.line, shows);
  else if (isPersistencePath(whole) && !isFiltered) judge.found('scriptDestroysData', invocation.line, shows);
  else if (isWide(whole, isRecursive) && !isFiltered) judge.found('scriptDestroysData', invocation.line, shows);
  else judge.found('scriptDeletes', invocation.line, shows);
}

/** A name may be built of what a script knows; what it does not know is shown as an ellipsis. */
function pathShown(path: string): string {
  return path.length > 60 ? `${path.slice(0, 59)}…` : path;
}

/** Whether more is gone than one thing that a script could have made itself. */
function isWide(path: string, isRecursive: boolean): boolean {
  if (isTemporary(path)) return false;
  if (/^\.{0,2}[/\\]?\*+(?:\.\*)?$|^\.{1,2}[/\\]?$/.test(path)) return true;
  const isWild = /[*?]/.test(path);
  if (isAbsolute(path)) return isRecursive || isWild || isVital(path);
  return isRecursive && /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path) && isWild;
}

/** Files without which a machine or a database does not start. */
function isVital(path: string): boolean {
  return /^\/(?:boot|bin|sbin|lib\w*|usr|dev|etc)\/|^\/var\/lib\/|\.(?:mdf|ldf|ndf|ibd|dbf|vhdx?|vmdk|qcow2|bak|dump|sql|sqlite3?|db)$|^[a-z]:\\windows\\/i.test(
    path,
  );
}

function judgeFind(invocation: Invocation, judge: Judge): void {
  const texts = invocation.fields.map(({ text }) => text);
  const expression = texts.findIndex((text) => /^[-(!]/.test(text) && !/^-[HLPOD]/.test(text));
  const roots = (expression === -1 ? texts : texts.slice(0, expression)).filter((text) => !text.startsWith('-'));
  const isFiltered =
    texts.some((text) => /^-(?:[acm]time|[acm]min|newer|name|iname|path|regex|size|empty|user|perm)/.test(text)) && !matchesAll(texts);
  const paths = roots.length === 0 ? ['.'] : roots;
  if (texts.includes('-delete')) for (const path of paths) judgeOne(invocation, judge, { path, isRecursive: true, isFiltered });
  for (const [index, text] of texts.entries()) {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(text)) continue;
    const rest = invocation.fields.slice(index + 1);
    const end = rest.findIndex((field) => field.text === ';' || field.text === '+');
    const command = end === -1 ? rest : rest.slice(0, end);
    if (/^(?:rm|shred|unlink|srm)$/.test(command[0]?.text ?? '')) {
      for (const path of paths) judgeOne(invocation, judge, { path, isRecursive: true, isFiltered });
      if (command[0]?.text === 'rm') continue;
    }
    judge.judgeFields(
      command.map((field) => (field.text === '{}' ? { ...field, text: `${paths[0] ?? '.'}/${unknownMark}` } : field)),
      invocation,
    );
  }
}

/** `-name '*'` is no filter. */
function matchesAll(texts: readonly string[]): boolean {
  return texts.some((text, index) => /^-i?(?:name|path)$/.test(text) && /^\*+$/.test(texts[index + 1] ?? ''));
}

function judgeRemoveItem(invocation: Invocation, judge: Judge): void {
  const isDos = invocation.language === 'cmd';
  const isRecursive = isDos ? invocation.fields.some(({ text }) => /^\/s$/i.test(text)) : parameter(invocation, 'recurse').isGiven;
  const named = [...parameter(invocation, 'path', 1).values, ...parameter(invocation, 'literalpath', 1).values];
  const plain = invocation.fields.filter(({ text }) => (isDos ? !text.startsWith('/') : !text.startsWith('-')) && text !== '{}');
  const given = (named.length > 0 ? [...named, ...plain] : plain).map(({ text }) => text);
  if (given.length > 0) {
    for (const path of new Set(given))
      if (!/^(?:true|false|silentlycontinue|continue|stop|ignore)$/i.test(path))
        judgeOne(invocation, judge, { path, isRecursive, isFiltered: false });
    return;
  }
  const stages = invocation.input?.stages ?? [];
  const isFiltered = stages.length > 1;
  const [first] = stages;
  const words = first?.kind === 'command' ? first.words.slice(1) : [];
  const paths = words
    .flatMap((word) => judge.evaluation.valuesOf(word))
    .map(({ text }) => text)
    .filter((text) => text !== '' && !text.startsWith('-'));
  const isDeep = isRecursive || words.some((word) => /^-r/i.test(word.source));
  if (paths.length === 0) judge.found('scriptDeletes', invocation.line, invocation.name);
  for (const path of paths) judgeOne(invocation, judge, { path, isRecursive: isDeep, isFiltered });
}

function judgeDd(invocation: Invocation, judge: Judge): void {
  for (const { text } of optionValues(invocation, 'of')) {
    if (isDevicePath(text)) judge.found('scriptDestroysData', invocation.line, shown('dd', `of=${pathShown(text)}`));
    else if (
      isAbsolute(text) &&
      !isTemporary(text) &&
      optionValues(invocation, 'if').some((from) => /^\/dev\/(?:zero|u?random|null)$/.test(from.text))
    ) {
      judge.found(/swap/.test(text) ? 'scriptDeletes' : 'scriptDestroysData', invocation.line, shown('dd', `of=${pathShown(text)}`));
    }
  }
  for (const { text } of optionValues(invocation, 'if')) {
    if (isDevicePath(text)) judge.found('scriptReadsCredentials', invocation.line, shown('dd', `if=${pathShown(text)}`));
  }
}

/** To move something to `/dev/null`, or nothing over something, is to delete it. */
function judgeMove(invocation: Invocation, judge: Judge): void {
  const paths = operands(invocation).map(({ text }) => text);
  const target = paths.at(-1);
  const sources = paths.slice(0, -1);
  if (target === undefined) return;
  const removed = target === '/dev/null' && invocation.name === 'mv' ? sources : sources.includes('/dev/null') ? [target] : [];
  for (const path of removed) judgeOne(invocation, judge, { path, isRecursive: true, isFiltered: false });
  if (invocation.name !== 'mv') return;
  for (const path of sources) {
    const whole = resolved(path, judge.files.folder);
    if (/^\/[^/]*\*?$|^~?\/?\*$/.test(whole)) judge.found('scriptDestroysData', invocation.line, shown('mv', pathShown(path)));
    else if (isTracePath(whole)) judge.found('scriptHidesTraces', invocation.line, shown('mv', pathShown(path)));
  }
}

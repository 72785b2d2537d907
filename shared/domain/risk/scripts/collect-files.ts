import { plainName, powershellName } from './command-name.ts';
import type { Evaluation } from './evaluation.ts';
import { isDownloader } from './network-commands.ts';
import { printedByStep } from './printed.ts';
import { copiedTo, downloadedTo, noFiles, type ScriptFiles, writtenTo } from './script-files.ts';
import type { Command, Script, Step } from './script-reader.ts';
import { nestedSteps } from './steps.ts';
import { literal, unknownMark, type Value } from './values.ts';

/** Which files a script fetches and writes, wherever in it: what is run first may stand last. */
export function collectFiles(script: Script, evaluation: Evaluation): ScriptFiles {
  const files = noFiles();
  const steps = nestedSteps(script.steps);
  const inPipelines = new Set(steps.flatMap((step) => (step.kind === 'pipeline' ? step.stages : [])));
  for (const step of steps) {
    if (step.kind === 'pipeline') collectPipeline(step.stages, evaluation, files);
    else if (!inPipelines.has(step)) collectStep(step, evaluation, files, undefined);
  }
  return files;
}

function collectPipeline(stages: readonly Step[], evaluation: Evaluation, files: ScriptFiles): void {
  let flowing: readonly Value[] | undefined;
  for (const stage of stages) {
    collectStep(stage, evaluation, files, flowing);
    flowing = printedByStep(evaluation, stage, flowing);
  }
}

function collectStep(step: Step, evaluation: Evaluation, files: ScriptFiles, input: readonly Value[] | undefined): void {
  if (step.kind === 'expression' || step.kind === 'command' || step.kind === 'block') {
    for (const { operator, target } of step.redirections) {
      if (!operator.includes('>')) continue;
      note(files, evaluation.valuesOf(target), printedByStep(evaluation, step, input), operator.includes('>>'));
    }
  }
  if (step.kind === 'command') collectCommand(step, evaluation, files, input);
  if (step.kind === 'expression') collectDownload(step, evaluation, files);
}

function note(files: ScriptFiles, paths: readonly Value[], contents: readonly Value[], appends: boolean): void {
  for (const { text } of paths.slice(0, 1)) {
    if (/^\/dev\/(?:null|stdout|stderr|tty)$|^&?\d?-?$/.test(text)) continue;
    if (contents.some((content) => content.traits.has('remote'))) downloadedTo(files, text);
    for (const content of contents.slice(0, 2)) writtenTo(files, text, asWritten(content), appends);
  }
}

/** What is written to a file and run from there does not hide how it was put together. */
function asWritten({ text, traits }: Value): Value {
  return { text, traits: new Set([...traits].filter((trait) => trait !== 'computed' || text.includes(unknownMark))) };
}

const urlName = /^(?:https?|ftp):\/\/[^/]+\/(?:[^?#]*\/)?([^/?#]+)/i;

function collectCommand(command: Command, evaluation: Evaluation, files: ScriptFiles, input: readonly Value[] | undefined): void {
  const words = command.words.map((word) => evaluation.valuesOf(word)[0] ?? literal(''));
  const all = words.map(({ text }) => text);
  const start = all.findIndex((text) => !/^(?:sudo|env|nohup|time|command|exec|-\S*|\w+=.*)$/.test(text));
  const [path = '', ...args] = start === -1 ? [] : all.slice(start);
  const name = evaluation.scope.language === 'bash' ? plainName(path) : powershellName(path);
  const after = (...options: readonly RegExp[]) => args.filter((_, index) => options.some((option) => option.test(args[index - 1] ?? '')));
  const targets = args.filter((text) => !text.startsWith('-'));
  if (isDownloader(name) || /^(?:azcopy|scp|rsync|az|aws|gsutil|aria2c|git)$/.test(name)) collectFetched(name, args, after, files);
  else if (name === 'tee' || name === 'tee-object')
    for (const target of targets) note(files, [literal(target)], input ?? [literal('')], args.includes('-a'));
  else if (/^(?:cp|mv|ln|copy-item|move-item|install|copy|rename-item)$/.test(name)) collectCopied(name, targets, files);
  else if (/^(?:set-alias|new-alias)$/.test(name)) collectAlias(targets, files);
  else if (name === 'set-item' && /^alias:/i.test(targets[0] ?? '')) collectAlias([targets[0]?.slice(6) ?? '', ...targets.slice(1)], files);
  else if (/^(?:set-content|add-content|out-file|new-item)$/.test(name)) {
    const [target] = [...after(/^-(?:filep\w*|path|literalpath|lp)$/i), ...targets];
    const given = after(/^-v(?:alue)?$/i).map(literal);
    const contents = given.length > 0 ? given : (input ?? targets.slice(1).map(literal));
    if (target !== undefined)
      note(files, [literal(target)], contents, name === 'add-content' || args.some((text) => /^-a(?:ppend)?$/i.test(text)));
  } else if (/^(?:tar|unzip|7z|gunzip|expand-archive|dpkg|bsdtar|bunzip2|xz)$/.test(name) && hasRemote(files)) files.hasUnnamed = true;
  else if (name === 'sed' || name === 'chmod') return;
}

function hasRemote(files: ScriptFiles): boolean {
  return [...files.origins.values()].some((origin) => origin.isRemote);
}

function collectFetched(
  name: string,
  args: readonly string[],
  after: (...options: readonly RegExp[]) => readonly string[],
  files: ScriptFiles,
): void {
  const named = after(/^-[a-zA-Z]*[oO]$/, /^--output(?:-document)?$/, /^-o(?:utf\w*)?$/i, /^-dest\w*$/i, /^-f$/, /^--file$/);
  const glued = args.flatMap((text) => /^(?:--output(?:-document)?=|-[oO])(.+)/.exec(text)?.[1] ?? []);
  const written = [...named, ...glued].filter((text) => !/^-$|^\/dev\//.test(text) && !/^https?:/i.test(text));
  const urls = args.filter((text) => /^(?:https?|ftp):\/\//i.test(text));
  for (const target of written) downloadedTo(files, target);
  const takesName = name === 'wget' || name === 'aria2c' || args.some((text) => /^-[a-zA-Z]*[OJ]|^--remote-name/.test(text));
  if (takesName && written.length === 0) for (const url of urls) downloadedTo(files, urlName.exec(url)?.[1]);
  if (name === 'git' && /^(?:clone|submodule)$/.test(args[0] ?? '')) {
    const folder = args.filter((text) => !text.startsWith('-')).at(-1) ?? '';
    downloadedTo(files, folder.replace(/\.git$/, ''));
  }
  if (/^(?:certutil|azcopy|scp|rsync|aws|gsutil|bitsadmin)$/.test(name)) {
    const last = args.at(-1);
    if (last !== undefined && args.some((text) => /^(?:https?|s3|gs):|^\S+@?\S+:/.test(text)) && !/:/.test(last.slice(2)))
      downloadedTo(files, last);
  }
  if (name === 'az' && args.includes('download'))
    for (const target of after(/^(?:-f|--file|--destination|-d|--path|--dest)$/)) downloadedTo(files, target);
}

/** A copy is what its source is; a copy or link of a program is that program under another name. */
function collectCopied(name: string, targets: readonly string[], files: ScriptFiles): void {
  const [source, target] = [targets.at(-2), targets.at(-1)];
  if (source === undefined || target === undefined) return;
  const known = files.origins.get(plainName(source));
  if (known?.isRemote === true) downloadedTo(files, target);
  for (const content of known?.contents ?? []) writtenTo(files, target, content, false);
  const isProgram = /^(?:\/usr(?:\/local)?)?\/s?bin\/[\w.-]+$/.test(source) && (name === 'cp' || name === 'ln' || name === 'install');
  if (isProgram && plainName(source) !== plainName(target) && !target.endsWith('/')) copiedTo(files, source, target);
}

/** A name that the script gives a command. */
function collectAlias([alias, command]: readonly string[], files: ScriptFiles): void {
  if (alias !== undefined && command !== undefined && alias.toLowerCase() !== command.toLowerCase()) copiedTo(files, command, alias);
}

/** `.DownloadFile(address, file)`. */
function collectDownload(step: Extract<Step, { readonly kind: 'expression' }>, evaluation: Evaluation, files: ScriptFiles): void {
  for (const part of step.value.parts) {
    if (part.kind !== 'member' || part.arguments === undefined) continue;
    if (/^downloadfile/i.test(evaluation.valuesOf(part.name)[0]?.text ?? '')) {
      const [, target] = part.arguments;
      downloadedTo(files, target === undefined ? undefined : evaluation.valuesOf(target)[0]?.text);
    }
  }
}

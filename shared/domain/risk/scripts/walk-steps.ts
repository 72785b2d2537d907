import { plainName, powershellName } from './command-name.ts';
import { disguiseOfName, isDisguisedArgument } from './disguises.ts';
import { evaluationOf } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import { type CommandLanguage, type Field, type Input, type Invocation, type Judge, shown } from './invocation.ts';
import { fieldsOf } from './invocations-of.ts';
import { resolved } from './paths.ts';
import { printedByStep } from './printed.ts';
import { judgeVariable } from './rules/environment-variables.ts';
import { judgeInvocation } from './rules/judge-invocation.ts';
import { judgeMember, judgeSetting } from './rules/members.ts';
import type { ScriptFiles } from './script-files.ts';
import type { Assignment, Command, Redirection, Step, Word } from './script-reader.ts';
import { isKnown, unknownMark, type Value } from './values.ts';

/** What a walk through a script needs. */
export type Walk = {
  readonly language: CommandLanguage;
  readonly evaluation: Evaluation;
  readonly files: ScriptFiles;
  readonly found: Judge['found'];
  readonly judgeTexts: Judge['judgeTexts'];
  /** Calls of functions that may still be followed, and how deep wrappers and calls are nested. */
  readonly calls: { left: number; depth: number };
};

const maxWrappers = 24;

/** Judges steps one after another. `input` is what the first command of them reads. */
export function walkSteps(walk: Walk, steps: readonly Step[], input: Input | undefined): void {
  for (const step of steps) walkStep(walk, step, input);
}

function walkStep(walk: Walk, step: Step, input: Input | undefined): void {
  switch (step.kind) {
    case 'command':
      walkCommand(walk, step, input);
      break;
    case 'pipeline':
      walkPipeline(walk, step.stages, input);
      break;
    case 'assignment':
      walkWord(walk, step.value);
      judgeAssignment(walk, step);
      break;
    case 'block':
      walkBlock(walk, step, input);
      break;
    case 'function':
      if (multipliesItself(step.name, step.steps)) walk.found('scriptInterruptsService', step.line, 'a function that multiplies itself');
      apart(walk, () => walkSteps(walk, step.steps, undefined));
      break;
    case 'expression':
      walkWord(walk, step.value);
      walkRedirections(walk, step.redirections, step.line);
      break;
  }
}

function judgeAssignment(walk: Walk, { name, value, line }: Assignment): void {
  judgeSetting(name, line, judgeOf(walk));
  if (walk.language === 'bash') judgeVariable(name, walk.evaluation.valuesOf(value), line, judgeOf(walk));
}

/** A function that pipes itself into itself takes every process that a machine has. */
function multipliesItself(name: string, steps: readonly Step[]): boolean {
  return steps.some((step) => {
    if (step.kind === 'block') return multipliesItself(name, step.steps);
    return step.kind === 'pipeline' && step.stages.every((stage) => stage.kind === 'command' && stage.words[0]?.source === name);
  });
}

/** Where a block or function leaves the script is not followed. */
function apart(walk: Walk, run: () => void): void {
  const { folder } = walk.files;
  run();
  walk.files.folder = walk.files.folder === folder ? folder : undefined;
}

function walkPipeline(walk: Walk, stages: readonly Step[], input: Input | undefined): void {
  let flowing = input;
  for (const [index, stage] of stages.entries()) {
    walkStep(isOnlyCounted(stage, stages[index + 1]) ? withoutCredentials(walk) : walk, stage, flowing);
    flowing = { values: printedByStep(walk.evaluation, stage, flowing?.values), stages: stages.slice(0, index + 1) };
  }
}

const listsVariables = /^(?:env|printenv|export|declare|typeset|set|(?:get-childitem|gci|dir|ls) env:[\\/]?\*?)$/i;
/** What shows how many there are, or whether there is one of a name, and nothing that a value holds. */
const counts = /^(?:wc(?: -\S+)*|measure(?:-object)?(?: -line)?|e?f?grep -[ivwFE]*[cq][ivwFE]* ['"]?\^?\w+=?['"]?)$/;

/** `env | grep -c NAME`: the list of variables goes nowhere. */
function isOnlyCounted(stage: Step, next: Step | undefined): boolean {
  return (
    listsVariables.test(plainText(stage)) &&
    counts.test(
      plainText(next)
        .replace(/^Measure/, 'measure')
        .replace('-Object', '-object'),
    )
  );
}

/** The words of a command as they are written; nothing where it is more than plain words. */
function plainText(step: Step | undefined): string {
  if (step?.kind !== 'command' || step.redirections.length > 0 || step.assignments.length > 0) return '';
  return step.words.every(({ parts }) => parts.every(({ kind }) => kind === 'text'))
    ? step.words.map(({ source }) => source).join(' ')
    : '';
}

function withoutCredentials(walk: Walk): Walk {
  return {
    ...walk,
    found: (code, line, shows) => {
      if (code !== 'scriptReadsCredentials') walk.found(code, line, shows);
    },
  };
}

function walkBlock(walk: Walk, block: Extract<Step, { readonly kind: 'block' }>, input: Input | undefined): void {
  for (const value of block.loop?.values ?? []) walkWord(walk, value);
  const read = block.redirections.find(({ operator }) => operator.startsWith('<'));
  const own = read === undefined ? input : { values: readFrom(walk, read), stages: [] };
  apart(walk, () => walkSteps(walk, block.steps, own));
  walkRedirections(walk, block.redirections, block.line);
}

/** A block's redirections are judged as those of a command without words. */
function walkRedirections(walk: Walk, redirections: readonly Redirection[], line: number): void {
  if (redirections.length > 0) walkCommand(walk, { kind: 'command', line, words: [], assignments: [], redirections }, undefined);
}

function readFrom(walk: Walk, { operator, target }: Redirection): readonly Value[] {
  const values = walk.evaluation.valuesOf(target);
  if (operator !== '<') return values;
  const origins = values.flatMap(({ text }) => walk.files.origins.get(plainName(text)) ?? []);
  const contents = origins.flatMap((origin) => [
    ...origin.contents,
    ...(origin.isRemote ? [{ text: unknownMark, traits: new Set(['remote'] as const) }] : []),
  ]);
  return contents.length > 0 ? contents : values.map(({ traits }) => ({ text: unknownMark, traits }));
}

function walkWord(walk: Walk, word: Word): void {
  for (const part of word.parts) {
    switch (part.kind) {
      case 'substitution':
      case 'process':
      case 'scriptBlock':
      case 'unknown':
        apart(walk, () => walkSteps(walk, part.steps, undefined));
        break;
      case 'variable':
      case 'operation':
        if (part.kind === 'variable' && part.operator === '@' && word.source.includes('@P}'))
          walk.judgeTexts('bash', walk.evaluation.valuesOfVariable(part.name), word.line);
        for (const operand of part.operands) walkWord(walk, operand);
        break;
      case 'member':
        walkWord(walk, part.target);
        walkWord(walk, part.name);
        for (const argument of part.arguments ?? []) walkWord(walk, argument);
        judgeMember(part, judgeOf(walk), nothingRun(walk, word.line));
        break;
      case 'text':
        break;
    }
  }
}

function nothingRun(walk: Walk, line: number): Invocation {
  return { language: walk.language, line, name: '', path: '', fields: [], redirections: [], input: undefined };
}

function walkCommand(walk: Walk, command: Command, input: Input | undefined): void {
  for (const word of command.words) walkWord(walk, word);
  for (const assignment of command.assignments) {
    walkWord(walk, assignment.value);
    judgeAssignment(walk, assignment);
  }
  for (const redirection of command.redirections) walkWord(walk, redirection.target);
  noteDisguises(walk, command);
  const here = command.redirections.find(({ operator }) => operator === '<<' || operator === '<<<' || operator === '<');
  const own = here === undefined ? input : { values: readFrom(walk, here), stages: [] };
  const redirections = command.redirections
    .filter(({ operator }) => operator !== '<<' && operator !== '<<<')
    .flatMap(({ operator, target }) => walk.evaluation.valuesOf(target).map((value) => ({ operator, value })));
  const from = { ...nothingRun(walk, command.line), redirections, input: own };
  if (command.words.length === 0) judgeInvocation(from, judgeOf(walk));
  else for (const fields of fieldsOf(command, walk.evaluation)) runFields(walk, fields, from);
}

function noteDisguises(walk: Walk, command: Command): void {
  const [name, ...rest] = command.words;
  if (name === undefined) return;
  const disguise = disguiseOfName(name, walk.evaluation.scope.language);
  if (disguise !== undefined) walk.found(disguise, command.line, shown(name.source.slice(0, 40)));
  else if (walk.language === 'bash' && rest.some(isDisguisedArgument))
    walk.found('scriptDisguisesCommands', command.line, shown(firstWord(name)));
}

function firstWord(name: Word): string {
  return name.source.slice(0, 40);
}

/** Judges words as a command, whoever runs them. */
function runFields(walk: Walk, fields: readonly Field[], from: Invocation): void {
  const [first, ...rest] = walk.language === 'powershell' ? withVerbatim(fields) : fields;
  if (first === undefined) return;
  if (walk.calls.depth > maxWrappers) {
    walk.found('scriptHidesContent', from.line, 'wrappers in wrappers');
    return;
  }
  walk.calls.depth += 1;
  runNamed(walk, first, rest, from);
  walk.calls.depth -= 1;
}

/** What stands after `--%` goes to the command as it is written. */
function withVerbatim(fields: readonly Field[]): readonly Field[] {
  return fields.flatMap((field) =>
    field.text.startsWith('--%') ? (field.text.slice(3).match(/"[^"]*"|\S+/g) ?? []).map((text) => ({ ...field, text })) : [field],
  );
}

function runNamed(walk: Walk, first: Field, rest: readonly Field[], from: Invocation): void {
  const path = first.text.trim();
  const name = walk.language === 'powershell' ? powershellName(path) : plainName(path);
  const isBlock = path === '{}' && first.word?.parts.some((part) => part.kind === 'scriptBlock') === true;
  if (isBlock) return;
  if (path === '') {
    if (first.word?.parts.some(({ kind }) => kind === 'substitution') === true)
      walk.found('scriptBuildsCommands', from.line, shown(first.word.source.slice(0, 40)));
    return;
  }
  if (name === '' || name.includes(unknownMark)) {
    judgeUnknownName(walk, first, from.line);
    return;
  }
  if (walk.language === 'powershell' && /[*?]/.test(name)) walk.found('scriptDisguisesCommands', from.line, shown(name));
  if (isBuilt(first)) walk.found('scriptHidesContent', from.line, shown(name));
  const invocation: Invocation = { ...from, name, path, fields: rest };
  followFolder(walk, invocation);
  judgeInvocation(invocation, judgeOf(walk));
  followCall(walk, invocation);
}

/** A name that operators or decoders put together, though it can be told here. */
function isBuilt({ text, traits }: Field): boolean {
  return traits.has('decoded') || (traits.has('computed') && isKnown({ text, traits }));
}

function judgeUnknownName(walk: Walk, { traits, word }: Field, line: number): void {
  const shows = shown((word?.source ?? '').slice(0, 40));
  if (traits.has('remote')) walk.found('scriptRunsRemoteCode', line, shows);
  else if (traits.has('decoded') || traits.has('computed') || traits.has('gathered')) walk.found('scriptHidesContent', line, shows);
  else walk.found('scriptBuildsCommands', line, shows);
}

/** Where relative paths lead from here on. */
function followFolder(walk: Walk, { name, fields }: Invocation): void {
  if (name !== 'cd' && name !== 'pushd' && name !== 'set-location' && name !== 'push-location' && name !== 'popd' && name !== 'chdir')
    return;
  const target = fields.filter(({ text }) => !/^-|^\/d$/i.test(text)).at(-1)?.text ?? '~';
  walk.files.folder = target.includes(unknownMark) || name === 'popd' ? undefined : resolved(target, walk.files.folder);
}

/** A function of the script runs with the arguments that it is given here. */
function followCall(walk: Walk, invocation: Invocation): void {
  const { scope } = walk.evaluation;
  const body = scope.functions.get(walk.language === 'powershell' ? invocation.path.toLowerCase() : invocation.path);
  if (body === undefined || invocation.fields.length === 0 || walk.calls.left <= 0) return;
  walk.calls.left -= 1;
  const positional = invocation.fields.map(({ text, traits }) => ({ text, traits }));
  const evaluation = evaluationOf({ ...scope, positional });
  apart(walk, () => walkSteps({ ...walk, evaluation }, body, invocation.input));
}

function judgeOf(walk: Walk): Judge {
  return {
    evaluation: walk.evaluation,
    files: walk.files,
    found: walk.found,
    judgeFields: (fields, from) => runFields(walk, fields, from),
    judgeTexts: walk.judgeTexts,
  };
}

/** Judges a command of which only the words are known. */
export function runPlainWords(
  walk: Walk,
  words: readonly string[],
  redirections: readonly { readonly operator: string; readonly target: string }[],
  line: number,
): void {
  const from: Invocation = {
    ...nothingRun(walk, line),
    redirections: redirections.map(({ operator, target }) => ({ operator, value: { text: target, traits: new Set() } })),
  };
  const fields = words.map((text) => ({ text, traits: new Set<never>(), word: undefined }));
  if (fields.length === 0) judgeInvocation(from, judgeOf(walk));
  else runFields(walk, fields, from);
}

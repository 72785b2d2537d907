import type { Script, ScriptLanguage, Step, Word } from './script-reader.ts';
import { nestedSteps } from './steps.ts';
import type { Value } from './values.ts';

/** What a script gives names to, wherever in it: a variable may have any of the values that are assigned anywhere. */
export type Scope = {
  readonly language: ScriptLanguage;
  readonly assigned: ReadonlyMap<string, readonly Assigned[]>;
  /** Values that come from outside the script: parameters of a request, variables of an outer script. */
  readonly given: ReadonlyMap<string, readonly Value[]>;
  readonly functions: ReadonlyMap<string, readonly Step[]>;
  /** Arguments of the script or of the function that is looked at; undefined where they are not known. */
  readonly positional: readonly Value[] | undefined;
};

export type Assigned = { readonly word: Word; readonly appends: boolean };

/** More assignments to one variable are not told apart. */
const maxAssigned = 12;

/** Collects what the steps of a script assign and define. */
export function scopeOf(script: Script, given: ReadonlyMap<string, readonly Value[]>, positional: readonly Value[] | undefined): Scope {
  const assigned = new Map<string, Assigned[]>();
  const functions = new Map<string, readonly Step[]>();
  const assign = (name: string, word: Word, appends: boolean) => {
    const known = assigned.get(name);
    if (known === undefined) assigned.set(name, [{ word, appends }]);
    else if (known.length < maxAssigned) known.push({ word, appends });
    else if (known.length === maxAssigned) known.push({ word: unknownWord(word.line), appends: false });
  };
  for (const step of nestedSteps(script.steps)) {
    if (step.kind === 'assignment') assign(step.name, step.value, step.appends);
    if (step.kind === 'command') for (const own of step.assignments) assign(own.name, own.value, own.appends);
    if (step.kind === 'block' && step.loop !== undefined) for (const value of step.loop.values) assign(step.loop.name, value, false);
    if (step.kind === 'pipeline' && script.language === 'powershell') assignPiped(step.stages, assign);
    if (step.kind === 'function') functions.set(script.language === 'powershell' ? step.name.toLowerCase() : step.name, step.steps);
    if (step.kind === 'command') assignByCommand(step.words, assign);
  }
  return { language: script.language, assigned, given, functions, positional };
}

function unknownWord(line: number): Word {
  return { line, source: '', parts: [{ kind: 'unknown', steps: [] }] };
}

/** What `read` and its kin take from a file or another command. */
function readWord(line: number): Word {
  const name: Word = { line, source: 'read', parts: [{ kind: 'text', text: 'read', quoting: 'bare' }] };
  const steps: readonly Step[] = [{ kind: 'command', line, words: [name], assignments: [], redirections: [] }];
  return { line, source: '', parts: [{ kind: 'substitution', steps, quoted: true }] };
}

/** `declare -n name=other`: a name for another variable. */
function assignReference(words: readonly Word[], assign: (name: string, word: Word, appends: boolean) => void): void {
  if (!words.some((word) => /^-[a-zA-Z]*n/.test(word.source))) return;
  for (const word of words) {
    const [, name, other] = /^([A-Za-z_]\w*)=['"]?([A-Za-z_]\w*)['"]?$/.exec(word.source) ?? [];
    if (name === undefined || other === undefined) continue;
    assign(
      name,
      { line: word.line, source: '', parts: [{ kind: 'variable', name: other, operator: '', operands: [], quoted: false }] },
      false,
    );
  }
}

/** `… | % { $_ }`: what goes down the pipeline has a name in the next stage. */
function assignPiped(stages: readonly Step[], assign: (name: string, word: Word, appends: boolean) => void): void {
  for (const [index, stage] of stages.entries()) {
    if (index === stages.length - 1) return;
    const printed: Word = { line: stage.line, source: '', parts: [{ kind: 'substitution', steps: [stage], quoted: true }] };
    assign('_', stage.kind === 'expression' ? stage.value : printed, false);
  }
}

/** `set -- a b` gives the script arguments. */
function assignPositional(words: readonly Word[], assign: (name: string, word: Word, appends: boolean) => void): void {
  const [dashes, ...values] = words;
  const [first] = values;
  if (dashes?.source !== '--' || first === undefined) return;
  const all: Word = { line: first.line, source: '', parts: [{ kind: 'operation', operator: ',', operands: values }] };
  assign('@', all, false);
  assign('*', all, false);
  for (const [index, value] of values.entries()) assign(String(index + 1), value, false);
}

const assigningCommands: ReadonlySet<string> = new Set([
  'set-variable',
  'sv',
  'new-variable',
  'nv',
  'read',
  'printf',
  'mapfile',
  'readarray',
]);

/** `printf -v name`, `read name`, `Set-Variable name value`: the value is what the word says, or not known. */
function assignByCommand(words: readonly Word[], assign: (name: string, word: Word, appends: boolean) => void): void {
  const [name, ...rest] = words;
  const command = name?.source.toLowerCase() ?? '';
  if (command === 'set') assignPositional(rest, assign);
  if (/^(?:declare|typeset|local)$/.test(command)) assignReference(rest, assign);
  if (!assigningCommands.has(command)) return;
  if (command === 'printf') {
    const [option, variable, format, ...values] = rest;
    if (option?.source !== '-v' || variable === undefined || format === undefined) return;
    const line = format.line;
    const printed: Word = { line, source: '', parts: [{ kind: 'text', text: 'printf', quoting: 'bare' }] };
    const steps: readonly Step[] = [{ kind: 'command', line, words: [printed, format, ...values], assignments: [], redirections: [] }];
    assign(variable.source, { line, source: '', parts: [{ kind: 'substitution', steps, quoted: true }] }, false);
  } else if (command === 'read' || command === 'mapfile' || command === 'readarray') {
    for (const word of rest) {
      if (/^[A-Za-z_]\w*$/.test(word.source)) assign(word.source, readWord(word.line), false);
    }
  } else {
    const plain = rest.filter((word) => !word.source.startsWith('-'));
    const [variable, value] = plain;
    if (variable !== undefined && value !== undefined) assign(variable.source.replace(/^['"]|['"]$/g, '').toLowerCase(), value, false);
  }
}

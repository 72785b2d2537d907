import type { Evaluation } from './evaluation.ts';
import { expanded } from './expansions.ts';
import { memberValues, operationValues } from './powershell-values.ts';
import { printedByStep } from './printed.ts';
import type { Scope } from './scope.ts';
import type { Step, Word, WordPart } from './script-reader.ts';
import { concatenated, distinct, literal, marked, union, unknownValue, type Value, wordBreak } from './values.ts';
import { wellKnownVariable } from './well-known-variables.ts';

/** Variables that are defined by variables that are defined by variables: more than this are not followed. */
const maxChain = 40;

/** Braces of bash outside quotes, told from those inside by characters that no script has. */
const openBrace = '\ue000';
const braceComma = '\ue001';
const closeBrace = '\ue002';

export function evaluationOf(scope: Scope): Evaluation {
  const ofWord = new Map<Word, readonly Value[]>();
  const ofVariable = new Map<string, readonly Value[]>();
  const ofSteps = new Map<readonly Step[], readonly Value[]>();
  let depth = 0;

  /** Remembers what was found, and gives up on what needs itself or a long chain of others. */
  function once<K>(known: Map<K, readonly Value[]>, key: K, evaluate: () => readonly Value[]): readonly Value[] {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (depth >= maxChain) return [unknownValue('computed')];
    known.set(key, [unknownValue('computed')]);
    depth += 1;
    const values = distinct(evaluate());
    depth -= 1;
    known.set(key, values);
    return values;
  }

  const evaluation: Evaluation = {
    scope,
    valuesOf: (word) => once(ofWord, word, () => valuesOfParts(evaluation, word.parts)),
    valuesOfVariable: (name) => once(ofVariable, name, () => assignedValues(evaluation, name)),
    printedBy: (steps, input) =>
      input === undefined ? once(ofSteps, steps, () => printedByAll(evaluation, steps, undefined)) : printedByAll(evaluation, steps, input),
  };
  return evaluation;
}

function valuesOfParts(evaluation: Evaluation, parts: readonly WordPart[]): readonly Value[] {
  const isBash = evaluation.scope.language === 'bash';
  const values = parts.map((part) => partValues(evaluation, part)).reduce(concatenated, [literal('')]);
  return isBash ? values.map(({ text, traits }) => ({ text: bracesExpanded(text), traits })) : values;
}

function partValues(evaluation: Evaluation, part: WordPart): readonly Value[] {
  switch (part.kind) {
    case 'text':
      return [literal(part.quoting === 'bare' && evaluation.scope.language === 'bash' ? withBraces(part.text) : part.text)];
    case 'variable': {
      const values = variableValues(evaluation, part.name);
      const changed = part.operator === '' ? values : expanded(evaluation, part, values);
      return (part.quoted ? changed : changed.map((value) => splitBy(evaluation, value))).map((value) => marked(value, 'variable'));
    }
    case 'substitution': {
      const printed = evaluation.printedBy(part.steps).map(({ text, traits }) => ({ text: text.replace(/\n+$/, ''), traits }));
      return part.quoted ? printed : printed.map(split);
    }
    case 'process':
      return evaluation.printedBy(part.steps).map((value) => unknownValue(...value.traits, 'computed'));
    case 'scriptBlock':
      return [literal('{}')];
    case 'operation':
      return operationValues(evaluation, part.operator, part.operands);
    case 'member':
      return memberValues(evaluation, part);
    case 'unknown':
      return [unknownValue('computed')];
  }
}

/** Where bash splits a value into words. */
function split(value: Value): Value {
  return { text: value.text.replace(/[ \t\n]+/g, wordBreak), traits: value.traits };
}

/** A script may choose where its shell splits: there, and where shells do by themselves. */
function splitBy(evaluation: Evaluation, value: Value): Value {
  if (evaluation.scope.language !== 'bash' || !evaluation.scope.assigned.has('IFS')) return split(value);
  const separators = new Set(evaluation.valuesOfVariable('IFS').flatMap(({ text }) => [...text]));
  const text = [...value.text].map((character) => (separators.has(character) ? wordBreak : character)).join('');
  return split({ text, traits: value.traits });
}

function variableValues(evaluation: Evaluation, name: string): readonly Value[] {
  const { positional } = evaluation.scope;
  if (name === '@' || name === '*' || name === 'args') {
    if (positional === undefined) return evaluation.valuesOfVariable(name);
    return [
      {
        text: positional.map(({ text }) => text).join(wordBreak),
        traits: positional.map(({ traits }) => traits).reduce(union, literal('').traits),
      },
    ];
  }
  const index = /^[1-9]\d?$/.test(name) ? Number(name) : undefined;
  if (index !== undefined && positional !== undefined) return [positional[index - 1] ?? unknownValue()];
  return evaluation.valuesOfVariable(name);
}

function assignedValues(evaluation: Evaluation, name: string): readonly Value[] {
  const { scope } = evaluation;
  const given = scope.given.get(name) ?? [];
  const assigned = scope.assigned.get(name) ?? [];
  let values: readonly Value[] = given;
  for (const { word, appends } of assigned) {
    const own = evaluation.valuesOf(word);
    values = appends ? [...concatenated(values.length === 0 ? [literal('')] : values, own), ...values] : [...values, ...own];
  }
  if (values.length > 0) return distinct(values);
  const known = wellKnownVariable(scope.language, name);
  return [known === undefined ? unknownValue() : literal(known)];
}

function printedByAll(evaluation: Evaluation, steps: readonly Step[], input: readonly Value[] | undefined): readonly Value[] {
  let printed: readonly Value[] = [literal('')];
  for (const step of steps) {
    const own = printedByStep(evaluation, step, input);
    printed = concatenated(printed, printed.some(({ text }) => text !== '') ? concatenated([literal('\n')], own) : own);
  }
  return printed;
}

function withBraces(text: string): string {
  return /[{},]/.test(text) ? text.replaceAll('{', openBrace).replaceAll(',', braceComma).replaceAll('}', closeBrace) : text;
}

const bracePattern = new RegExp(`${openBrace}([^${openBrace}${closeBrace}]*)${closeBrace}`);

/** `/{a,b}/c` is two words. Nested lists are expanded from inside, a few levels of them. */
function bracesExpanded(text: string): string {
  if (!text.includes(openBrace)) return text.replaceAll(braceComma, ',').replaceAll(closeBrace, '}');
  let words = text.split(wordBreak);
  for (let round = 0; round < 4 && words.some((word) => bracePattern.test(word)); round += 1) {
    words = words.flatMap(oneBraceExpanded).slice(0, 32);
  }
  return words.join(wordBreak).replaceAll(openBrace, '{').replaceAll(braceComma, ',').replaceAll(closeBrace, '}');
}

function oneBraceExpanded(word: string): readonly string[] {
  const match = bracePattern.exec(word);
  if (match === null) return [word];
  const [whole, inner = ''] = match;
  const before = word.slice(0, match.index);
  const after = word.slice(match.index + whole.length);
  if (!inner.includes(braceComma)) return [`${before}{${inner}}${after}`];
  return inner.split(braceComma).map((choice) => `${before}${choice}${after}`);
}

import { templateLimits } from './budget.ts';
import { EvaluationFault } from './template-fault.ts';

/** An expression of a template, between its brackets. `source` is how it is written. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  /** `name` is lower case; with a dot where it is a function of the template's own. */
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[]; readonly source: string }
  /** Properties and indexes, in the order in which they are taken: `.a` and `['a']` are the same. */
  | { readonly kind: 'access'; readonly of: Expression; readonly steps: readonly Expression[]; readonly source: string };

/** True for a text that Azure evaluates. `[[` escapes: what follows is taken as it is written. */
export function isExpression(text: string): boolean {
  return text.length >= 2 && text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[');
}

/** True for a text that is an expression but for the space around it: whether Azure evaluates it, cannot be told. */
export function mayBeExpression(text: string): boolean {
  return (/^\s/.test(text) || /\s$/.test(text)) && isExpression(text.trim());
}

/** The text that an escape stands for, and any other text as it is. */
export function unescaped(text: string): string {
  return text.startsWith('[[') ? text.slice(1) : text;
}

type Reading = { readonly text: string; at: number };

const name = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;
const propertyName = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /-?\d{1,15}(?:\.\d{1,15})?/y;
const space = /\s*/y;
const maxNesting = 100;

/**
 * Parses a text for which {@link isExpression} holds. Throws {@link EvaluationFault}; takes time linear in its length.
 * Source of the grammar: learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions.
 */
export function parseExpression(text: string): Expression {
  if (text.length > templateLimits.expressionCharacters) throw new EvaluationFault('the expression is longer than Azure takes');
  const reading: Reading = { text, at: 1 };
  const expression = readExpression(reading, 0);
  skipSpace(reading);
  if (reading.at !== text.length - 1) throw new EvaluationFault('the expression goes on where it should end');
  return expression;
}

function readExpression(reading: Reading, depth: number): Expression {
  if (depth > maxNesting) throw new EvaluationFault('the expression nests too deep');
  skipSpace(reading);
  const start = reading.at;
  const of = readOperand(reading, depth);
  const steps: Expression[] = [];
  for (let step = readStep(reading, depth); step !== undefined; step = readStep(reading, depth)) steps.push(step);
  return steps.length === 0 ? of : { kind: 'access', of, steps, source: reading.text.slice(start, reading.at) };
}

function readOperand(reading: Reading, depth: number): Expression {
  if (reading.text[reading.at] === "'") return { kind: 'literal', value: readQuoted(reading) };
  const digits = match(reading, number);
  if (digits !== undefined) return { kind: 'literal', value: Number(digits) };
  const start = reading.at;
  const called = match(reading, name);
  if (called === undefined) throw new EvaluationFault('the expression holds something that is no value');
  skipSpace(reading);
  expect(reading, '(');
  const given = readArguments(reading, depth);
  return { kind: 'call', name: called.toLowerCase(), arguments: given, source: reading.text.slice(start, reading.at) };
}

function readArguments(reading: Reading, depth: number): readonly Expression[] {
  const given: Expression[] = [];
  skipSpace(reading);
  if (reading.text[reading.at] === ')') {
    reading.at += 1;
    return given;
  }
  for (;;) {
    given.push(readExpression(reading, depth + 1));
    skipSpace(reading);
    if (reading.text[reading.at] === ',') reading.at += 1;
    else break;
  }
  expect(reading, ')');
  return given;
}

function readStep(reading: Reading, depth: number): Expression | undefined {
  skipSpace(reading);
  const next = reading.text[reading.at];
  // The bracket that ends the whole text opens nothing: it is a closing one.
  if (next === '[') {
    reading.at += 1;
    const index = readExpression(reading, depth + 1);
    skipSpace(reading);
    expect(reading, ']');
    return index;
  }
  if (next !== '.') return undefined;
  reading.at += 1;
  skipSpace(reading);
  const property = match(reading, propertyName);
  if (property === undefined) throw new EvaluationFault('a dot is followed by no name');
  return { kind: 'literal', value: property };
}

/** A text in single quotes; two of them stand for one. */
function readQuoted(reading: Reading): string {
  const parts: string[] = [];
  for (;;) {
    const end = reading.text.indexOf("'", reading.at + 1);
    if (end === -1) throw new EvaluationFault('a quote is not closed');
    parts.push(reading.text.slice(reading.at + 1, end));
    reading.at = end + 1;
    if (reading.text[reading.at] !== "'") return parts.join("'");
  }
}

function match(reading: Reading, pattern: RegExp): string | undefined {
  pattern.lastIndex = reading.at;
  const found = pattern.exec(reading.text)?.[0];
  if (found !== undefined) reading.at += found.length;
  return found;
}

function skipSpace(reading: Reading): void {
  match(reading, space);
}

function expect(reading: Reading, character: string): void {
  if (reading.text[reading.at] !== character) throw new EvaluationFault(`"${character}" is missing`);
  reading.at += 1;
}

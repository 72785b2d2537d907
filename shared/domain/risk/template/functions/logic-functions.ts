import type { Call, TemplateFunction } from '../context.ts';
import { EvaluationFault } from '../template-fault.ts';
import { isArray, isSame, type TemplateValue, Unknown } from '../template-value.ts';
import { integerAt, ofExact, valueAt } from './arguments.ts';

/**
 * Comparisons, logic and numbers. Sources: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-comparison, …-logical and …-numeric.
 */
export const logicFunctions: Readonly<Record<string, TemplateFunction>> = {
  true: () => true,
  false: () => false,
  null: () => null,
  and: (given, call) => joined(given, call, false),
  or: (given, call) => joined(given, call, true),
  not: ofExact((given) => !booleanAt(given, 0)),
  bool: ofExact((given) => {
    const value = valueAt(given, 0);
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number') return value !== 0;
    if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
    throw new EvaluationFault('a boolean is expected');
  }),
  equals: ofExact((given, call) => isSame(valueAt(given, 0), valueAt(given, 1), call.context.budget)),
  less: ofExact((given) => compared(given) < 0),
  lessorequals: ofExact((given) => compared(given) <= 0),
  greater: ofExact((given) => compared(given) > 0),
  greaterorequals: ofExact((given) => compared(given) >= 0),
  add: arithmetic((a, b) => a + b),
  sub: arithmetic((a, b) => a - b),
  mul: arithmetic((a, b) => a * b),
  div: arithmetic((a, b) => Math.trunc(a / b)),
  mod: arithmetic((a, b) => a % b),
  min: ofExact((given, call) => integersOf(given, call).reduce((a, b) => Math.min(a, b))),
  max: ofExact((given, call) => integersOf(given, call).reduce((a, b) => Math.max(a, b))),
  int: ofExact((given) => {
    const value = valueAt(given, 0);
    const number = typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) throw new EvaluationFault('an integer is expected');
    return safe(Math.trunc(number));
  }),
  float: ofExact((given) => {
    const value = valueAt(given, 0);
    const number = typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || Number.isInteger(number)) throw new EvaluationFault('Azure tells 1.0 from 1, and nobody here does');
    return number;
  }),
};

export function booleanAt(given: readonly TemplateValue[], index: number): boolean {
  const value = given[index];
  if (typeof value !== 'boolean') throw new EvaluationFault('a boolean is expected');
  return value;
}

/** `and` and `or`: one argument may settle it, whatever the others turn out to be. */
function joined(given: readonly TemplateValue[], call: Call, settling: boolean): TemplateValue {
  const known = given.filter((value) => !(value instanceof Unknown));
  if (given.length < 2) throw new EvaluationFault('two booleans are expected');
  if (known.map((_, index) => booleanAt(known, index)).includes(settling)) return settling;
  return known.length === given.length ? !settling : new Unknown('anything', `[${call.source}]`);
}

/** Texts have an order in Azure too, but which one depends on its language settings. */
function compared(given: readonly TemplateValue[]): number {
  return integerAt(given, 0) - integerAt(given, 1);
}

function arithmetic(evaluate: (a: number, b: number) => number): TemplateFunction {
  return ofExact((given) => safe(evaluate(integerAt(given, 0), integerAt(given, 1))));
}

/** Division by nothing, and what no double holds exactly, has no value here. */
function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new EvaluationFault('the number is too large');
  return value === 0 ? 0 : value;
}

function integersOf(given: readonly TemplateValue[], call: Call): readonly number[] {
  const [first] = given;
  const numbers = isArray(first) ? first : given;
  call.context.budget.spend(numbers.length);
  if (numbers.length === 0) throw new EvaluationFault('a number is expected');
  return numbers.map((_, index) => integerAt(numbers, index));
}

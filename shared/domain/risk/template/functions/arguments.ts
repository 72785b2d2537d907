import type { TemplateFunction } from '../context.ts';
import { EvaluationFault } from '../template-fault.ts';
import {
  isArray,
  isAscii,
  isExact,
  isObject,
  type TemplateObject,
  type TemplateValue,
  Unknown,
  unknownFrom,
  unknownsIn,
} from '../template-value.ts';

/** A function of values that must be known to their last part; else its result may be anything. */
export function ofExact(evaluate: TemplateFunction): TemplateFunction {
  return (given, call) => {
    const unknowns = given.flatMap((value) => unknownsIn(value, call.context.budget));
    if (unknowns.length === 0) return evaluate(given, call);
    return new Unknown(
      'anything',
      `[${call.source}]`,
      unknowns.some(({ secret }) => secret),
    );
  };
}

/** A function that takes containers apart, whatever is in them: only the containers themselves must be known. */
export function ofContainers(evaluate: TemplateFunction): TemplateFunction {
  return (given, call) => {
    const unknowns = given.filter((value) => value instanceof Unknown);
    if (unknowns.length === 0) return evaluate(given, call);
    return new Unknown(
      'anything',
      `[${call.source}]`,
      unknowns.some(({ secret }) => secret),
    );
  };
}

/** A function that builds a text of texts: of what is unknown, what stands for it goes in, and the result is as unknown as that. */
export function buildingText(evaluate: TemplateFunction): TemplateFunction {
  return (given, call) => {
    const unknowns = given.flatMap((value) => unknownsIn(value, call.context.budget));
    if (unknowns.length === 0) return evaluate(given, call);
    const built = evaluate(
      given.map((value) => shownIn(value)),
      call,
    );
    return unknownFrom(unknowns, typeof built === 'string' ? built : `[${call.source}]`);
  };
}

/** A function that cuts pieces out of its first argument. Pieces of what nobody chooses are no danger; of anything else they may be. */
export function cuttingText(evaluate: TemplateFunction): TemplateFunction {
  const exactly = ofExact(evaluate);
  return (given, call) => {
    const [whole, ...others] = given;
    if (!(whole instanceof Unknown) || whole.kind !== 'fresh') return exactly(given, call);
    if (!others.every((value) => isExact(value, call.context.budget) && isPlain(value))) return exactly(given, call);
    const cut = evaluate([whole.shown, ...others], call);
    return typeof cut === 'string' ? new Unknown('fresh', cut, whole.secret) : exactly(given, call);
  };
}

/** Letters, digits and what joins them: nothing that another text could be made dangerous by. */
function isPlain(value: TemplateValue): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^[A-Za-z0-9_.-]{0,40}$/.test(value));
}

/** The value with everything unknown in it replaced by what stands for it; its depth was checked when the unknowns were looked for. */
function shownIn(value: TemplateValue): TemplateValue {
  if (value instanceof Unknown) return value.shown;
  if (isArray(value)) return value.map(shownIn);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shownIn(inner)]));
  return value;
}

export function textAt(given: readonly TemplateValue[], index: number): string {
  const value = given[index];
  if (typeof value !== 'string') throw new EvaluationFault('a text is expected');
  return value;
}

/** A text in which every way to compare, or to change, case gives the same. */
export function asciiAt(given: readonly TemplateValue[], index: number): string {
  const text = textAt(given, index);
  if (!isAscii(text)) throw new EvaluationFault('letters outside ASCII are compared by tables that are not here');
  return text;
}

export function integerAt(given: readonly TemplateValue[], index: number): number {
  const value = given[index];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new EvaluationFault('an integer is expected');
  return value;
}

export function arrayAt(given: readonly TemplateValue[], index: number): readonly TemplateValue[] {
  const value = given[index];
  if (!isArray(value)) throw new EvaluationFault('an array is expected');
  return value;
}

export function objectAt(given: readonly TemplateValue[], index: number): TemplateObject {
  const value = given[index];
  if (!isObject(value)) throw new EvaluationFault('an object is expected');
  return value;
}

export function valueAt(given: readonly TemplateValue[], index: number): TemplateValue {
  const value = given[index];
  if (value === undefined) throw new EvaluationFault('an argument is missing');
  return value;
}

/** As a text stands in another one: .NET writes `True` and `False`. */
export function asText(value: TemplateValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  throw new EvaluationFault('a text, number or boolean is expected');
}

import { type Call, type Evaluate, type SpecialForm, unknownCall } from '../context.ts';
import type { Expression } from '../parse-expression.ts';
import { EvaluationFault } from '../template-fault.ts';
import { isArray, isObject, type TemplateObject, type TemplateValue, Unknown } from '../template-value.ts';
import { textAt } from './arguments.ts';
import { objectOf } from './collection-functions.ts';
import { booleanAt } from './logic-functions.ts';
import { argument, lookInto } from './special-forms.ts';

/** Functions that apply another one to each element. Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-lambda. */
export const lambdaForms: Readonly<Record<string, SpecialForm>> = {
  lambdavariables: (given, call, evaluate) => {
    const name = argument(given, 0, call, evaluate);
    const value = typeof name === 'string' ? call.context.lambdaVariables.get(name.toLowerCase()) : undefined;
    if (value === undefined) throw new EvaluationFault('there is no such variable of a lambda here');
    return value;
  },
  map: overArray((items, apply) => items.map((item, index) => apply(1, item, index))),
  filter: overArray((items, apply, call) => {
    const kept = items.map((item, index) => apply(1, item, index));
    if (kept.some((keep) => keep instanceof Unknown)) return unknownCall(call);
    return items.filter((_, index) => booleanAt(kept, index));
  }),
  sort: overArray((items, apply, call) => {
    const isBefore = (a: TemplateValue, b: TemplateValue) => apply(1, a, b);
    if (items.some((item, index) => isBefore(item, items[index + 1] ?? item) instanceof Unknown)) return unknownCall(call);
    const sorted = [...items].sort((a, b) => (isBefore(a, b) === true ? -1 : 1));
    return isOrdered(sorted, isBefore) ? sorted : unknownCall(call);
  }),
  reduce: (given, call, evaluate) => {
    const items = argument(given, 0, call, evaluate);
    const start = argument(given, 1, call, evaluate);
    if (items instanceof Unknown) return unknownOver(items, given, call, evaluate);
    const apply = lambdaAt(given, 2, call, evaluate);
    if (!isArray(items)) throw new EvaluationFault('an array is expected');
    return items.reduce((sum, item, index) => apply(sum, item, index), start);
  },
  toobject: overArray((items, apply, call, given) => {
    const entries = items.map((item): readonly [TemplateValue, TemplateValue] => [
      apply(1, item),
      given[2] === undefined ? item : apply(2, item),
    ]);
    if (entries.some(([name]) => name instanceof Unknown)) return unknownCall(call);
    return objectOf(entries.map(([name, value]) => [textAt([name], 0), value]));
  }),
  groupby: overArray((items, apply, call) => {
    const keys = items.map((item) => apply(1, item));
    if (keys.some((key) => key instanceof Unknown)) return unknownCall(call);
    return Object.fromEntries(Map.groupBy(items, (_, index) => textAt(keys, index)));
  }),
  mapvalues: (given, call, evaluate) => {
    const object = argument(given, 0, call, evaluate);
    if (object instanceof Unknown) return unknownOver(object, given, call, evaluate);
    if (!isObject(object)) throw new EvaluationFault('an object is expected');
    const apply = lambdaAt(given, 1, call, evaluate);
    const mapped: TemplateObject = Object.fromEntries(Object.entries(object).map(([name, value]) => [name, apply(value)]));
    return mapped;
  },
};

/** Where two elements come neither before nor after each other, or in a circle, the result depends on how Azure sorts. */
function isOrdered(sorted: readonly TemplateValue[], isBefore: (a: TemplateValue, b: TemplateValue) => TemplateValue): boolean {
  return sorted.slice(1).every((item, index) => {
    const previous = sorted[index] ?? null;
    return isBefore(previous, item) === true && isBefore(item, previous) === false;
  });
}

type Apply = (lambda: number, ...values: readonly TemplateValue[]) => TemplateValue;

function overArray(
  evaluateAll: (items: readonly TemplateValue[], apply: Apply, call: Call, given: readonly Expression[]) => TemplateValue,
): SpecialForm {
  return (given, call, evaluate) => {
    const items = argument(given, 0, call, evaluate);
    if (items instanceof Unknown) return unknownOver(items, given, call, evaluate);
    if (!isArray(items)) throw new EvaluationFault('an array is expected');
    call.context.budget.spend(items.length);
    return evaluateAll(items, (lambda, ...values) => lambdaAt(given, lambda, call, evaluate)(...values), call, given);
  };
}

/** Over what only Azure knows: the lambdas are looked into for what they have Azure read. */
function unknownOver(items: Unknown, given: readonly Expression[], call: Call, evaluate: Evaluate): Unknown {
  for (const lambda of given) {
    if (lambda.kind !== 'call' || lambda.name !== 'lambda') continue;
    const names = lambda.arguments.slice(0, -1).flatMap((name) => (name.kind === 'literal' ? [String(name.value).toLowerCase()] : []));
    const bound = names.map((name): readonly [string, TemplateValue] => [name, unknownCall(call)]);
    const lambdaVariables = new Map([...call.context.lambdaVariables, ...bound]);
    lookInto(lambda.arguments.slice(-1), { ...call, context: { ...call.context, lambdaVariables } }, evaluate);
  }
  return unknownCall(call, items.secret);
}

/** `lambda('a', 'b', body)`: as many variables as it names, of the values that it gets. */
function lambdaAt(
  given: readonly Expression[],
  index: number,
  call: Call,
  evaluate: Evaluate,
): (...values: readonly TemplateValue[]) => TemplateValue {
  const lambda = given[index];
  if (lambda?.kind !== 'call' || lambda.name !== 'lambda') throw new EvaluationFault('a lambda is expected');
  const body = lambda.arguments.at(-1);
  const names = lambda.arguments.slice(0, -1).map((name) => {
    if (name.kind !== 'literal' || typeof name.value !== 'string') throw new EvaluationFault('a lambda names its variables');
    return name.value.toLowerCase();
  });
  if (body === undefined) throw new EvaluationFault('a lambda has a body');
  return (...values) => {
    const bound = names.map((name, place): readonly [string, TemplateValue] => [name, values[place] ?? null]);
    const lambdaVariables = new Map([...call.context.lambdaVariables, ...bound]);
    return evaluate(body, { ...call.context, lambdaVariables }, call.depth);
  };
}

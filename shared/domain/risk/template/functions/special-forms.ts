import { type Call, type Evaluate, type Lookup, type Loop, type SpecialForm, unknownCall } from '../context.ts';
import type { Expression } from '../parse-expression.ts';
import { EvaluationFault } from '../template-fault.ts';
import { type TemplateValue, Unknown } from '../template-value.ts';
import { integerAt, textAt } from './arguments.ts';
import { booleanAt } from './logic-functions.ts';

/** Functions that look at their surroundings, or do not evaluate all that they are given. */
export const specialForms: Readonly<Record<string, SpecialForm>> = {
  if: (given, call, evaluate) => {
    const condition = argument(given, 0, call, evaluate);
    if (condition instanceof Unknown) {
      lookInto(given.slice(1), call, evaluate);
      return unknownCall(call, condition.secret);
    }
    return argument(given, booleanAt([condition], 0) ? 1 : 2, call, evaluate);
  },
  coalesce: (given, call, evaluate) => {
    for (const [index] of given.entries()) {
      const value = argument(given, index, call, evaluate);
      if (value instanceof Unknown) {
        lookInto(given.slice(index + 1), call, evaluate);
        return unknownCall(call, value.secret);
      }
      if (value !== null) return value;
    }
    return null;
  },
  parameters: (given, call, evaluate) => named(given, call, evaluate, call.context.parameter),
  variables: (given, call, evaluate) => named(given, call, evaluate, call.context.variable),
  copyindex: (given, call, evaluate) =>
    copyIndex(
      given.map((_, index) => argument(given, index, call, evaluate)),
      call,
    ),
  reference: (given, call, evaluate) => {
    const [target, , full] = given.map((_, index) => argument(given, index, call, evaluate));
    call.context.asks(target ?? null, false);
    const name = target instanceof Unknown && target.kind !== 'anything' ? target.shown : target;
    const deployed = typeof name === 'string' ? call.context.deployed(name, call.depth) : undefined;
    if (deployed === undefined || (full !== undefined && full !== 'Full')) return unknownCall(call);
    return full === undefined ? deployed : { properties: deployed };
  },
};

/** Functions whose answer only Azure has. Every `list…` is one more, and its answer is a secret. */
export const answeredByAzure: ReadonlySet<string> = new Set([
  'references',
  'providers',
  'pickzones',
  'tologicalzone',
  'tologicalzones',
  'tophysicalzone',
  'tophysicalzones',
  'externalinput',
  'secret',
]);

/** Evaluates what may come to be evaluated, or not, for what it has Azure read. */
export function lookInto(expressions: readonly Expression[], call: Call, evaluate: Evaluate): void {
  for (const expression of expressions) {
    try {
      evaluate(expression, call.context, call.depth);
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      if (expression.kind !== 'literal' && listsSecrets(expression.source)) call.context.asks(unknownCall(call), true);
    }
  }
}

/** Whether an expression, as it is written, has Azure list secrets. */
export function listsSecrets(source: string): boolean {
  return /\blist[a-z0-9]*\s*\(/i.test(source);
}

export function argument(given: readonly Expression[], index: number, call: Call, evaluate: Evaluate): TemplateValue {
  const expression = given[index];
  if (expression === undefined) throw new EvaluationFault('an argument is missing');
  return evaluate(expression, call.context, call.depth);
}

function named(given: readonly Expression[], call: Call, evaluate: Evaluate, find: Lookup): TemplateValue {
  const name = argument(given, 0, call, evaluate);
  return name instanceof Unknown ? unknownCall(call) : find(textAt([name], 0).toLowerCase(), call.depth);
}

/** `copyIndex()`, `copyIndex(1)`, `copyIndex('loop')`, `copyIndex('loop', 1)`. */
function copyIndex(given: readonly TemplateValue[], call: Call): TemplateValue {
  const [first] = given;
  const byName = typeof first === 'string';
  const { loops } = call.context;
  const loop = byName ? loops.findLast(({ name }) => name.toLowerCase() === first.toLowerCase()) : unnamedLoop(loops);
  const offset = given[byName ? 1 : 0] === undefined ? 0 : integerAt(given, byName ? 1 : 0);
  if (loop === undefined) throw new EvaluationFault('there is no such loop here');
  return loop.index instanceof Unknown ? unknownCall(call) : loop.index + offset;
}

/** Within a loop of values in a loop of resources, nobody says which one is meant without a name. */
function unnamedLoop(loops: readonly Loop[]): Loop | undefined {
  const kinds = new Set(loops.map((loop) => loop.of));
  return kinds.size > 1 ? undefined : loops.at(-1);
}

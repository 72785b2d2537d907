import { checkDepth, templateLimits } from './budget.ts';
import { type Call, type Context, type Lookup, type TemplateFunction, unknownCall } from './context.ts';
import { addressFunctions } from './functions/address-functions.ts';
import { cidrFunctions } from './functions/cidr-functions.ts';
import { collectionFunctions } from './functions/collection-functions.ts';
import { dateFunctions } from './functions/date-functions.ts';
import { encodingFunctions } from './functions/encoding-functions.ts';
import { lambdaForms } from './functions/lambda-forms.ts';
import { logicFunctions } from './functions/logic-functions.ts';
import { scopeFunctions } from './functions/scope-functions.ts';
import { answeredByAzure, listsSecrets, specialForms } from './functions/special-forms.ts';
import { textFunctions } from './functions/text-functions.ts';
import { type Expression, isExpression, mayBeExpression, unescaped } from './parse-expression.ts';
import { EvaluationFault, TemplateFault } from './template-fault.ts';
import { computedProperty, isArray, isObject, propertyOf, type TemplateObject, type TemplateValue, Unknown } from './template-value.ts';

const functions: ReadonlyMap<string, TemplateFunction> = new Map(
  [
    addressFunctions,
    cidrFunctions,
    collectionFunctions,
    dateFunctions,
    encodingFunctions,
    logicFunctions,
    scopeFunctions,
    textFunctions,
  ].flatMap((group) => Object.entries(group)),
);
const forms = new Map([specialForms, lambdaForms].flatMap((group) => Object.entries(group)));

/** The value of an expression. Throws EvaluationFault where it has none, TemplateFault where it takes too much. */
export function evaluate(expression: Expression, context: Context, depth: number): TemplateValue {
  checkDepth(depth);
  context.budget.spend(1);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'access':
      return expression.steps.reduce<TemplateValue>(
        (value, step) => stepInto(value, evaluate(step, context, depth + 1), expression.source),
        evaluate(expression.of, context, depth + 1),
      );
    case 'call':
      return evaluateCall(expression, context, depth);
  }
}

function evaluateCall(expression: Expression & { readonly kind: 'call' }, context: Context, depth: number): TemplateValue {
  const { name, source } = expression;
  const call: Call = { context, depth: depth + 1, source };
  const form = forms.get(name);
  if (form !== undefined) return form(expression.arguments, call, evaluate);
  const given = expression.arguments.map((inner) => evaluate(inner, context, depth + 1));
  const known = functions.get(name);
  if (known !== undefined) return known(given, call);
  if (answeredByAzure.has(name)) return unknownCall(call, name === 'secret');
  if (name.startsWith('list')) {
    context.asks(given[0] ?? null, true);
    return unknownCall(call, true);
  }
  return callUserFunction(name, given, call);
}

function callUserFunction(name: string, given: readonly TemplateValue[], call: Call): TemplateValue {
  const own = call.context.userFunction(name);
  if (own === undefined) throw new EvaluationFault(`there is no function ${name}`);
  const values = new Map(own.parameters.map((parameter, index) => [parameter, given[index]]));
  const parameter: Lookup = (asked) => {
    const value = values.get(asked);
    if (value === undefined) throw new EvaluationFault(`the function has no parameter ${asked}`);
    return value;
  };
  return evaluateValue(own.output, { ...own.context, parameter }, call.depth);
}

function stepInto(value: TemplateValue, key: TemplateValue, source: string): TemplateValue {
  if (value instanceof Unknown || key instanceof Unknown) {
    return new Unknown('anything', `[${source}]`, value instanceof Unknown && value.secret);
  }
  const inner =
    typeof key === 'number'
      ? isArray(value)
        ? value[key]
        : undefined
      : typeof key === 'string'
        ? computedProperty(value, key)
        : undefined;
  if (inner === undefined) throw new EvaluationFault('there is no such property or element');
  return inner;
}

/** What an expression without a value costs: to raise an error is slow, and hardly any template has more than a few. */
const stepsOfFault = 50;

/** A text of a template: the value of its expression, unknown where that cannot be evaluated; any other text as it stands. */
export function evaluateText(text: string, context: Context, depth = 0): TemplateValue {
  context.budget.spendText(text.length);
  if (mayBeExpression(text)) return new Unknown('anything', text);
  if (!isExpression(text)) return unescaped(text);
  try {
    return evaluate(context.parse(text), context, depth);
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    context.budget.spend(stepsOfFault);
    if (listsSecrets(text)) context.asks(new Unknown('anything', text), true);
    return new Unknown('anything', text);
  }
}

/** A value of a template with every expression in it evaluated and every copy loop of properties unrolled. */
export function evaluateValue(value: TemplateValue, context: Context, depth = 0): TemplateValue {
  if (typeof value === 'string') return evaluateText(value, context, depth);
  context.budget.spend(1);
  if (typeof value !== 'object' || value === null || value instanceof Unknown) return value;
  checkDepth(depth);
  if (isArray(value)) return value.map((item) => evaluateValue(item, context, depth + 1));
  return evaluateObject(value, context, depth);
}

function evaluateObject(value: TemplateObject, context: Context, depth: number): TemplateValue {
  const evaluated: [string, TemplateValue][] = [];
  const entries = Object.entries(value);
  context.budget.spend(3 * entries.length);
  for (const [name, inner] of entries) {
    if (name.toLowerCase() === 'copy' && isCopyList(inner)) evaluated.push(...unrolled(inner, context, depth + 1));
    else evaluated.push(evaluateProperty(name, inner, context, depth));
  }
  return Object.fromEntries(evaluated);
}

/** Names may be expressions too, as those of tags and attached identities are. What stands under a name that may be anything, may be anything too. */
function evaluateProperty(name: string, value: TemplateValue, context: Context, depth: number): [string, TemplateValue] {
  const inner = evaluateValue(value, context, depth + 1);
  if (!name.startsWith('[')) return [name, inner];
  const label = evaluateText(name, context, depth + 1);
  if (typeof label === 'string') return [label, inner];
  if (label instanceof Unknown && label.kind !== 'anything') return [label.shown, inner];
  return [name, new Unknown('anything', name)];
}

type CopyItem = TemplateObject;

function isCopyList(value: TemplateValue): value is readonly CopyItem[] {
  return isArray(value) && value.length > 0 && value.every((item) => isObject(item) && propertyOf(item, 'input') !== undefined);
}

/** `copy: [{ name, count, input }]` within properties or variables: an array under each name. */
function unrolled(items: readonly CopyItem[], context: Context, depth: number): readonly [string, TemplateValue][] {
  return items.map((item) => {
    const name = propertyOf(item, 'name');
    const label = typeof name === 'string' ? name : 'copy';
    return [label, copiesOf(item, label, context, depth)];
  });
}

/** The array that a copy loop makes of its input; unknown where its count is. */
export function copiesOf(item: TemplateObject, name: string, context: Context, depth: number): TemplateValue {
  const count = copyCount(item, context);
  const input = propertyOf(item, 'input') ?? null;
  if (count === undefined) {
    const index = new Unknown('anything', '[copyIndex()]');
    evaluateValue(input, { ...context, loops: [...context.loops, { name, index, of: 'value' }] }, depth + 1);
    return new Unknown('anything', '[copy]');
  }
  return Array.from({ length: count }, (_, index) =>
    evaluateValue(input, { ...context, loops: [...context.loops, { name, index, of: 'value' }] }, depth + 1),
  );
}

/** How often a loop runs; undefined where that is unknown, or no number that Azure takes. Throws TemplateFault `tooLarge`. */
export function copyCount(loop: TemplateObject, context: Context): number | undefined {
  const count = evaluateValue(propertyOf(loop, 'count') ?? null, context);
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) return undefined;
  if (count > templateLimits.copies) throw new TemplateFault('tooLarge', `a loop makes more than ${templateLimits.copies} copies`);
  return count;
}

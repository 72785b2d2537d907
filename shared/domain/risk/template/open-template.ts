import { JsonError, parseJsonText } from '../../json.ts';
import type { Budget } from './budget.ts';
import type { Asks, Context, UserFunction } from './context.ts';
import type { DeploymentScope } from './deployment-scope.ts';
import { copiesOf, evaluateValue } from './evaluate.ts';
import { hasWholeFraction } from './functions/encoding-functions.ts';
import { type Expression, isExpression } from './parse-expression.ts';
import { makeSecretReach, type SecretReach } from './secret-reach.ts';
import { isSecure, secretTexts, secureNames } from './secure-parameters.ts';
import { EvaluationFault, TemplateFault } from './template-fault.ts';
import { isArray, isObject, propertyOf, type TemplateObject, type TemplateValue, Unknown } from './template-value.ts';

/** A template with the values that are given to it, ready to be evaluated. */
export type OpenTemplate = {
  readonly template: TemplateObject;
  readonly context: Context;
  /** Whether resources have symbols and may merely be referred to (`existing`): language version 2.0. */
  readonly hasSymbols: boolean;
  /** Texts that were given to secure parameters, or are their defaults. */
  readonly secrets: readonly string[];
  /** Whether a value of it, not evaluated, is made of a secret. */
  readonly reachesSecret: SecretReach;
};

/** What opens a template, and where. `given` are the parameters as the deployment has them: `{ name: { value } }`. */
export type Opening = {
  readonly template: TemplateValue;
  readonly given: TemplateValue | undefined;
  readonly scope: DeploymentScope;
  readonly name: TemplateValue;
  readonly location: TemplateValue;
  readonly budget: Budget;
  readonly parse: (text: string) => Expression;
  readonly deployed: (name: string, depth: number, opened: OpenTemplate) => TemplateValue | undefined;
  readonly asks: Asks;
};

/** Language versions whose rules are known here; others may mean anything. */
const knownVersions = /^(?:1\.0|1\.9-experimental|1\.10-experimental|2\.0|2\.[12]-experimental)$/;

/** Opens a template. Throws {@link TemplateFault} `notUnderstood` where it is none. */
export function openTemplate(opening: Opening): OpenTemplate {
  const template = templateObject(opening.template);
  const version = propertyOf(template, 'languageVersion');
  if (version !== undefined && (typeof version !== 'string' || !knownVersions.test(version))) {
    throw new TemplateFault('notUnderstood', 'the language version of the template is not known');
  }
  const { given } = opening;
  const secure = secureNames(template, given, opening.budget);
  const opened: OpenTemplate = {
    template,
    hasSymbols: version !== undefined && version !== '1.0' && isObject(propertyOf(template, 'resources')),
    secrets: secretTexts(template, given, secure),
    reachesSecret: makeSecretReach(template, secure, opening.budget),
    get context() {
      return context;
    },
  };
  const context: Context = {
    budget: opening.budget,
    scope: opening.scope,
    deploymentName: opening.name,
    deploymentLocation: opening.location,
    parse: opening.parse,
    asks: opening.asks,
    loops: [],
    lambdaVariables: new Map(),
    parameter: remembered((name, depth) => parameterOf(template, given, name, context, depth)),
    variable: remembered((name, depth) => variableOf(template, name, context, depth)),
    userFunction: (name) => userFunctionOf(template, name, context),
    deployed: (name, depth) => opening.deployed(name, depth, opened),
  };
  return opened;
}

/** Azure takes templates and parameters as objects, or as texts that hold their JSON. */
function templateObject(value: TemplateValue): TemplateObject {
  const template = typeof value === 'string' ? jsonIn(value) : value;
  if (!isObject(template)) throw new TemplateFault('notUnderstood', 'the template is no JSON object');
  return template;
}

function jsonIn(text: string): TemplateValue {
  if (hasWholeFraction(text)) throw new TemplateFault('notUnderstood', 'a text of JSON has numbers such as 1.0, which Azure tells from 1');
  try {
    return parseJsonText(text);
  } catch (error) {
    if (error instanceof JsonError) throw new TemplateFault('notUnderstood', 'a text that should hold JSON is no strict JSON');
    throw error;
  }
}

/** The parameters that a deployment gives. Throws {@link TemplateFault} `notUnderstood`. */
export function parametersOf(properties: TemplateObject): TemplateValue | undefined {
  const given = propertyOf(properties, 'parameters');
  return typeof given === 'string' ? jsonIn(given) : given;
}

/** Evaluates each name once. One that needs itself has no value. */
function remembered(find: (name: string, depth: number) => TemplateValue): (name: string, depth: number) => TemplateValue {
  const values = new Map<string, TemplateValue | 'pending'>();
  return (name, depth) => {
    const known = values.get(name);
    if (known === 'pending') throw new EvaluationFault(`${name} is defined by itself`);
    if (known !== undefined && known !== 'pending') return known;
    values.set(name, 'pending');
    const value = find(name, depth);
    values.set(name, value);
    return value;
  };
}

function parameterOf(
  template: TemplateObject,
  given: TemplateValue | undefined,
  name: string,
  context: Context,
  depth: number,
): TemplateValue {
  const declared = propertyOf(propertyOf(template, 'parameters'), name);
  if (declared === undefined) throw new EvaluationFault(`there is no parameter ${name}`);
  const shown = `[parameters('${name}')]`;
  const isSecret = isSecure(template, declared);
  if (given instanceof Unknown) return new Unknown('anything', shown, isSecret);
  const value = givenValue(propertyOf(given, name), shown, isSecret, context, depth);
  const fallback = propertyOf(declared, 'defaultValue');
  if (value !== undefined && value !== null) return value;
  if (fallback === undefined) return propertyOf(declared, 'nullable') === true ? null : new Unknown('anything', shown, isSecret);
  return value === null ? new Unknown('anything', shown, isSecret) : evaluateValue(fallback, context, depth + 1);
}

function givenValue(
  entry: TemplateValue | undefined,
  shown: string,
  isSecret: boolean,
  context: Context,
  depth: number,
): TemplateValue | undefined {
  if (entry === undefined) return undefined;
  const value = propertyOf(entry, 'value');
  const isPlain = isObject(entry) && value !== undefined && Object.keys(entry).length === 1;
  if (isPlain) return asGiven(value, context, depth);
  return new Unknown('anything', shown, isSecret || propertyOf(entry, 'reference') !== undefined);
}

/** Values are not evaluated again; one that looks like an expression all the same may become anything. */
function asGiven(value: TemplateValue, context: Context, depth: number): TemplateValue {
  context.budget.spend(1);
  if (typeof value === 'string') return isExpression(value) ? new Unknown('anything', value) : value;
  if (depth > 100) throw new TemplateFault('tooLarge', 'a parameter nests too deep');
  if (isArray(value)) return value.map((item) => asGiven(item, context, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asGiven(inner, context, depth + 1)]));
}

function variableOf(template: TemplateObject, name: string, context: Context, depth: number): TemplateValue {
  const variables = propertyOf(template, 'variables');
  const plain = propertyOf(variables, name);
  const loops = propertyOf(variables, 'copy');
  context.budget.spend(isArray(loops) ? loops.length : 1);
  const copied = (isArray(loops) ? loops : []).filter((item): item is TemplateObject => {
    const label = propertyOf(item, 'name');
    return isObject(item) && typeof label === 'string' && label.toLowerCase() === name;
  });
  const [loop] = copied;
  if (loop === undefined && plain !== undefined) return evaluateValue(plain, context, depth + 1);
  if (loop === undefined || plain !== undefined || copied.length > 1) throw new EvaluationFault(`there is no single variable ${name}`);
  return copiesOf(loop, name, context, depth + 1);
}

function userFunctionOf(template: TemplateObject, name: string, context: Context): UserFunction | undefined {
  const namespaces = propertyOf(template, 'functions');
  const [namespace, member] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1)];
  context.budget.spend(isArray(namespaces) ? 2 * namespaces.length : 1);
  const found = (isArray(namespaces) ? namespaces : []).filter((candidate) => {
    const label = propertyOf(candidate, 'namespace');
    return (
      typeof label === 'string' && label.toLowerCase() === namespace && propertyOf(propertyOf(candidate, 'members'), member) !== undefined
    );
  });
  const [only] = found;
  if (only === undefined || found.length > 1) return undefined;
  const definition = propertyOf(propertyOf(only, 'members'), member);
  const parameters = propertyOf(definition, 'parameters');
  const names = (isArray(parameters) ? parameters : []).map((parameter) => propertyOf(parameter, 'name'));
  const output = propertyOf(propertyOf(definition, 'output'), 'value');
  if (output === undefined || !names.every((label) => typeof label === 'string')) return undefined;
  const blind = (asked: string): never => {
    throw new EvaluationFault(`a function sees no ${asked}`);
  };
  const ownContext: Context = { ...context, loops: [], lambdaVariables: new Map(), variable: blind, parameter: blind };
  return { parameters: names.map((label) => label.toLowerCase()), output, context: ownContext };
}

import type { Budget } from './budget.ts';
import type { DeploymentScope } from './deployment-scope.ts';
import type { Expression } from './parse-expression.ts';
import type { TemplateValue } from './template-value.ts';
import { Unknown } from './template-value.ts';

/** Everything that an expression can see where it stands. Names are asked in lower case, with the depth at which they are met; what throws, throws EvaluationFault. */
export type Context = {
  readonly budget: Budget;
  readonly scope: DeploymentScope;
  readonly deploymentName: TemplateValue;
  /** Where a deployment to a subscription or higher keeps its record. */
  readonly deploymentLocation: TemplateValue;
  readonly parameter: Lookup;
  readonly variable: Lookup;
  readonly userFunction: (name: string) => UserFunction | undefined;
  /** What a `reference` to a deployment of the same template gives, by its symbol, name or id; undefined for anything else. */
  readonly deployed: (name: string, depth: number) => TemplateValue | undefined;
  /** Told of whatever an expression has Azure read, by its id, name or symbol; `isSecret` where the answer is one. */
  readonly asks: Asks;
  readonly loops: readonly Loop[];
  readonly lambdaVariables: ReadonlyMap<string, TemplateValue>;
  /** Parses a text once. */
  readonly parse: (text: string) => Expression;
};

export type Asks = (target: TemplateValue, isSecret: boolean) => void;

export type Lookup = (name: string, depth: number) => TemplateValue;

/** One round of a copy loop, the innermost last. Loops within a resource are meant only where they are named. */
export type Loop = { readonly name: string; readonly index: number | Unknown; readonly of: 'resource' | 'value' };

export type UserFunction = {
  /** Lower-case names, in their order. */
  readonly parameters: readonly string[];
  readonly output: TemplateValue;
  /** Where its output is evaluated: nothing of the template is seen but its functions. */
  readonly context: Context;
};

/** What a function may look at beside its arguments; `source` is the call as it is written. */
export type Call = { readonly context: Context; readonly depth: number; readonly source: string };

/** A function of the template language over its evaluated arguments. Throws EvaluationFault for what it does not take. */
export type TemplateFunction = (given: readonly TemplateValue[], call: Call) => TemplateValue;

export type Evaluate = (expression: Expression, context: Context, depth: number) => TemplateValue;

/** A function that evaluates its own arguments, or not all of them. */
export type SpecialForm = (given: readonly Expression[], call: Call, evaluate: Evaluate) => TemplateValue;

/** What is written where only Azure could say more. */
export function unknownCall(call: Call, secret = false): Unknown {
  return new Unknown('anything', `[${call.source}]`, secret);
}

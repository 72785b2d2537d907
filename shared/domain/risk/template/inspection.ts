import type { AssessNested, NestedCall } from '../subject.ts';
import { type Budget, makeBudget } from './budget.ts';
import type { Asks, Context } from './context.ts';
import { makeDeployedLookup } from './deployed-outputs.ts';
import { type Deployment, nestedDeployment } from './nested-deployment.ts';
import { type OpenTemplate, openTemplate, parametersOf } from './open-template.ts';
import { type Expression, parseExpression } from './parse-expression.ts';
import { type FactorList, makeFactorList } from './template-factors.ts';
import { EvaluationFault } from './template-fault.ts';
import { propertyOf, type TemplateObject } from './template-value.ts';

/** What one inspection shares among all the templates that it enters. */
export type Inspection = {
  readonly judge: AssessNested;
  readonly factors: FactorList;
  readonly budget: Budget;
  /** Lower-case ids that are deployed for certain, into any scope. */
  readonly named: Set<string>;
  /** Told of every call that is carried, those that deploy further templates too. */
  readonly note: (call: NestedCall) => void;
  readonly open: (deployment: Deployment) => OpenTemplate;
};

/** Who wants to know what a template does beside being judged: of its calls, and of what it has Azure read. */
export type Listener = { readonly note: (call: NestedCall) => void; readonly asks: Asks };

const nobody: Listener = { note: () => {}, asks: () => {} };

export function makeInspection(judge: AssessNested, { note, asks }: Listener = nobody): Inspection {
  const budget = makeBudget();
  const parse = makeParser();
  const deployed = makeDeployedLookup((raw, context) => openNested(raw, context));
  const open = ({ properties, scope, name, location }: Deployment) =>
    openTemplate({
      template: propertyOf(properties, 'template') ?? null,
      given: parametersOf(properties),
      scope,
      name,
      location,
      budget,
      parse,
      deployed,
      asks,
    });
  const openNested = (raw: TemplateObject, context: Context): OpenTemplate | undefined => {
    const deployment = nestedDeployment(raw, context);
    return deployment === undefined || propertyOf(deployment.properties, 'template') === undefined ? undefined : open(deployment);
  };
  return { judge, factors: makeFactorList(), budget, named: new Set(), note, open };
}

/** Parses each text once, however many rounds of a loop it stands in. */
function makeParser(): (text: string) => Expression {
  const parsed = new Map<string, Expression | EvaluationFault>();
  return (text) => {
    const known = parsed.get(text) ?? parsedOrFault(text);
    parsed.set(text, known);
    if (known instanceof EvaluationFault) throw known;
    return known;
  };
}

function parsedOrFault(text: string): Expression | EvaluationFault {
  try {
    return parseExpression(text);
  } catch (error) {
    if (error instanceof EvaluationFault) return error;
    throw error;
  }
}

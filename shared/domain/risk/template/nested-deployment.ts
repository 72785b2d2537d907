import type { Context } from './context.ts';
import type { DeploymentScope } from './deployment-scope.ts';
import { evaluateValue } from './evaluate.ts';
import { addressOf } from './resource-address.ts';
import { isObject, propertyOf, type TemplateObject, type TemplateValue, Unknown } from './template-value.ts';

/** What is to be deployed, as its carrier has it: everything is evaluated but what belongs to the inner template. */
export type Deployment = {
  readonly scope: DeploymentScope;
  readonly name: TemplateValue;
  readonly location: TemplateValue;
  readonly properties: TemplateObject;
};

/** A deployment that is a resource of a template; undefined where its scope or properties cannot be told. */
export function nestedDeployment(raw: TemplateObject, context: Context): Deployment | undefined {
  const { container, name } = addressOf(raw, context, undefined);
  const properties = nestedProperties(raw, context);
  if (container === undefined || properties === undefined) return undefined;
  return {
    scope: container,
    name: new Unknown('place', name),
    location: evaluateValue(propertyOf(raw, 'location') ?? null, context),
    properties,
  };
}

/**
 * The properties of a deployment that is a resource of a template; undefined where they cannot be told. By default its template is evaluated
 * where it stands (outer scope), and what is an expression after that is evaluated once more when it is deployed.
 * Source: learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates#expression-evaluation-scope-in-nested-templates.
 */
function nestedProperties(raw: TemplateObject, context: Context): TemplateObject | undefined {
  const given = propertyOf(raw, 'properties') ?? null;
  const properties = isObject(given) ? given : evaluateValue(given, context);
  if (!isObject(properties)) return undefined;
  const scope = evaluateValue(propertyOf(propertyOf(properties, 'expressionEvaluationOptions'), 'scope') ?? null, context);
  if (scope instanceof Unknown) return undefined;
  const isInner = typeof scope === 'string' && scope.toLowerCase() === 'inner';
  const evaluated = Object.entries(properties).map(([name, value]): readonly [string, TemplateValue] => {
    const isUntouched = isInner && name.toLowerCase() === 'template' && isObject(value);
    return [name, isUntouched ? value : evaluateValue(value, context)];
  });
  return Object.fromEntries(evaluated);
}

/** Whether a type of resource carries a template that is deployed with it. */
export function isDeploymentType(type: string | undefined): boolean {
  return type === 'microsoft.resources/deployments' || type === 'microsoft.resources/deploymentstacks';
}

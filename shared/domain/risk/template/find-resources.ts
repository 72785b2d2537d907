import { templateLimits } from './budget.ts';
import type { Context } from './context.ts';
import { copyCount, evaluateValue } from './evaluate.ts';
import type { OpenTemplate } from './open-template.ts';
import { addressOf, type ResourceAddress } from './resource-address.ts';
import { isArray, isObject, propertyOf, type TemplateObject, type TemplateValue, Unknown } from './template-value.ts';

/** One resource that a template deploys, or may deploy, in one round of its loop. `context` sees that round. */
export type FoundResource = {
  readonly raw: TemplateObject;
  readonly context: Context;
  readonly address: ResourceAddress;
  /** False where its condition is unknown, so that it may not be deployed. */
  readonly isCertain: boolean;
};

/** What stands among the resources and is none, in words. */
export type OddResource = { readonly odd: 'unresolved' | 'otherApi'; readonly reason: string };

export function isOdd(found: FoundResource | OddResource): found is OddResource {
  return 'odd' in found;
}

/** Every resource of the template: loops unrolled, children after their parents, those whose condition is false left out. */
export function* findResources({ template, context, hasSymbols }: OpenTemplate): Generator<FoundResource | OddResource> {
  const resources = propertyOf(template, 'resources');
  if (resources === undefined || resources === null) return;
  yield* resourcesIn(resources, context, undefined, hasSymbols);
}

function* resourcesIn(
  resources: TemplateValue,
  context: Context,
  parent: ResourceAddress | undefined,
  hasSymbols: boolean,
): Generator<FoundResource | OddResource> {
  if (!isArray(resources) && !isObject(resources)) {
    yield { odd: 'unresolved', reason: 'the list of resources' };
    return;
  }
  for (const raw of isArray(resources) ? resources : Object.values(resources)) {
    if (isObject(raw)) yield* roundsOf(raw, context, parent, hasSymbols);
    else yield { odd: 'unresolved', reason: 'a resource' };
  }
}

function* roundsOf(
  raw: TemplateObject,
  context: Context,
  parent: ResourceAddress | undefined,
  hasSymbols: boolean,
): Generator<FoundResource | OddResource> {
  if (propertyOf(raw, 'import') !== undefined || propertyOf(raw, 'extension') !== undefined) {
    yield { odd: 'otherApi', reason: String(propertyOf(raw, 'type')).slice(0, 120) };
    return;
  }
  const copy = propertyOf(raw, 'copy');
  if (copy === undefined || copy === null) {
    yield* resourceAndChildren(raw, context, parent, hasSymbols);
    return;
  }
  const name = propertyOf(copy, 'name');
  const count = isObject(copy) ? copyCount(copy, context) : undefined;
  if (count === undefined) yield { odd: 'unresolved', reason: 'how often a loop runs' };
  for (let round = 0; round < (count ?? 1); round += 1) {
    const index = count === undefined ? new Unknown('anything', '[copyIndex()]') : round;
    const loop = { name: typeof name === 'string' ? name : '', index, of: 'resource' } as const;
    yield* resourceAndChildren(raw, { ...context, loops: [...context.loops, loop] }, parent, hasSymbols);
  }
}

/** Neither a condition nor mere existence reaches children: they have their own. Source: learn.microsoft.com/azure/azure-resource-manager/templates/conditional-resource-deployment. */
function* resourceAndChildren(
  raw: TemplateObject,
  context: Context,
  parent: ResourceAddress | undefined,
  hasSymbols: boolean,
): Generator<FoundResource | OddResource> {
  context.budget.addResource();
  const address = addressOf(raw, context, parent);
  const condition = propertyOf(raw, 'condition');
  const isDeployed = condition === undefined ? true : evaluateValue(condition, context);
  const merelyExists = hasSymbols && propertyOf(raw, 'existing') === true;
  if (isDeployed !== false && !merelyExists) yield { raw, context, address, isCertain: isDeployed === true };
  const children = propertyOf(raw, 'resources');
  if (children === undefined || children === null) return;
  if (address.name.split('/').length > templateLimits.nesting) {
    yield { odd: 'unresolved', reason: 'resources within too many others' };
    return;
  }
  yield* resourcesIn(children, context, address, hasSymbols);
}

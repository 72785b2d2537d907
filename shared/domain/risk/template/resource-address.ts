import type { Context } from './context.ts';
import { type DeploymentScope, scopeOfId, subscriptionScope } from './deployment-scope.ts';
import { evaluateValue } from './evaluate.ts';
import { propertyOf, type TemplateObject, type TemplateValue, Unknown } from './template-value.ts';

/** Where a resource of a template lies. What cannot be told is in `unresolved`, in words, and something stands for it in `id`. */
export type ResourceAddress = {
  /** Lower case, as the template has it, or that of the extension where it names one; undefined where it cannot be told. */
  readonly type: string | undefined;
  /** Its names from the outermost to its own, joined by slashes. */
  readonly name: string;
  /** Its whole id; undefined where no id can be made. */
  readonly id: string | undefined;
  /** What it is deployed into. */
  readonly container: DeploymentScope | undefined;
  readonly unresolved: readonly string[];
  /** False where something that is not known to the letter is in the id, such as a location, or a hash. */
  readonly isExact: boolean;
};

const typeShape = /^[a-z][a-z0-9]*(?:\.[a-z0-9]+)+(?:\/[a-z0-9.]+)+$/;
const standIn = 'unresolved';

/** Reads type, name and scope of a resource as Azure does. Throws TemplateFault for names that are given twice. */
export function addressOf(raw: TemplateObject, context: Context, parent: ResourceAddress | undefined): ResourceAddress {
  const reading: Reading = { context, unresolved: [], isExact: true };
  const { unresolved } = reading;
  const given = { type: textOf(propertyOf(raw, 'type'), 'type', reading), name: textOf(propertyOf(raw, 'name'), 'name', reading) };
  const { type, name } = parent === undefined ? given : withinParent(given.type, given.name, parent);
  const lower = type.toLowerCase();
  const isType = typeShape.test(lower);
  if (!isType && !unresolved.includes('type')) unresolved.push('type');
  const { base, container } = placeOf(raw, lower, parent, reading);
  const id = isType && base !== undefined ? idOf(base, lower, name, container) : undefined;
  if (isType && id === undefined) unresolved.push('id');
  const isExact = reading.isExact && unresolved.length === 0 && (parent?.isExact ?? true);
  return { type: isType ? extensionType(lower, name) : undefined, name, id, container, unresolved, isExact };
}

type Reading = { readonly context: Context; readonly unresolved: string[]; isExact: boolean };

/** `a.b/c/providers/locks` named `x/Microsoft.Authorization/y` is a `microsoft.authorization/locks`. */
function extensionType(type: string, name: string): string {
  const [, ...types] = type.split('/');
  const at = types.lastIndexOf('providers');
  const namespace = name.split('/')[at];
  return at === -1 || namespace === undefined ? type : [namespace.toLowerCase(), ...types.slice(at + 1)].join('/');
}

/** A part that must be told: its text, or what stands for it with its label among the unresolved. */
function textOf(value: TemplateValue | undefined, label: string, reading: Reading): string {
  const evaluated = evaluateValue(value ?? null, reading.context);
  if (typeof evaluated === 'string') return evaluated;
  reading.isExact = false;
  if (evaluated instanceof Unknown && evaluated.kind !== 'anything') return evaluated.shown;
  reading.unresolved.push(label);
  return standIn;
}

/** Children are named within their parent: `blobServices` in a storage account; a whole type stands for itself. */
function withinParent(type: string, name: string, parent: ResourceAddress): { readonly type: string; readonly name: string } {
  const parentType = parent.type ?? standIn;
  const [first = ''] = type.split('/');
  if (!first.includes('.')) return { type: `${parentType}/${type}`, name: `${parent.name}/${name}` };
  const isWhole = type.split('/').length === name.split('/').length + 1;
  return { type, name: isWhole ? name : `${parent.name}/${name}` };
}

type Place = { readonly base: string | undefined; readonly container: DeploymentScope | undefined };

function placeOf(raw: TemplateObject, type: string, parent: ResourceAddress | undefined, reading: Reading): Place {
  const scope = propertyOf(raw, 'scope');
  if (scope !== undefined) {
    const base = absolute(textOf(scope, 'scope', reading), reading.context.scope);
    return { base, container: base === undefined ? undefined : scopeOfId(base) };
  }
  const moved = movedScope(raw, reading);
  const container = moved ?? parent?.container ?? reading.context.scope;
  const isOfTenant = type === 'microsoft.management/managementgroups' || type === 'microsoft.subscription/aliases';
  return { base: isOfTenant ? '' : container.id, container };
}

/** `subscriptionId` and `resourceGroup` lead a deployment elsewhere. */
function movedScope(raw: TemplateObject, reading: Reading): DeploymentScope | undefined {
  const { context, unresolved } = reading;
  const [subscription, group] = [propertyOf(raw, 'subscriptionId'), propertyOf(raw, 'resourceGroup')];
  if (subscription === undefined && group === undefined) return undefined;
  const givenSubscription = subscription === undefined ? context.scope.subscriptionId : textOf(subscription, 'subscriptionId', reading);
  const givenGroup = group === undefined ? undefined : textOf(group, 'resourceGroup', reading);
  if (givenSubscription === undefined || !/^[0-9a-f-]{36}$/i.test(givenSubscription)) {
    if (!unresolved.includes('subscriptionId')) unresolved.push('subscriptionId');
    return undefined;
  }
  return subscriptionScope(givenSubscription, givenGroup);
}

/** A scope is an id, or a type and its names within what is deployed to: `Microsoft.Storage/storageAccounts/x`. */
function absolute(scope: string, deployedTo: DeploymentScope): string | undefined {
  if (scope === '/' || scope === '') return '';
  if (scope.startsWith('/')) return scope.replace(/\/$/, '');
  if (/^microsoft\.management\/managementgroups\//i.test(scope)) return `/providers/${scope}`;
  if (/^[a-z][a-z0-9]*(?:\.[a-z0-9]+)+\//i.test(scope)) return `${deployedTo.id}/providers/${scope}`;
  return undefined;
}

function idOf(base: string, lower: string, name: string, container: DeploymentScope | undefined): string | undefined {
  if (lower === 'microsoft.resources/resourcegroups' || lower === 'microsoft.resources/subscriptions/resourcegroups') {
    const subscription = container?.subscriptionId;
    return subscription === undefined || name.includes('/') ? undefined : `/subscriptions/${subscription}/resourceGroups/${name}`;
  }
  const [namespace, ...types] = lower.split('/');
  const names = name.split('/');
  if (types.length !== names.length || names.includes('')) return undefined;
  return `${base}/providers/${namespace}${types.map((segment, index) => `/${segment}/${names[index] ?? ''}`).join('')}`;
}

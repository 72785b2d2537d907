import { type ArmAnswer, armError, methodNotAllowed, ok } from './arm-answer.ts';
import { type ArmTarget, baseIdOf, type CollectionTarget, idKey, sameText, typeOf } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed } from './call.ts';
import { resourceGroupType } from './containers.ts';
import type { JsonObject } from './json.ts';
import { locationOf, presentResource, tagsOf } from './resource-content.ts';
import { resourceTypeOf } from './resource-types.ts';
import { checkScope, groupNameOf } from './scopes.ts';
import { isBelow, type StoredResource } from './state-store.ts';

/** `GET {subscription}/resourceGroups`. */
export function answerResourceGroups({ subscriptionId }: Extract<ArmTarget, { kind: 'resourceGroups' }>, call: ArmCall): ArmAnswer {
  const scopeId = `/subscriptions/${subscriptionId}`;
  const row = resourceTypeOf(resourceGroupType);
  return answerList(call, scopeId, 'Microsoft.Resources/subscriptions/resourceGroups/read', () =>
    page(call, groupsIn(call, scopeId), (group) => presentResource(group, row)),
  );
}

/** `GET {subscription or group}/resources`: what has a location, without its properties, as ARM shows it there. */
export function answerResources({ scopeId }: Extract<ArmTarget, { kind: 'resources' }>, call: ArmCall): ArmAnswer {
  const inGroup = groupNameOf(scopeId) !== undefined;
  const action = inGroup
    ? 'Microsoft.Resources/subscriptions/resourceGroups/resources/read'
    : 'Microsoft.Resources/subscriptions/resources/read';
  return answerList(call, scopeId, action, () => page(call, trackedBelow(call, scopeId), summarize));
}

/** `GET {scope}/providers/{namespace}/{type}` and `GET {resource}/{type}`. */
export function answerCollection(target: CollectionTarget, call: ArmCall): ArmAnswer {
  const row = resourceTypeOf(typeOf({ namespace: target.namespace, types: [...target.types, target.last] }));
  const baseId = baseIdOf(target);
  const isMember = ({ id, type }: StoredResource): boolean => sameText(type, row.type) && isBelow(id, baseId);
  return answerList(call, baseId, `${row.type}/read`, () =>
    page(call, call.service.store.all().filter(isMember), (each) => presentResource(each, row)),
  );
}

function answerList(call: ArmCall, scopeId: string, actionName: string, list: () => ArmAnswer): ArmAnswer {
  const action = { name: actionName, readOnly: true };
  if (!isAllowed(call, action, scopeId)) {
    return authorizationFailed(call.caller, action, scopeId);
  }
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  return checkScope(call.service.store, scopeId) ?? list();
}

function groupsIn({ service }: ArmCall, subscriptionScope: string): readonly StoredResource[] {
  return service.store.all().filter(({ id, type }) => type === resourceGroupType && isBelow(id, subscriptionScope));
}

function trackedBelow({ service }: ArmCall, scopeId: string): readonly StoredResource[] {
  return service.store
    .all()
    .filter((resource) => isBelow(resource.id, scopeId) && resource.type !== resourceGroupType && locationOf(resource) !== undefined);
}

const summaryFields = ['location', 'tags', 'sku', 'kind', 'identity', 'zones', 'plan', 'managedBy', 'extendedLocation'];

function summarize({ id, name, type, content }: StoredResource): JsonObject {
  return { id, name, type, ...Object.fromEntries(Object.entries(content).filter(([field]) => summaryFields.includes(field))) };
}

type Page = { readonly top: number; readonly skip: number };

/** Filters by `$filter`, cuts by `$top` and `$skiptoken`, and links to the next page where there is one. */
function page(call: ArmCall, resources: readonly StoredResource[], present: (resource: StoredResource) => JsonObject): ArmAnswer {
  const conditions = parseFilter(call.query.get('$filter'));
  if (conditions === undefined) {
    return armError(400, 'InvalidFilterInQueryString', 'Invalid $filter in the query string: it is not one that this list understands.');
  }
  const bounds = parsePage(call.query.get('$top'), call.query.get('$skiptoken'));
  if (bounds === undefined) {
    return armError(400, 'InvalidTopInQueryString', 'Invalid $top or $skiptoken in the query string.');
  }
  const matching = resources
    .filter((resource) => conditions.every((condition) => condition(resource)))
    .toSorted((left, right) => (idKey(left.id) < idKey(right.id) ? -1 : 1));
  const end = bounds.skip + bounds.top;
  const value = matching.slice(bounds.skip, end).map(present);
  return ok(end < matching.length ? { value, nextLink: nextLink(call, end) } : { value });
}

function nextLink({ service, path, apiVersion, query }: ArmCall, skip: number): string {
  const parameters = new URLSearchParams({ 'api-version': apiVersion });
  for (const name of ['$filter', '$top']) {
    const value = query.get(name);
    if (value !== undefined) {
      parameters.set(name, value);
    }
  }
  parameters.set('$skiptoken', String(skip));
  return `${service.address}${path}?${parameters}`;
}

const largestPage = 1000;

function parsePage(top: string | undefined, skipToken: string | undefined): Page | undefined {
  const bounds = { top: wholeNumber(top ?? String(largestPage)), skip: wholeNumber(skipToken ?? '0') };
  const { top: size, skip } = bounds;
  return size === undefined || skip === undefined || size < 1 ? undefined : { top: Math.min(size, largestPage), skip };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

type Condition = (resource: StoredResource) => boolean;

/** `name eq 'value'` conditions joined by `and`; a tag is asked for by `tagName eq … and tagValue eq …`. Undefined for anything else. */
function parseFilter(filter: string | undefined): readonly Condition[] | undefined {
  if (filter === undefined || filter.trim() === '') {
    return [];
  }
  const comparisons = filter.split(/ +and +/i).map((part) => /^ *(\w+) +eq +'([^']*)' *$/i.exec(part));
  const pairs: [string, string][] = [];
  for (const comparison of comparisons) {
    const [, field, value] = comparison ?? [];
    if (field === undefined || value === undefined) {
      return undefined;
    }
    pairs.push([field.toLowerCase(), value]);
  }
  return conditionsOf(new Map(pairs));
}

function conditionsOf(values: ReadonlyMap<string, string>): readonly Condition[] | undefined {
  const conditions: Condition[] = [];
  for (const [field, value] of values) {
    const condition = conditionOf(field, value, values.get('tagname'));
    if (condition === undefined) {
      return undefined;
    }
    conditions.push(condition);
  }
  return conditions;
}

function conditionOf(field: string, value: string, tagName: string | undefined): Condition | undefined {
  switch (field) {
    case 'resourcetype':
      return ({ type }) => sameText(type, value);
    case 'resourcegroup':
      return ({ id }) => sameText(groupNameOf(id) ?? '', value);
    case 'name':
      return ({ name }) => sameText(name, value);
    case 'location':
      return (resource) => sameText(locationOf(resource) ?? '', value);
    case 'tagname':
      return (resource) => Object.keys(tagsOf(resource)).some((name) => sameText(name, value));
    case 'tagvalue':
      return tagName === undefined
        ? undefined
        : (resource) => Object.entries(tagsOf(resource)).some(([name, text]) => sameText(name, tagName) && text === value);
    default:
      return undefined;
  }
}

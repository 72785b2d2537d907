import { foldName } from './arm-property.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/*
 * What Azure changes by itself in the answer to a GET, without anybody having changed the resource. It stands on the resource itself and in its `properties`, and so on
 * in resources that are listed within it, as subnets are in a network. What merely has such a name elsewhere, as a tag, is the owner's and stays.
 * Sources: learn.microsoft.com/azure/azure-resource-manager/management/async-operations (provisioningState), the common types of
 * github.com/Azure/azure-rest-api-specs (systemData, etag), learn.microsoft.com/rest/api/compute/virtual-machines/get (instanceView).
 */
const volatileOnResource: ReadonlySet<string> = new Set(['etag', 'systemdata']);
const volatileInProperties: ReadonlySet<string> = new Set(['etag', 'instanceview', 'provisioningstate', 'resourceguid', 'statustimestamp']);
const lastModified = /^last(?:modified|updated)(?:at|by|bytype|date|dateutc|time|timeutc|timestamp)?$/;

/** The state of a resource without what is volatile in it: equal where nobody changed the resource. */
export function stableState(body: JsonValue): JsonValue {
  return stableElement(body);
}

/** A resource, or anything else that may hold one. */
function stableElement(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(stableElement);
  if (!isJsonObject(value)) return value;
  return isResource(value) ? stableResource(value) : mapped(value, (_, inner) => stableElement(inner));
}

function isResource(value: JsonObject): boolean {
  return isJsonObject(named(value, 'properties')) || (typeof named(value, 'id') === 'string' && typeof named(value, 'type') === 'string');
}

function stableResource(resource: JsonObject): JsonValue {
  return mapped(resource, (name, value) => {
    if (volatileOnResource.has(name)) return undefined;
    if (name === 'tags') return value;
    return name === 'properties' && isJsonObject(value) ? stableProperties(value) : stableElement(value);
  });
}

function stableProperties(properties: JsonObject): JsonValue {
  return mapped(properties, (name, value) => {
    if (volatileInProperties.has(name) || lastModified.test(name)) return undefined;
    return stableElement(value);
  });
}

function mapped(object: JsonObject, map: (foldedName: string, value: JsonValue) => JsonValue | undefined): JsonObject {
  const entries = Object.entries(object).flatMap(([name, value]) => {
    const kept = map(foldName(name), value);
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return Object.fromEntries(entries);
}

function named(object: JsonObject, folded: string): JsonValue | undefined {
  const name = Object.keys(object).find((candidate) => foldName(candidate) === folded);
  return name === undefined ? undefined : object[name];
}

const longestPath = 120;

/**
 * Where two states differ once what is volatile is left out, as `properties.networkAcls.defaultAction`; at most `limit` places, names only and never a value. Give it
 * masked states: a name may be a secret too.
 */
export function changedPaths(before: JsonValue, after: JsonValue, limit: number): readonly string[] {
  const found: string[] = [];
  collect(stableState(before), stableState(after), '', found, limit);
  return found;
}

function collect(before: JsonValue | undefined, after: JsonValue | undefined, path: string, found: string[], limit: number): void {
  if (found.length >= limit || before === after) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      collect(ownValue(before, name), ownValue(after, name), path === '' ? name : `${path}.${name}`, found, limit);
    }
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, value] of before.entries()) collect(value, after[index], `${path}[${index}]`, found, limit);
    return;
  }
  found.push(path.length > longestPath ? `${path.slice(0, longestPath)}…` : path || 'the whole');
}

function ownValue(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

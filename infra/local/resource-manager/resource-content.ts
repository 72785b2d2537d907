import { type ArmAnswer, armError, invalidContent } from './arm-answer.ts';
import { type Refused, refuse } from './call.ts';
import { asObject, type Json, type JsonObject, mergePatch, type TagMap, tagMap, withoutPath } from './json.ts';
import type { ResourceType } from './resource-types.ts';
import type { StoredResource } from './state-store.ts';

export type ContentRead = { readonly kind: 'content'; readonly content: JsonObject } | Refused;

/** Fields that the service sets; whatever a client sends in them is dropped, as resource providers do. */
const readOnlyFields = new Set(['id', 'name', 'type', 'etag', 'systemData']);

/** What a PUT's body makes of the resource. */
export function contentOfPut(body: JsonObject, row: ResourceType, existing: StoredResource | undefined): ContentRead {
  const { tags, properties } = body;
  const refusal = checkTags(tags) ?? checkProperties(properties) ?? (row.tracked ? checkLocation(body['location'], existing) : undefined);
  if (refusal !== undefined) {
    return refuse(refusal);
  }
  return { kind: 'content', content: withoutWriteOnly(settable(body), row) };
}

/** What a PATCH's body makes of the resource: tags are replaced as a whole, everything else is merged. */
export function contentOfPatch(body: JsonObject, row: ResourceType, existing: StoredResource): ContentRead {
  const { tags, properties } = body;
  const refusal = checkTags(tags) ?? checkProperties(properties);
  if (refusal !== undefined) {
    return refuse(refusal);
  }
  const merged = asObject(mergePatch(existing.content, settable(body))) ?? {};
  const content = tags === undefined ? merged : { ...merged, tags };
  return { kind: 'content', content: withoutWriteOnly(content, row) };
}

/** The resource as a GET shows it. */
export function presentResource(resource: StoredResource, row: ResourceType): JsonObject {
  const { id, name, type, etag, content } = resource;
  return { id, name, type, ...content, ...(row.showsEtag ? { etag } : {}) };
}

export function tagsOf(resource: StoredResource): TagMap {
  const parsed = tagMap.safeParse(resource.content['tags']);
  return parsed.success ? parsed.data : {};
}

export function locationOf(resource: StoredResource): string | undefined {
  const location = resource.content['location'];
  return typeof location === 'string' ? location : undefined;
}

function settable(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([field]) => !readOnlyFields.has(field)));
}

function withoutWriteOnly(content: JsonObject, row: ResourceType): JsonObject {
  return row.writeOnly.reduce((rest, path) => withoutPath(rest, ['properties', ...path.split('.')]), content);
}

function checkTags(tags: Json | undefined): ArmAnswer | undefined {
  return tags === undefined || tagMap.safeParse(tags).success ? undefined : invalidContent('tags must be an object of texts');
}

function checkProperties(properties: Json | undefined): ArmAnswer | undefined {
  const isObject = !Array.isArray(properties) && asObject(properties) !== undefined;
  return properties === undefined || isObject ? undefined : invalidContent('properties must be an object');
}

function checkLocation(location: Json | undefined, existing: StoredResource | undefined): ArmAnswer | undefined {
  if (typeof location !== 'string' || location === '') {
    return armError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  const kept = existing === undefined ? undefined : locationOf(existing);
  if (existing === undefined || kept === undefined || normalLocation(kept) === normalLocation(location)) {
    return undefined;
  }
  const message = `The resource '${existing.name}' already exists in location '${kept}'. A resource with the same name cannot be created in location '${location}'.`;
  return armError(409, 'InvalidResourceLocation', message);
}

/** `West Europe` and `westeurope` are one location. */
function normalLocation(location: string): string {
  return location.replaceAll(' ', '').toLowerCase();
}

import { z } from 'zod';
import { type ArmAnswer, answer, invalidContent, methodNotAllowed, ok, resourceNotFound } from './arm-answer.ts';
import { type ResourceTarget, sameText } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed, type Refused, readObject, refuse } from './call.ts';
import { type JsonObject, type TagMap, tagMap } from './json.ts';
import { checkLocks } from './locks.ts';
import { newResource } from './new-resource.ts';
import { tagsOf } from './resource-content.ts';
import { checkGroupTakesWrites, checkScope, typeAndName } from './scopes.ts';
import type { StoredResource } from './state-store.ts';

const methods = ['GET', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof methods)[number];
const accessOf: Record<Method, 'read' | 'write' | 'delete'> = { GET: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' };

const putBody = z.object({ properties: z.object({ tags: tagMap }) });
const patchBody = z.object({ operation: z.enum(['Merge', 'Replace', 'Delete']), properties: z.object({ tags: tagMap }) });

/** `{scope}/providers/Microsoft.Resources/tags/default`: the tags of a subscription, a resource group or a resource. */
export function answerTags(target: ResourceTarget, call: ArmCall): ArmAnswer {
  const method = methods.find((known) => known === call.method);
  if (method === undefined) {
    return methodNotAllowed(call.method, methods);
  }
  const access = accessOf[method];
  const action = { name: `Microsoft.Resources/tags/${access}`, readOnly: access === 'read' };
  if (!isAllowed(call, action, target.scopeId)) {
    return authorizationFailed(call.caller, action, target.scopeId);
  }
  const { store } = call.service;
  const missing = checkScope(store, target.scopeId);
  const tagged = store.find(target.scopeId);
  if (missing !== undefined || tagged === undefined || target.names[0]?.toLowerCase() !== 'default') {
    return missing ?? resourceNotFound(typeAndName(target.id), undefined);
  }
  return method === 'GET' ? ok(presentTags(tagged)) : change(method, tagged, call);
}

function change(method: Exclude<Method, 'GET'>, tagged: StoredResource, call: ArmCall): ArmAnswer {
  const { store } = call.service;
  const refusal = checkLocks(store, tagged.id, 'write') ?? checkGroupTakesWrites(store, tagged.id);
  if (refusal !== undefined) {
    return refusal;
  }
  const change = method === 'DELETE' ? ({ kind: 'tags', tags: {} } as const) : changedTags(method, tagged, call);
  if (change.kind === 'refused') {
    return change.answer;
  }
  const { id, type, content } = tagged;
  const written = newResource({ id, type, content: { ...content, tags: change.tags }, now: call.now }, tagged);
  store.commit({ put: [written] });
  const effect = { kind: 'write', resourceId: written.id } as const;
  return method === 'DELETE' ? answer(200, { effect }) : ok(presentTags(written), effect);
}

type ChangedTags = { readonly kind: 'tags'; readonly tags: TagMap } | Refused;

function changedTags(method: 'PUT' | 'PATCH', tagged: StoredResource, call: ArmCall): ChangedTags {
  const body = readObject(call);
  if (body.kind === 'refused') {
    return body;
  }
  const put = method === 'PUT' ? putBody.safeParse(body.object) : undefined;
  if (put?.success === true) {
    return { kind: 'tags', tags: put.data.properties.tags };
  }
  const patch = method === 'PATCH' ? patchBody.safeParse(body.object) : undefined;
  if (patch?.success !== true) {
    return refuse(invalidContent('properties.tags and, for PATCH, operation (Merge, Replace or Delete) are expected'));
  }
  return { kind: 'tags', tags: patchedTags(patch.data, tagsOf(tagged)) };
}

function patchedTags({ operation, properties }: z.infer<typeof patchBody>, current: TagMap): TagMap {
  const { tags } = properties;
  const named = (name: string): string | undefined => Object.keys(tags).find((candidate) => sameText(candidate, name));
  switch (operation) {
    case 'Replace':
      return tags;
    case 'Merge':
      return { ...Object.fromEntries(Object.entries(current).filter(([name]) => named(name) === undefined)), ...tags };
    case 'Delete':
      return Object.fromEntries(Object.entries(current).filter(([name, value]) => tags[named(name) ?? ''] !== value));
  }
}

function presentTags(tagged: StoredResource): JsonObject {
  const id = `${tagged.id}/providers/Microsoft.Resources/tags/default`;
  return { id, name: 'default', type: 'Microsoft.Resources/tags', properties: { tags: tagsOf(tagged) } };
}

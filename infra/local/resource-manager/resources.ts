import { type ArmAnswer, answer, armError, methodNotAllowed, ok, resourceNotFound } from './arm-answer.ts';
import { groupIdOf, type ResourceTarget, sameText, typeOf } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed, readObject } from './call.ts';
import { containerTypes } from './containers.ts';
import { checkDeletedVault, remainsOf, treeOf } from './deleted-vaults.ts';
import type { JsonObject } from './json.ts';
import { checkLockContent, checkLocks } from './locks.ts';
import { beginOperation, countStep, isBeingDeleted, pollingHeaders, underWay } from './long-running.ts';
import { stylesOf } from './long-running-styles.ts';
import { checkName } from './naming.ts';
import { newResource } from './new-resource.ts';
import { checkPreconditions } from './preconditions.ts';
import { contentOfPatch, contentOfPut, presentResource } from './resource-content.ts';
import { withProvisioningState } from './resource-states.ts';
import { type ResourceType, resourceTypeOf } from './resource-types.ts';
import { checkGroupTakesWrites, checkScope, groupNameOf, typeAndName } from './scopes.ts';
import type { StoredResource } from './state-store.ts';
import { instanceViewOf } from './virtual-machines.ts';

type Resource = {
  readonly target: ResourceTarget;
  readonly row: ResourceType;
  readonly existing: StoredResource | undefined;
  readonly call: ArmCall;
};

const methods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof methods)[number];

const accessOf: Record<Method, 'read' | 'write' | 'delete'> = { GET: 'read', HEAD: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' };

/** GET, HEAD, PUT, PATCH and DELETE of a resource by its id. */
export function answerResource(target: ResourceTarget, call: ArmCall): ArmAnswer {
  const method = methods.find((known) => known === call.method);
  if (method === undefined) {
    return methodNotAllowed(call.method, methods);
  }
  const row = resourceTypeOf(typeOf(target));
  const access = accessOf[method];
  const action = { name: `${row.type}/${access}`, readOnly: access === 'read' };
  if (!isAllowed(call, action, target.id)) {
    return authorizationFailed(call.caller, action, target.id);
  }
  const missing = checkPlace(target, row) ?? checkScope(call.service.store, target.scopeId);
  if (missing !== undefined) {
    return missing;
  }
  return perform(method, { target, row, existing: call.service.store.find(target.id), call });
}

/** Containers have paths of their own, and what lives in a resource group is nowhere else. */
function checkPlace(target: ResourceTarget, row: ResourceType): ArmAnswer | undefined {
  const isContainer = containerTypes.some((type) => sameText(type, row.type));
  const inGroup = sameText(groupIdOf(target.scopeId) ?? '', target.scopeId) && target.scopeId !== '';
  if (!isContainer && (row.livesIn === 'anyScope' || inGroup)) {
    return undefined;
  }
  const message = `The resource type '${target.types.join('/')}' could not be found in the namespace '${target.namespace}' at this scope.`;
  return armError(404, 'InvalidResourceType', message);
}

function perform(method: Method, resource: Resource): ArmAnswer {
  switch (method) {
    case 'GET':
      return read(resource);
    case 'HEAD':
      return resource.existing === undefined ? answer(404) : answer(204, { headers: { etag: resource.existing.etag } });
    case 'PUT':
      return put(resource);
    case 'PATCH':
      return patch(resource);
    case 'DELETE':
      return remove(resource);
  }
}

function read({ target, row, existing, call }: Resource): ArmAnswer {
  if (existing === undefined) {
    return notFound(target);
  }
  const changing = underWay(call.service.store, 'writeResource', existing.id);
  if (changing?.pollStyle === 'none') {
    countStep(changing, call.service.store);
  }
  const shown = presentResource(existing, row);
  const expands = existing.hidden.kind === 'virtualMachine' && call.query.get('$expand')?.toLowerCase() === 'instanceview';
  const properties = typeof shown['properties'] === 'object' ? shown['properties'] : {};
  const also = shownOnly(existing, call.service, expands);
  const body = also === undefined ? shown : { ...shown, properties: { ...properties, ...also } };
  return ok(body, undefined, { etag: existing.etag });
}

/** What nobody sets and a GET of the resource shows. */
function shownOnly(existing: StoredResource, { vaultSuffix }: ArmCall['service'], expands: boolean): JsonObject | undefined {
  if (expands) return { instanceView: instanceViewOf(existing) };
  const isVault = sameText(existing.type, 'Microsoft.KeyVault/vaults');
  return isVault && vaultSuffix !== undefined ? { vaultUri: `https://${existing.name.toLowerCase()}${vaultSuffix}/` } : undefined;
}

function put(resource: Resource): ArmAnswer {
  const { target, row, existing, call } = resource;
  const refusal = checkWrite(resource) ?? checkName(call.service.store, target.id, row) ?? checkParent(resource);
  if (refusal !== undefined) {
    return refusal;
  }
  const body = readObject(call);
  if (body.kind === 'refused') {
    return body.answer;
  }
  const contentRefusal = checkLockContent(row.type, body.object);
  if (contentRefusal !== undefined) {
    return contentRefusal;
  }
  const deleted = checkDeletedVault({ type: row.type, id: target.id }, body.object, call);
  if (deleted?.kind === 'refused') {
    return deleted.answer;
  }
  const read = contentOfPut(deleted?.content ?? body.object, row, existing);
  if (read.kind === 'refused') {
    return read.answer;
  }
  const removeTrees = deleted === undefined ? [] : [deleted.remains];
  return keep(resource, newResourceOf(resource, read.content), existing === undefined ? row.createdStatus : 200, removeTrees);
}

function patch(resource: Resource): ArmAnswer {
  const { target, row, existing, call } = resource;
  if (existing === undefined) {
    return notFound(target);
  }
  const refusal = checkWrite(resource);
  if (refusal !== undefined) {
    return refusal;
  }
  const body = readObject(call);
  const read = body.kind === 'refused' ? body : contentOfPatch(body.object, row, existing);
  return read.kind === 'refused' ? read.answer : keep(resource, newResourceOf(resource, read.content), 200);
}

function newResourceOf({ target, row, existing, call }: Resource, content: StoredResource['content']): StoredResource {
  return newResource({ id: target.id, type: row.type, content, provisioningState: 'Succeeded', now: call.now }, existing);
}

/** Keeps what was written, at once or, for a type that takes its time, as not yet succeeded with an operation that ends it. */
function keep(
  { row, existing, call }: Resource,
  written: StoredResource,
  status: 200 | 201,
  removeTrees: readonly string[] = [],
): ArmAnswer {
  const effect = { kind: 'write', resourceId: written.id } as const;
  const { store, longRunning } = call.service;
  const styles = stylesOf(row, longRunning);
  const style = call.method === 'PATCH' ? styles.patch : styles.put;
  if (style === 'atOnce') {
    store.commit({ put: [written], removeTrees });
    return answer(status, { body: presentResource(written, row), headers: { etag: written.etag }, effect });
  }
  const pending = withProvisioningState(written, existing === undefined ? 'Creating' : 'Updating');
  const operation = beginOperation('writeResource', pending, call, style === 'provisioningState' ? 'none' : style);
  store.commit({ put: [pending], operations: [operation], removeTrees });
  const headers = { etag: pending.etag, ...pollingHeaders(operation, call) };
  return style === 'location' ? answer(202, { headers, effect }) : answer(status, { body: presentResource(pending, row), headers, effect });
}

function remove({ target, row, existing, call }: Resource): ArmAnswer {
  const { store } = call.service;
  const refusal =
    checkLocks(store, target.id, 'delete') ?? checkGroupTakesWrites(store, target.id) ?? checkPreconditions(call.headers, existing);
  if (refusal !== undefined) {
    return refusal;
  }
  if (existing === undefined) {
    return answer(204);
  }
  const effect = { kind: 'delete', resourceId: existing.id } as const;
  const { delete: style } = stylesOf(row, call.service.longRunning);
  if (style === 'atOnce' || style === 'noContent') {
    store.commit({ removeTrees: [existing.id], put: remainsOf(treeOf(store, existing), call.now) });
    return answer(style === 'atOnce' ? 200 : 204, { effect });
  }
  const earlier = underWay(store, 'deleteResource', existing.id);
  if (earlier !== undefined) {
    return answer(202, { headers: pollingHeaders(earlier, call) });
  }
  const operation = beginOperation('deleteResource', existing, call, style);
  store.commit({ put: [withProvisioningState(existing, 'Deleting')], operations: [operation] });
  return answer(202, { headers: pollingHeaders(operation, call), effect });
}

function checkWrite({ target, existing, call }: Resource): ArmAnswer | undefined {
  const { store } = call.service;
  const groupRefusal = checkLocks(store, target.id, 'write') ?? checkGroupTakesWrites(store, target.id);
  if (groupRefusal !== undefined) {
    return groupRefusal;
  }
  if (isBeingDeleted(store, target.id)) {
    return armError(409, 'OperationNotAllowed', `Operation is not allowed on '${typeAndName(target.id)}' since it is marked for deletion.`);
  }
  return checkPreconditions(call.headers, existing);
}

function checkParent({ target, call }: Resource): ArmAnswer | undefined {
  if (target.types.length === 1) {
    return undefined;
  }
  const parentId = target.id.split('/').slice(0, -2).join('/');
  if (call.service.store.find(parentId) !== undefined) {
    return undefined;
  }
  const parent = target.names.slice(0, -1).join('/');
  const message = `Can not perform requested operation on nested resource. Parent resource '${parent}' not found.`;
  return armError(404, 'ParentResourceNotFound', message);
}

function notFound(target: ResourceTarget): ArmAnswer {
  return resourceNotFound(typeAndName(target.id), groupNameOf(target.id));
}

import { tenantId } from '../seed.ts';
import { type ArmAnswer, answer, armError, methodNotAllowed, ok, resourceGroupNotFound } from './arm-answer.ts';
import { type ArmTarget, subscriptionIdOf } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed, readObject } from './call.ts';
import type { JsonObject } from './json.ts';
import { checkLocks } from './locks.ts';
import { beginOperation, pollingHeaders, underWay } from './long-running.ts';
import { newResource } from './new-resource.ts';
import { checkPreconditions } from './preconditions.ts';
import { contentOfPatch, contentOfPut, presentResource } from './resource-content.ts';
import { withProvisioningState } from './resource-states.ts';
import { resourceTypeOf } from './resource-types.ts';
import { checkContainers, checkGroupTakesWrites } from './scopes.ts';
import type { StoredResource } from './state-store.ts';

export const subscriptionType = 'Microsoft.Resources/subscriptions';
export const resourceGroupType = 'Microsoft.Resources/resourceGroups';
export const containerTypes = [subscriptionType, resourceGroupType];
const groupActions = 'Microsoft.Resources/subscriptions/resourceGroups';

/** `GET /subscriptions`: those that the caller may read; none is an empty list, not a refusal. */
export function answerSubscriptions(call: ArmCall): ArmAnswer {
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  const action = { name: `${subscriptionType}/read`, readOnly: true };
  const subscriptions = call.service.store.all().filter(({ type }) => type === subscriptionType);
  const value = subscriptions.filter(({ id }) => isAllowed(call, action, id)).map(presentSubscription);
  return ok({ value, count: { type: 'Total', value: value.length } });
}

export function answerSubscription(target: Extract<ArmTarget, { kind: 'subscription' }>, call: ArmCall): ArmAnswer {
  const action = { name: `${subscriptionType}/read`, readOnly: true };
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  if (!isAllowed(call, action, target.id)) {
    return authorizationFailed(call.caller, action, target.id);
  }
  const subscription = call.service.store.find(target.id);
  return checkContainers(call.service.store, target.id) ?? ok(subscription === undefined ? {} : presentSubscription(subscription));
}

function presentSubscription({ id, content }: StoredResource): JsonObject {
  const { displayName, tags } = content;
  return {
    id,
    subscriptionId: subscriptionIdOf(id) ?? '',
    tenantId,
    displayName: displayName ?? '',
    state: 'Enabled',
    subscriptionPolicies: { locationPlacementId: 'Public_2014-09-01', quotaId: 'PayAsYouGo_2014-09-01', spendingLimit: 'Off' },
    authorizationSource: 'RoleBased',
    ...(tags === undefined ? {} : { tags }),
  };
}

type GroupTarget = Extract<ArmTarget, { kind: 'resourceGroup' }>;

const groupMethods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const;
type GroupMethod = (typeof groupMethods)[number];
const groupAccess: Record<GroupMethod, 'read' | 'write' | 'delete'> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
};

/** GET, HEAD, PUT, PATCH and DELETE of a resource group. */
export function answerResourceGroup(target: GroupTarget, call: ArmCall): ArmAnswer {
  const method = groupMethods.find((known) => known === call.method);
  if (method === undefined) {
    return methodNotAllowed(call.method, groupMethods);
  }
  const access = groupAccess[method];
  const action = { name: `${groupActions}/${access}`, readOnly: access === 'read' };
  if (!isAllowed(call, action, target.id)) {
    return authorizationFailed(call.caller, action, target.id);
  }
  const { store } = call.service;
  const missing = checkContainers(store, `/subscriptions/${target.subscriptionId}`);
  if (missing !== undefined) {
    return missing;
  }
  const group = store.find(target.id);
  if (method === 'PUT') {
    return write(target, group, call);
  }
  return group === undefined ? absent(method, target) : onGroup(method, target, group, call);
}

function absent(method: GroupMethod, { name }: GroupTarget): ArmAnswer {
  return method === 'HEAD' ? answer(404) : resourceGroupNotFound(name);
}

function onGroup(method: Exclude<GroupMethod, 'PUT'>, target: GroupTarget, group: StoredResource, call: ArmCall): ArmAnswer {
  switch (method) {
    case 'GET':
      return ok(presentResource(group, resourceTypeOf(resourceGroupType)), undefined, { etag: group.etag });
    case 'HEAD':
      return answer(204);
    case 'PATCH':
      return write(target, group, call);
    case 'DELETE':
      return remove(group, call);
  }
}

function write(target: GroupTarget, group: StoredResource | undefined, call: ArmCall): ArmAnswer {
  const { store } = call.service;
  const refusal =
    checkLocks(store, target.id, 'write') ??
    checkGroupTakesWrites(store, target.id) ??
    checkPreconditions(call.headers, group) ??
    checkGroupName(target.name);
  if (refusal !== undefined) {
    return refusal;
  }
  const body = readObject(call);
  if (body.kind === 'refused') {
    return body.answer;
  }
  const row = resourceTypeOf(resourceGroupType);
  const isPatch = call.method === 'PATCH' && group !== undefined;
  const read = isPatch ? contentOfPatch(body.object, row, group) : contentOfPut(body.object, row, group);
  if (read.kind === 'refused') {
    return read.answer;
  }
  const { location, tags, managedBy } = read.content;
  const content = {
    location: location ?? null,
    ...(tags === undefined ? {} : { tags }),
    ...(managedBy === undefined ? {} : { managedBy }),
  };
  const written = newResource({ id: target.id, type: resourceGroupType, content, provisioningState: 'Succeeded', now: call.now }, group);
  store.commit({ put: [written] });
  const effect = { kind: 'write', resourceId: written.id } as const;
  return answer(group === undefined ? 201 : 200, { body: presentResource(written, row), headers: { etag: written.etag }, effect });
}

function remove(group: StoredResource, call: ArmCall): ArmAnswer {
  const { store } = call.service;
  const earlier = underWay(store, 'deleteGroup', group.id);
  if (earlier !== undefined) {
    return answer(202, { headers: pollingHeaders(earlier, call) });
  }
  const refusal = checkLocks(store, group.id, 'delete') ?? checkPreconditions(call.headers, group);
  if (refusal !== undefined) {
    return refusal;
  }
  const operation = beginOperation('deleteGroup', group, call, 'location');
  store.commit({ put: [withProvisioningState(group, 'Deleting')], operations: [operation] });
  return answer(202, { headers: pollingHeaders(operation, call), effect: { kind: 'delete', resourceId: group.id } });
}

/** Source: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, Microsoft.Resources. */
const groupName = /^[-\w.()]{0,89}[-\w()]$/;

function checkGroupName(name: string): ArmAnswer | undefined {
  if (groupName.test(name)) {
    return undefined;
  }
  const rule = 'The name can be up to 90 letters, digits, underscores, hyphens, parentheses and periods, and cannot end in a period.';
  return armError(400, 'InvalidResourceGroupName', `The provided resource group name '${name}' is not valid. ${rule}`);
}

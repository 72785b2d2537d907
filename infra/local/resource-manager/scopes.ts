import { type ArmAnswer, armError, resourceGroupNotFound, resourceNotFound, subscriptionNotFound } from './arm-answer.ts';
import { groupIdOf, lastSegment, subscriptionIdOf } from './arm-path.ts';
import { isGroupBeingDeleted } from './long-running.ts';
import type { StateStore } from './state-store.ts';

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The refusal where a scope (tenant, subscription, resource group or resource) or a container of it does not exist. */
export function checkScope(store: StateStore, scopeId: string): ArmAnswer | undefined {
  const missingContainer = checkContainers(store, scopeId);
  if (missingContainer !== undefined || scopeId === '' || store.find(scopeId) !== undefined) {
    return missingContainer;
  }
  return resourceNotFound(typeAndName(scopeId), groupNameOf(scopeId));
}

/** The refusal where the subscription or the resource group that an id lies in does not exist. */
export function checkContainers(store: StateStore, id: string): ArmAnswer | undefined {
  const subscriptionId = subscriptionIdOf(id);
  if (subscriptionId !== undefined && !guid.test(subscriptionId)) {
    const message = `The provided subscription identifier '${subscriptionId}' is malformed or invalid.`;
    return armError(400, 'InvalidSubscriptionId', message);
  }
  if (subscriptionId !== undefined && store.find(`/subscriptions/${subscriptionId}`) === undefined) {
    return subscriptionNotFound(subscriptionId);
  }
  const groupId = groupIdOf(id);
  return groupId !== undefined && store.find(groupId) === undefined ? resourceGroupNotFound(lastSegment(groupId)) : undefined;
}

/** The refusal of any write into a resource group that is being deleted. */
export function checkGroupTakesWrites(store: StateStore, id: string): ArmAnswer | undefined {
  if (!isGroupBeingDeleted(store, id)) {
    return undefined;
  }
  const name = groupNameOf(id) ?? '';
  const message = `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`;
  return armError(409, 'ResourceGroupBeingDeleted', message);
}

export function groupNameOf(id: string): string | undefined {
  const groupId = groupIdOf(id);
  return groupId === undefined ? undefined : lastSegment(groupId);
}

/** `Microsoft.Sql/servers/sql-1`: how ARM names a resource in its messages. */
export function typeAndName(id: string): string {
  return id.slice(id.toLowerCase().lastIndexOf('/providers/') + '/providers/'.length);
}

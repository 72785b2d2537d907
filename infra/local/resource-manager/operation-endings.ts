import { sameText } from './arm-path.ts';
import { remainsOf, treeOf } from './deleted-vaults.ts';
import type { JsonObject } from './json.ts';
import { withPowerState, withProvisioningState } from './resource-states.ts';
import { isBelow, type StateChange, type StateStore, type StoredOperation, type StoredResource } from './state-store.ts';

/** What happens when an operation is due: its effect, its failure, or neither where its resource went first. */
export function endingOf(operation: StoredOperation, store: StateStore): StateChange {
  const resource = store.find(operation.resourceId);
  if (resource === undefined) {
    return { operations: [endingWithoutResource(operation)] };
  }
  if (operation.failsWith !== undefined) {
    const failed: StoredOperation = { ...operation, status: 'Failed', error: operation.failsWith };
    return { operations: [failed], put: [afterFailure(operation, resource)] };
  }
  const succeeded: StoredOperation = { ...operation, status: 'Succeeded' };
  switch (operation.kind) {
    case 'deleteResource':
    case 'deleteGroup':
      return {
        operations: [...endingsOfRemoved(operation, store), succeeded],
        removeTrees: [operation.resourceId],
        put: remainsOf(treeOf(store, resource), Date.parse(operation.dueAt)),
      };
    case 'writeResource':
      return { operations: [succeeded], put: isLastWrite(operation, store) ? [withProvisioningState(resource, 'Succeeded')] : [] };
    case 'start':
    case 'restart':
    case 'deallocate':
    case 'runCommand': {
      const { put, output } = effectOfAction(operation.kind, resource);
      return { operations: [output === undefined ? succeeded : { ...succeeded, output }], put };
    }
    case 'whatIf':
      return { operations: [succeeded] };
    case 'deploy':
      return endingOfDeployment(operation, resource, store);
    case 'moveResources':
      return { operations: [succeeded], ...movedResources(operation, store) };
  }
}

/** What an action on a machine leaves, and what it gives. */
export function effectOfAction(
  action: 'start' | 'restart' | 'deallocate' | 'runCommand',
  machine: StoredResource,
): { readonly put: StoredResource[]; readonly output?: JsonObject } {
  switch (action) {
    case 'start':
    case 'restart':
      return { put: [withPowerState(machine, 'running')] };
    case 'deallocate':
      return { put: [withPowerState(machine, 'deallocated')] };
    case 'runCommand':
      return { put: [], output: runCommandOutput() };
  }
}

/** The resource of an operation that failed: neither changed nor gone, and marked as failed where the operation was on all of it. */
function afterFailure({ kind }: StoredOperation, resource: StoredResource): StoredResource {
  switch (kind) {
    case 'deleteResource':
    case 'deleteGroup':
    case 'writeResource':
      return withProvisioningState(resource, 'Failed');
    case 'start':
      return withPowerState(resource, 'deallocated');
    case 'deallocate':
      return withPowerState(resource, 'running');
    case 'deploy':
      return withProvisioningState(resource, 'Failed');
    case 'restart':
    case 'runCommand':
    case 'whatIf':
    case 'moveResources':
      return resource;
  }
}

function endingOfDeployment(operation: StoredOperation, resource: StoredResource, store: StateStore): StateChange {
  const { changes = { put: [], removeTrees: [] }, ...rest } = operation;
  const removed = changes.removeTrees.map((id) => store.find(id)).filter((each) => each !== undefined);
  const remains = remainsOf(
    removed.flatMap((each) => treeOf(store, each)),
    Date.parse(operation.dueAt),
  );
  return {
    operations: [{ ...rest, status: 'Succeeded' }],
    removeTrees: changes.removeTrees,
    put: [withProvisioningState(resource, 'Succeeded'), ...changes.put, ...remains],
  };
}

/**
 * Everything below what moves goes with it, under the id of the other group; but for rights to it, which are lost.
 * Source: learn.microsoft.com/azure/azure-resource-manager/management/move-resource-group-and-subscription.
 */
function movedResources({ resourceId: from, move }: StoredOperation, store: StateStore): Pick<StateChange, 'put' | 'removeTrees'> {
  const moving = (move?.resources ?? []).map((id) => store.find(id)).filter((each) => each !== undefined);
  const put = moving
    .flatMap((each) => treeOf(store, each))
    .filter(({ type }) => type !== 'Microsoft.Authorization/roleAssignments')
    .map((each) => ({ ...each, id: `${move?.to ?? from}${each.id.slice(from.length)}` }));
  return { put, removeTrees: moving.map(({ id }) => id) };
}

/** What goes takes its operations with it, so that none of them can touch a later resource of the same name. */
function endingsOfRemoved(deletion: StoredOperation, store: StateStore): readonly StoredOperation[] {
  const isRemoved = (id: string): boolean => sameText(id, deletion.resourceId) || isBelow(id, deletion.resourceId);
  return store
    .operations()
    .filter(({ status, resourceId }) => status === 'InProgress' && isRemoved(resourceId))
    .map(endingWithoutResource);
}

function endingWithoutResource(operation: StoredOperation): StoredOperation {
  if (operation.kind === 'deleteResource' || operation.kind === 'deleteGroup') {
    return { ...operation, status: 'Succeeded' };
  }
  const error = { code: 'ResourceNotFound', message: 'The resource was deleted while the operation was running.' };
  return { ...operation, status: 'Failed', error };
}

/** A write that began later keeps the resource in its updating state until that one ends too. */
function isLastWrite(operation: StoredOperation, store: StateStore): boolean {
  return !store
    .operations()
    .some(
      (other) =>
        other.id !== operation.id &&
        other.status === 'InProgress' &&
        other.kind === 'writeResource' &&
        sameText(other.resourceId, operation.resourceId),
    );
}

/** Scripts are not run here: the command is reported as done, with empty output. */
function runCommandOutput(): JsonObject {
  const status = (stream: 'StdOut' | 'StdErr'): JsonObject => ({
    code: `ComponentStatus/${stream}/succeeded`,
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
    message: '',
  });
  return { value: [status('StdOut'), status('StdErr')] };
}

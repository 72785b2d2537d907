import { randomUUID } from 'node:crypto';
import { groupIdOf, sameText, subscriptionIdOf } from './arm-path.ts';
import type { ArmCall } from './call.ts';
import type { HappeningFault } from './faults.ts';
import type { PollStyle } from './long-running-styles.ts';
import { endingOf } from './operation-endings.ts';
import { isBelow, type OperationKind, type StateStore, type StoredOperation, type StoredResource } from './state-store.ts';

/** Ended operations can be asked about for a day. */
const keptAfterEndMs = 24 * 60 * 60 * 1000;

/** A new operation on the resource; it takes effect only once it is committed. */
export function beginOperation(kind: OperationKind, resource: StoredResource, call: ArmCall, style: PollStyle): StoredOperation {
  const { durationMs, steps } = call.service.longRunning;
  const location = resource.content['location'];
  const id = randomUUID();
  return {
    id,
    kind,
    resourceId: resource.id,
    subscriptionId: subscriptionIdOf(resource.id) ?? '',
    namespace: resource.type.split('/')[0] ?? '',
    location: typeof location === 'string' ? location : 'global',
    startedAt: new Date(call.now).toISOString(),
    dueAt: new Date(call.now + durationMs).toISOString(),
    status: 'InProgress',
    pollStyle: style,
    stepsLeft: steps,
    resultStatus: (kind === 'deleteResource' && style === 'location') || kind === 'moveResources' ? 204 : 200,
    ...faultOf(call.onOperation(id)),
  };
}

function faultOf(happening: HappeningFault | undefined): Pick<StoredOperation, 'stalledBy' | 'failsWith' | 'isForgotten'> {
  switch (happening?.fault.name) {
    case 'stallLongRunning':
      return { stalledBy: happening.id };
    case 'failLongRunning': {
      const { code = 'InternalExecutionError', message = 'An internal execution error occurred. Please retry later.' } = happening.fault;
      return { failsWith: { code, message } };
    }
    case 'forgetOperation':
      return { isForgotten: true };
    default:
      return {};
  }
}

/** Lets the operations end that the fault keeps from it, or all that any fault does. */
export function releaseStalled(store: StateStore, faultId: string | undefined, now: number): void {
  const released = store
    .operations()
    .filter(({ stalledBy }) => stalledBy !== undefined && (faultId === undefined || stalledBy === faultId));
  if (released.length > 0) {
    const dueAt = new Date(now).toISOString();
    store.commit({ operations: released.map(({ stalledBy: _, ...operation }) => ({ ...operation, dueAt })) });
  }
}

/** `Azure-AsyncOperation` polls the operation's status, `Location` its result; both last as long as the operation is remembered. */
export function pollingHeaders(operation: StoredOperation, call: ArmCall): Readonly<Record<string, string>> {
  const { id, subscriptionId, namespace, location, pollStyle: style } = operation;
  const subscription = `${call.service.address}/subscriptions/${subscriptionId}`;
  const version = `api-version=${call.apiVersion}`;
  const status = { 'azure-asyncoperation': `${subscription}/providers/${namespace}/locations/${location}/operations/${id}?${version}` };
  const result = { location: `${subscription}/operationresults/${id}?${version}` };
  switch (style) {
    case 'asyncOperation':
      return { ...status, ...retryAfter(call) };
    case 'location':
      return { ...result, ...retryAfter(call) };
    case 'both':
      return { ...status, ...result, ...retryAfter(call) };
    case 'none':
      return {};
  }
}

export function retryAfter({ service }: ArmCall): Readonly<Record<string, string>> {
  return { 'retry-after': String(service.longRunning.retryAfterSeconds) };
}

/** Counts that somebody asked about an operation that goes on. */
export function countStep(operation: StoredOperation, store: StateStore): void {
  if (operation.status === 'InProgress' && operation.stepsLeft > 0) {
    store.commit({ operations: [{ ...operation, stepsLeft: operation.stepsLeft - 1 }] });
  }
}

/** The operation of the kind that is under way on the resource, if there is one. */
export function underWay(store: StateStore, kind: OperationKind, resourceId: string): StoredOperation | undefined {
  return store
    .operations()
    .find((operation) => operation.status === 'InProgress' && operation.kind === kind && sameText(operation.resourceId, resourceId));
}

/** Whether the resource group that the id lies in, or is, is being deleted. */
export function isGroupBeingDeleted(store: StateStore, id: string): boolean {
  const groupId = groupIdOf(id);
  return groupId !== undefined && underWay(store, 'deleteGroup', groupId) !== undefined;
}

/**
 * Ends every operation that is due, in the order in which they are due, and forgets those that ended long ago.
 * The clock alone decides, so an operation also ends that fell due while nothing ran.
 */
export function settleOperations(store: StateStore, now: number): void {
  // Instants of one form compare as texts, which on every request costs less than parsing them.
  const [isNow, isOld] = [new Date(now).toISOString(), new Date(now - keptAfterEndMs).toISOString()];
  const due = store
    .operations()
    .filter(
      ({ status, dueAt, stalledBy, stepsLeft }) => status === 'InProgress' && stalledBy === undefined && stepsLeft === 0 && dueAt <= isNow,
    )
    .toSorted((left, right) => Date.parse(left.dueAt) - Date.parse(right.dueAt));
  for (const { id } of due) {
    const operation = store.operation(id);
    if (operation?.status === 'InProgress') {
      store.commit(endingOf(operation, store));
    }
  }
  const old = store.operations().filter(({ status, dueAt }) => status !== 'InProgress' && dueAt <= isOld);
  if (old.length > 0) {
    store.commit({ forget: old.map(({ id }) => id) });
  }
}

/** Whether an operation under way forbids changing the resource; the group's deletion forbids it for everything in the group. */
export function isBeingDeleted(store: StateStore, id: string): boolean {
  return store
    .operations()
    .some(
      ({ status, kind, resourceId }) =>
        status === 'InProgress' && kind === 'deleteResource' && (sameText(resourceId, id) || isBelow(id, resourceId)),
    );
}

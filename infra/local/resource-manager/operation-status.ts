import { type ArmAnswer, answer, armError, methodNotAllowed, ok } from './arm-answer.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed } from './call.ts';
import type { JsonObject } from './json.ts';
import { countStep, pollingHeaders, retryAfter } from './long-running.ts';
import { presentResource } from './resource-content.ts';
import { resourceTypeOf } from './resource-types.ts';
import type { StoredOperation } from './state-store.ts';

export type OperationAsked = { readonly subscriptionId: string; readonly operationId: string };

/** What `Azure-AsyncOperation` leads to: always 200, the state in the body. */
export function answerOperationStatus(asked: OperationAsked, call: ArmCall): ArmAnswer {
  const found = findOperation(asked, call);
  if (found.kind === 'refused') {
    return found.answer;
  }
  const { operation } = found;
  countStep(operation, call.service.store);
  return ok(describeOperation(operation), undefined, operation.status === 'InProgress' ? retryAfter(call) : {});
}

/** What `Location` leads to: 202 while the operation runs, then what the operation came to. */
export function answerOperationResult(asked: OperationAsked, call: ArmCall): ArmAnswer {
  const found = findOperation(asked, call);
  if (found.kind === 'refused') {
    return found.answer;
  }
  const { operation } = found;
  countStep(operation, call.service.store);
  switch (operation.status) {
    case 'InProgress':
      return answer(202, { headers: pollingHeaders(operation, call) });
    case 'Failed':
      return armError(409, operation.error?.code ?? 'OperationFailed', operation.error?.message ?? 'The operation failed.');
    case 'Succeeded':
      return answer(operation.resultStatus, { body: operation.resultStatus === 204 ? undefined : resultOf(operation, call) });
  }
}

/** What an operation gave; for a write, the resource that came of it. */
function resultOf({ kind, output, resourceId }: StoredOperation, { service }: ArmCall): JsonObject | undefined {
  const written = kind === 'writeResource' ? service.store.find(resourceId) : undefined;
  return written === undefined ? output : presentResource(written, resourceTypeOf(written.type));
}

type Found = { readonly kind: 'found'; readonly operation: StoredOperation } | { readonly kind: 'refused'; readonly answer: ArmAnswer };

function findOperation({ subscriptionId, operationId }: OperationAsked, call: ArmCall): Found {
  const scopeId = `/subscriptions/${subscriptionId}`;
  const action = { name: 'Microsoft.Resources/subscriptions/operationresults/read', readOnly: true };
  if (!isAllowed(call, action, scopeId) && !hasBegun(operationId, call)) {
    return { kind: 'refused', answer: authorizationFailed(call.caller, action, scopeId) };
  }
  if (call.method !== 'GET') {
    return { kind: 'refused', answer: methodNotAllowed(call.method, ['GET']) };
  }
  const operation = call.service.store.operation(operationId);
  return operation === undefined ||
    operation.isForgotten === true ||
    operation.subscriptionId.toLowerCase() !== subscriptionId.toLowerCase()
    ? { kind: 'refused', answer: armError(404, 'NotFound', `The operation '${operationId}' could not be found.`) }
    : { kind: 'found', operation };
}

/** Whoever began an operation may ask for it, also after the right by which it was begun is gone with its target. */
function hasBegun(operationId: string, { service, caller }: ArmCall): boolean {
  const begun = service.requests().findLast((request) => request.operationId === operationId.toLowerCase());
  return begun?.principalId === caller.objectId;
}

function describeOperation({ id, status, startedAt, dueAt, output, error }: StoredOperation): JsonObject {
  return {
    name: id,
    status,
    startTime: startedAt,
    ...(status === 'InProgress' ? {} : { endTime: dueAt }),
    ...(output === undefined ? {} : { properties: { output } }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
  };
}

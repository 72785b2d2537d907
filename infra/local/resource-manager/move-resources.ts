import { z } from 'zod';
import { type ArmAnswer, answer, armError, invalidContent, methodNotAllowed, resourceNotFound } from './arm-answer.ts';
import { type ArmTarget, groupIdOf, idKey, sameText } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed, readObject } from './call.ts';
import { checkLocks } from './locks.ts';
import { beginOperation, pollingHeaders } from './long-running.ts';
import { checkGroupTakesWrites, checkScope, groupNameOf, typeAndName } from './scopes.ts';

const moveBody = z.object({ resources: z.array(z.string()).min(1), targetResourceGroup: z.string() });

/**
 * `POST {group}/moveResources`: accepted with 202, done when the operation ends; `/validateMoveResources` says 204 or why not.
 * Source: learn.microsoft.com/azure/azure-resource-manager/management/move-resource-group-and-subscription.
 */
export function answerMove(target: Extract<ArmTarget, { kind: 'groupAction' }>, call: ArmCall): ArmAnswer {
  if (call.method !== 'POST') {
    return methodNotAllowed(call.method, ['POST']);
  }
  const action = { name: `Microsoft.Resources/subscriptions/resourceGroups/${target.action}/action`, readOnly: false };
  if (!isAllowed(call, action, target.id)) {
    return authorizationFailed(call.caller, action, target.id);
  }
  const body = readObject(call);
  if (body.kind === 'refused') {
    return body.answer;
  }
  const move = moveBody.safeParse(body.object);
  if (!move.success) {
    return invalidContent('resources and targetResourceGroup are expected');
  }
  const { resources, targetResourceGroup } = move.data;
  const refusal = checkMove(target.id, resources, targetResourceGroup, call);
  const group = call.service.store.find(target.id);
  if (refusal !== undefined || group === undefined || target.action === 'validateMoveResources') {
    return refusal ?? answer(204);
  }
  const operation = { ...beginOperation('moveResources', group, call, 'location'), move: { resources, to: targetResourceGroup } };
  call.service.store.commit({ operations: [operation] });
  return answer(202, { headers: pollingHeaders(operation, call), effect: { kind: 'action', resourceId: group.id } });
}

function checkMove(from: string, resources: readonly string[], to: string, call: ArmCall): ArmAnswer | undefined {
  const { store } = call.service;
  const write = { name: 'Microsoft.Resources/subscriptions/resourceGroups/write', readOnly: false };
  if (!isAllowed(call, write, to)) {
    return authorizationFailed(call.caller, write, to);
  }
  for (const group of [from, to]) {
    const refusal = checkScope(store, group) ?? checkLocks(store, group, 'write') ?? checkGroupTakesWrites(store, group);
    if (refusal !== undefined) {
      return refusal;
    }
  }
  if (idKey(groupIdOf(to) ?? '') !== idKey(to) || sameText(from, to)) {
    return invalidContent('targetResourceGroup must be the id of another resource group');
  }
  for (const id of resources) {
    if (!sameText(groupIdOf(id) ?? '', from) || store.find(id) === undefined) {
      return resourceNotFound(typeAndName(id), groupNameOf(from));
    }
    if (store.find(`${to}${id.slice(from.length)}`) !== undefined) {
      const message = `Resource move validation failed: '${typeAndName(id)}' exists in the target resource group.`;
      return armError(409, 'ResourceMoveProviderValidationFailed', message);
    }
  }
  return undefined;
}

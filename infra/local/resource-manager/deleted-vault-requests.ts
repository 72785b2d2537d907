import { type ArmAnswer, answer, armError, methodNotAllowed, ok, resourceNotFound } from './arm-answer.ts';
import { baseIdOf, type CollectionTarget, type ResourceTarget, typeOf } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed } from './call.ts';
import { deletedVaultType, hasEnded } from './deleted-vaults.ts';
import { asObject } from './json.ts';
import { presentResource } from './resource-content.ts';
import { resourceTypeOf } from './resource-types.ts';
import { checkScope, typeAndName } from './scopes.ts';
import { isBelow } from './state-store.ts';

/** `GET {subscription}/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{name}`. */
export function answerDeletedVault(target: ResourceTarget, call: ArmCall): ArmAnswer {
  const row = resourceTypeOf(typeOf(target));
  const action = { name: `${row.type}/read`, readOnly: true };
  if (!isAllowed(call, action, target.scopeId)) {
    return authorizationFailed(call.caller, action, target.scopeId);
  }
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  const missing = checkScope(call.service.store, target.scopeId);
  const found = call.service.store.find(target.id);
  if (missing !== undefined || found === undefined || hasEnded(found, call.now)) {
    return missing ?? resourceNotFound(typeAndName(target.id), undefined);
  }
  return ok(presentResource(found, row));
}

/** `GET {subscription}/providers/Microsoft.KeyVault/deletedVaults`. */
export function answerDeletedVaults(target: CollectionTarget, call: ArmCall): ArmAnswer {
  const action = { name: 'Microsoft.KeyVault/deletedVaults/read', readOnly: true };
  if (!isAllowed(call, action, target.scopeId)) {
    return authorizationFailed(call.caller, action, target.scopeId);
  }
  const row = resourceTypeOf(deletedVaultType);
  const all = call.service.store.all().filter(({ type, id }) => type === deletedVaultType && isBelow(id, target.scopeId));
  const value = all.filter((each) => !hasEnded(each, call.now)).map((each) => presentResource(each, row));
  return checkScope(call.service.store, target.scopeId) ?? ok({ value });
}

/** `POST …/deletedVaults/{name}/purge`: gone for good, unless the vault was protected from that. */
export function purgeVault(target: CollectionTarget, call: ArmCall): ArmAnswer {
  const action = { name: `${deletedVaultType}/purge/action`, readOnly: false };
  const id = baseIdOf(target);
  if (!isAllowed(call, action, target.scopeId)) {
    return authorizationFailed(call.caller, action, target.scopeId);
  }
  const { store } = call.service;
  const missing = checkScope(store, target.scopeId);
  const deleted = store.find(id);
  if (missing !== undefined || deleted === undefined || hasEnded(deleted, call.now)) {
    return missing ?? resourceNotFound(typeAndName(id), undefined);
  }
  if (asObject(deleted.content['properties'])?.['purgeProtectionEnabled'] === true) {
    return armError(405, 'MethodNotAllowed', 'Operation "purge" is not enabled for this vault.');
  }
  store.commit({ removeTrees: [deleted.id] });
  return answer(200, { effect: { kind: 'action', resourceId: deleted.id } });
}

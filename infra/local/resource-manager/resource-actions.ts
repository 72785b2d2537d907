import { z } from 'zod';
import { type ArmAnswer, armError, invalidContent, methodNotAllowed, ok, resourceNotFound } from './arm-answer.ts';
import { baseIdOf, type CollectionTarget, sameText, typeOf } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed, readObject } from './call.ts';
import { purgeVault } from './deleted-vault-requests.ts';
import { deletedVaultType } from './deleted-vaults.ts';
import { checkLocks } from './locks.ts';
import { type ResourceAction, resourceTypeOf } from './resource-types.ts';
import { checkGroupTakesWrites, checkScope, groupNameOf, typeAndName } from './scopes.ts';
import type { StoredResource } from './state-store.ts';
import { actOnMachine, instanceViewOf } from './virtual-machines.ts';

/** `POST {resource}/{action}` and `POST {scope}/providers/{namespace}/{action}`. */
export function answerAction(target: CollectionTarget, call: ArmCall): ArmAnswer {
  return target.types.length === 0 ? answerProviderAction(target, call) : answerResourceAction(target, call);
}

function answerResourceAction(target: CollectionTarget, call: ArmCall): ArmAnswer {
  if (sameText(typeOf(target), deletedVaultType) && sameText(target.last, 'purge')) {
    return purgeVault(target, call);
  }
  const row = resourceTypeOf(typeOf(target));
  const id = baseIdOf(target);
  const action = { name: `${row.type}/${target.last}/action`, readOnly: false };
  if (!isAllowed(call, action, id)) {
    return authorizationFailed(call.caller, action, id);
  }
  const { store } = call.service;
  const missing = checkScope(store, target.scopeId) ?? checkLocks(store, id, 'write') ?? checkGroupTakesWrites(store, id);
  if (missing !== undefined) {
    return missing;
  }
  const known = row.actions.get(target.last.toLowerCase());
  if (known === undefined) {
    return unknownAction(action.name);
  }
  const resource = store.find(id);
  return resource === undefined ? resourceNotFound(typeAndName(id), groupNameOf(id)) : act(known, resource, call);
}

function act(action: ResourceAction, resource: StoredResource, call: ArmCall): ArmAnswer {
  switch (action) {
    case 'listKeys':
      return listKeys(resource);
    case 'start':
    case 'restart':
    case 'deallocate':
    case 'runCommand':
      return actOnMachine(action, resource, call);
  }
}

function listKeys({ hidden, createdAt }: StoredResource): ArmAnswer {
  const keys = hidden.kind === 'storageAccount' ? hidden.keys : [];
  return ok({ keys: keys.map((value, index) => ({ keyName: `key${index + 1}`, value, permissions: 'FULL', creationTime: createdAt })) });
}

const nameQuestion = z.object({ name: z.string(), type: z.string() });

/** Storage's `checkNameAvailability`: a POST that only reads. */
function answerProviderAction(target: CollectionTarget, call: ArmCall): ArmAnswer {
  const isNameCheck = sameText(target.namespace, 'Microsoft.Storage') && sameText(target.last, 'checkNameAvailability');
  const action = isNameCheck
    ? { name: 'Microsoft.Storage/checknameavailability/read', readOnly: true }
    : { name: `${target.namespace}/${target.last}/action`, readOnly: false };
  if (!isAllowed(call, action, target.scopeId)) {
    return authorizationFailed(call.caller, action, target.scopeId);
  }
  const missing = checkScope(call.service.store, target.scopeId);
  if (missing !== undefined) {
    return missing;
  }
  if (!isNameCheck) {
    return unknownAction(action.name);
  }
  const body = readObject(call);
  if (body.kind === 'refused') {
    return body.answer;
  }
  const question = nameQuestion.safeParse(body.object);
  return question.success ? ok(nameAvailability(question.data.name, call)) : invalidContent('name and type are expected');
}

function nameAvailability(name: string, { service }: ArmCall): { nameAvailable: boolean; reason?: string; message?: string } {
  const { type, nameRule } = resourceTypeOf('Microsoft.Storage/storageAccounts');
  if (nameRule !== undefined && !nameRule.pattern.test(name)) {
    return { nameAvailable: false, reason: nameRule.code, message: `${name} is not a valid storage account name. ${nameRule.text}` };
  }
  const taken = service.store.all().some((resource) => resource.type === type && sameText(resource.name, name));
  return taken
    ? { nameAvailable: false, reason: 'AlreadyExists', message: `The storage account named ${name} is already taken.` }
    : { nameAvailable: true };
}

/** `GET {machine}/instanceView`, the one view below a resource that is no list; undefined where the path is something else. */
export function answerInstanceView(target: CollectionTarget, call: ArmCall): ArmAnswer | undefined {
  const row = resourceTypeOf(typeOf(target));
  if (row.type !== 'Microsoft.Compute/virtualMachines' || !sameText(target.last, 'instanceView')) {
    return undefined;
  }
  const id = baseIdOf(target);
  const action = { name: `${row.type}/instanceView/read`, readOnly: true };
  if (!isAllowed(call, action, id)) {
    return authorizationFailed(call.caller, action, id);
  }
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  const missing = checkScope(call.service.store, id);
  const machine = call.service.store.find(id);
  return missing ?? (machine === undefined ? resourceNotFound(typeAndName(id), groupNameOf(id)) : ok(instanceViewOf(machine)));
}

function unknownAction(name: string): ArmAnswer {
  return armError(404, 'InvalidResourceType', `The action '${name}' could not be found for the requested api version.`);
}

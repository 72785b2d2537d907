import { type ArmAnswer, armError, methodNotAllowed, ok } from './arm-answer.ts';
import { type CollectionTarget, type ResourceTarget, sameText, subscriptionIdOf } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed } from './call.ts';
import type { JsonObject } from './json.ts';
import { builtInRoles, type Role, roleDefinitionType } from './role-table.ts';
import { checkScope } from './scopes.ts';

const readDefinitions = { name: `${roleDefinitionType}/read`, readOnly: true };

/** `GET {scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}` of a built-in role; undefined for any other, which somebody may have defined. */
export function answerBuiltInRole(target: ResourceTarget, call: ArmCall): ArmAnswer | undefined {
  const role = builtInRoles.get(target.names[0]?.toLowerCase() ?? '');
  if (role === undefined) {
    return undefined;
  }
  if (!isAllowed(call, readDefinitions, target.scopeId)) {
    return authorizationFailed(call.caller, readDefinitions, target.scopeId);
  }
  return call.method === 'GET' ? ok(present(role, target.scopeId)) : methodNotAllowed(call.method, ['GET']);
}

/** `GET {scope}/providers/Microsoft.Authorization/roleDefinitions`, all or by `$filter=roleName eq '{name}'`. */
export function answerRoleDefinitions(target: CollectionTarget, call: ArmCall): ArmAnswer {
  if (!isAllowed(call, readDefinitions, target.scopeId)) {
    return authorizationFailed(call.caller, readDefinitions, target.scopeId);
  }
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  const filter = (call.query.get('$filter') ?? '').trim();
  const [, name] = /^roleName eq '([^']+)'$/i.exec(filter) ?? [];
  if (filter !== '' && name === undefined) {
    return armError(400, 'UnsupportedQuery', "The filter is not supported: use roleName eq '{name}'.");
  }
  const roles = [...builtInRoles.values()].filter((role) => name === undefined || sameText(role.name, name));
  return checkScope(call.service.store, target.scopeId) ?? ok({ value: roles.map((role) => present(role, target.scopeId)) });
}

/**
 * `GET {scope}/providers/Microsoft.Authorization/permissions`: what the caller may do there, which everybody may ask of themselves.
 * Source: learn.microsoft.com/rest/api/authorization/permissions/list-for-resource.
 */
export function answerPermissions(target: CollectionTarget, call: ArmCall): ArmAnswer {
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  const held = call.service.authorizer.permissions(call.caller.objectId, target.scopeId, call.now);
  const value = held.map(({ actions, notActions, condition }) => ({
    ...dataless({ actions, notActions }),
    ...(condition === undefined ? {} : { condition, conditionVersion: '2.0' }),
  }));
  return ok({ value });
}

function dataless({ actions, notActions }: Pick<Role, 'actions' | 'notActions'>): JsonObject {
  return { actions: [...actions], notActions: [...notActions], dataActions: [], notDataActions: [] };
}

function present(role: Role, scopeId: string): JsonObject {
  const subscriptionId = subscriptionIdOf(scopeId);
  const container = subscriptionId === undefined ? '' : `/subscriptions/${subscriptionId}`;
  return {
    id: `${container}/providers/${roleDefinitionType}/${role.id}`,
    name: role.id,
    type: roleDefinitionType,
    properties: {
      roleName: role.name,
      type: 'BuiltInRole',
      description: '',
      assignableScopes: ['/'],
      permissions: [dataless(role)],
    },
  };
}

import { z } from 'zod';
import { type ArmAnswer, answer, armError, invalidContent, methodNotAllowed, ok, resourceNotFound } from './arm-answer.ts';
import { type CollectionTarget, idKey, type ResourceTarget, sameText } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed, readObject } from './call.ts';
import { presentDeployed } from './deployed-grants.ts';
import { type AssignmentProperties, assignmentContent, propertiesOf, roleAssignmentType, scopeOf } from './grants.ts';
import { asObject, type JsonObject } from './json.ts';
import { checkLocks } from './locks.ts';
import { newResource } from './new-resource.ts';
import { presentResource } from './resource-content.ts';
import { resourceTypeOf } from './resource-types.ts';
import type { ConditionFacts, GrantAttributes } from './role-condition.ts';
import { permissionsOfRole, roleIdIn } from './role-table.ts';
import { checkGroupTakesWrites, checkScope, typeAndName } from './scopes.ts';
import { isBelow, type StoredResource } from './state-store.ts';

const methods = ['GET', 'PUT', 'DELETE'] as const;
type Method = (typeof methods)[number];
const accessOf: Record<Method, 'read' | 'write' | 'delete'> = { GET: 'read', PUT: 'write', DELETE: 'delete' };

/** `{scope}/providers/Microsoft.Authorization/roleAssignments/{guid}` at the tenant, a subscription, a group or a resource. */
export function answerRoleAssignment(target: ResourceTarget, call: ArmCall): ArmAnswer {
  const method = methods.find((known) => known === call.method);
  if (method === undefined) {
    return methodNotAllowed(call.method, methods);
  }
  const access = accessOf[method];
  const action = { name: `${roleAssignmentType}/${access}`, readOnly: access === 'read' };
  const existing = call.service.store.find(target.id);
  const { authorizer } = call.service;
  if (!authorizer.allows(call.caller.objectId, action, target.scopeId, call.now, factsOf(call, existing))) {
    return authorizationFailed(call.caller, action, target.scopeId);
  }
  const missing = checkScope(call.service.store, target.scopeId);
  if (missing !== undefined) {
    return missing;
  }
  switch (method) {
    case 'GET':
      return existing === undefined ? resourceNotFound(typeAndName(target.id), undefined) : ok(present(existing));
    case 'PUT':
      return assign(target, existing, call);
    case 'DELETE':
      return remove(target, existing, call);
  }
}

/** `GET {scope}/providers/Microsoft.Authorization/roleAssignments`: those at, above and below the scope, as `$filter` narrows them. */
export function answerRoleAssignments(target: CollectionTarget, call: ArmCall): ArmAnswer {
  const action = { name: `${roleAssignmentType}/read`, readOnly: true };
  if (!isAllowed(call, action, target.scopeId)) {
    return authorizationFailed(call.caller, action, target.scopeId);
  }
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  const missing = checkScope(call.service.store, target.scopeId);
  const filter = parseFilter(call.query.get('$filter'));
  if (missing !== undefined || filter === undefined) {
    return missing ?? armError(400, 'UnsupportedQuery', "The filter is not supported: use atScope() or principalId eq '{id}'.");
  }
  const applies = (assignment: StoredResource): boolean => {
    const scope = scopeOf(assignment);
    return isAtOrAbove(scope, target.scopeId) || (!filter.atScope && isBelow(scope, target.scopeId));
  };
  const assignments = call.service.store.all().filter(({ type }) => type === roleAssignmentType);
  const ofPrincipal = (assignment: StoredResource): boolean =>
    filter.principalId === undefined || sameText(propertiesOf(assignment)?.principalId ?? '', filter.principalId);
  const deployed = call.service.authorizer
    .deployed()
    .filter((grant) => filter.principalId === undefined || sameText(grant.principalId, filter.principalId));
  return ok({
    value: [...deployed.map(presentDeployed), ...assignments.filter((each) => applies(each) && ofPrincipal(each)).map(present)],
  });
}

function assign(target: ResourceTarget, existing: StoredResource | undefined, call: ArmCall): ArmAnswer {
  const { store } = call.service;
  const groupRefusal = checkLocks(store, target.id, 'write') ?? checkGroupTakesWrites(store, target.id);
  if (groupRefusal !== undefined) {
    return groupRefusal;
  }
  if (!z.guid().safeParse(target.names[0]).success) {
    return armError(400, 'InvalidRoleAssignmentId', `The role assignment ID '${target.names[0] ?? ''}' is not valid. It must be a GUID.`);
  }
  const body = readObject(call);
  if (body.kind === 'refused') {
    return body.answer;
  }
  const parsed = assignmentContent.safeParse(body.object);
  if (!parsed.success) {
    return invalidContent('properties.roleDefinitionId and properties.principalId are expected');
  }
  return assignChecked(target, existing, parsed.data.properties, call);
}

function assignChecked(
  target: ResourceTarget,
  existing: StoredResource | undefined,
  properties: AssignmentProperties,
  call: ArmCall,
): ArmAnswer {
  const kept = existing === undefined ? undefined : propertiesOf(existing);
  if (existing !== undefined && kept !== undefined) {
    const same = isSameGrant(kept, properties);
    return same
      ? ok(present(existing))
      : armError(
          400,
          'RoleAssignmentUpdateNotPermitted',
          'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
        );
  }
  const { store } = call.service;
  const roleId = roleIdIn(properties.roleDefinitionId);
  if (permissionsOfRole(store, roleId) === undefined) {
    return armError(
      400,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${roleId.replaceAll('-', '')}' does not exist.`,
    );
  }
  const isSame = (other: StoredResource): boolean => {
    const grant = propertiesOf(other);
    return (
      other.type === roleAssignmentType &&
      idKey(scopeOf(other)) === idKey(target.scopeId) &&
      grant !== undefined &&
      isSameGrant(grant, properties)
    );
  };
  if (store.all().some(isSame)) {
    return armError(409, 'RoleAssignmentExists', 'The role assignment already exists.');
  }
  const content = {
    properties: withoutAbsent({
      principalType: 'ServicePrincipal',
      ...properties,
      scope: target.scopeId === '' ? '/' : target.scopeId,
      createdOn: new Date(call.now).toISOString(),
    }),
  };
  const written = newResource({ id: target.id, type: roleAssignmentType, content, now: call.now });
  store.commit({ put: [written] });
  return answer(201, { body: present(written), effect: { kind: 'write', resourceId: written.id } });
}

function remove(target: ResourceTarget, existing: StoredResource | undefined, call: ArmCall): ArmAnswer {
  const refusal = checkLocks(call.service.store, target.id, 'delete') ?? checkGroupTakesWrites(call.service.store, target.id);
  if (refusal !== undefined) {
    return refusal;
  }
  if (existing === undefined) {
    return answer(204);
  }
  call.service.store.commit({ removeTrees: [existing.id] });
  call.service.authorizer.removed(existing, call.now);
  return ok(present(existing), { kind: 'delete', resourceId: existing.id });
}

/** What conditions may ask for; a body that is none tells nothing, and is refused for what it is where no condition stands before it. */
function factsOf(call: ArmCall, existing: StoredResource | undefined): ConditionFacts {
  const asked = call.method === 'PUT' ? readObject(call) : undefined;
  const parsed = asked?.kind === 'object' ? assignmentContent.safeParse(asked.object) : undefined;
  const request = parsed?.success ? attributesOf(parsed.data.properties) : undefined;
  const kept = existing === undefined ? undefined : propertiesOf(existing);
  return { request, resource: kept === undefined ? undefined : attributesOf(kept) };
}

function attributesOf({ roleDefinitionId, principalId }: AssignmentProperties): GrantAttributes {
  return { roleId: roleIdIn(roleDefinitionId), principalId };
}

function isSameGrant(left: AssignmentProperties, right: AssignmentProperties): boolean {
  return sameText(left.principalId, right.principalId) && sameText(left.roleDefinitionId, right.roleDefinitionId);
}

function present(assignment: StoredResource): JsonObject {
  return presentResource(assignment, resourceTypeOf(roleAssignmentType));
}

function isAtOrAbove(scope: string, other: string): boolean {
  return idKey(scope) === idKey(other) || isBelow(other, scope);
}

function withoutAbsent(properties: Readonly<Record<string, string | undefined>>): JsonObject {
  return asObject(Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined))) ?? {};
}

type Filter = { readonly atScope: boolean; readonly principalId: string | undefined };

function parseFilter(filter: string | undefined): Filter | undefined {
  const text = (filter ?? '').trim();
  if (text === '' || /^atScope\(\)$/i.test(text)) {
    return { atScope: text !== '', principalId: undefined };
  }
  const [, principalId] = /^principalId eq '([^']+)'$/i.exec(text) ?? [];
  return principalId === undefined ? undefined : { atScope: false, principalId };
}

import { answerActivityLog, isActivityLog } from './activity-log-query.ts';
import type { ArmAnswer } from './arm-answer.ts';
import { type ArmTarget, type CollectionTarget, type ResourceTarget, sameText, subscriptionIdOf, typeOf } from './arm-path.ts';
import type { ArmCall } from './call.ts';
import { answerResourceGroup, answerSubscription, answerSubscriptions } from './containers.ts';
import { answerDeletedVault, answerDeletedVaults } from './deleted-vault-requests.ts';
import { deletedVaultType } from './deleted-vaults.ts';
import { answerDeploymentAction, deploymentType, putDeployment } from './deployments.ts';
import { roleAssignmentType } from './grants.ts';
import { answerCollection, answerResourceGroups, answerResources } from './lists.ts';
import { answerMove } from './move-resources.ts';
import { answerOperationResult, answerOperationStatus } from './operation-status.ts';
import { answerProviders } from './providers.ts';
import { answerAction, answerInstanceView } from './resource-actions.ts';
import { answerResource } from './resources.ts';
import { answerRoleAssignment, answerRoleAssignments } from './role-assignments.ts';
import { answerBuiltInRole, answerPermissions, answerRoleDefinitions } from './role-definitions.ts';
import { roleDefinitionType } from './role-table.ts';
import { answerTags } from './tags.ts';

/** Gives each kind of target to the file that answers it; every one of them authorises before it looks. */
export function dispatch(target: ArmTarget, call: ArmCall): ArmAnswer {
  switch (target.kind) {
    case 'subscriptions':
      return answerSubscriptions(call);
    case 'subscription':
      return answerSubscription(target, call);
    case 'resourceGroups':
      return answerResourceGroups(target, call);
    case 'resourceGroup':
      return answerResourceGroup(target, call);
    case 'groupAction':
      return answerMove(target, call);
    case 'resources':
      return answerResources(target, call);
    case 'providers':
    case 'provider':
      return answerProviders(target, call);
    case 'operationResult':
      return answerOperationResult(target, call);
    case 'resource':
      return dispatchResource(target, call);
    case 'collection':
      return dispatchCollection(target, call);
  }
}

function dispatchResource(target: ResourceTarget, call: ArmCall): ArmAnswer {
  const type = typeOf(target);
  if (sameText(type, 'Microsoft.Resources/tags')) {
    return answerTags(target, call);
  }
  if (sameText(type, roleAssignmentType)) {
    return answerRoleAssignment(target, call);
  }
  if (sameText(type, deploymentType) && call.method === 'PUT') {
    return putDeployment(target, call);
  }
  if (sameText(type, deletedVaultType)) {
    return answerDeletedVault(target, call);
  }
  const builtIn = sameText(type, roleDefinitionType) ? answerBuiltInRole(target, call) : undefined;
  if (builtIn !== undefined) {
    return builtIn;
  }
  const [first, second] = target.types.map((each) => each.toLowerCase());
  if (first === 'locations' && second === 'operations' && target.types.length === 2) {
    return answerOperationStatus({ subscriptionId: subscriptionIdOf(target.scopeId) ?? '', operationId: target.names[1] ?? '' }, call);
  }
  return answerResource(target, call);
}

function dispatchCollection(target: CollectionTarget, call: ArmCall): ArmAnswer {
  if (isActivityLog(target)) {
    return answerActivityLog(target, call);
  }
  if (call.method === 'POST') {
    return answerDeploymentAction(target, call) ?? answerAction(target, call);
  }
  if (target.types.length === 0 && sameText(`${target.namespace}/${target.last}`, 'Microsoft.KeyVault/deletedVaults')) {
    return answerDeletedVaults(target, call);
  }
  if (target.types.length === 0 && sameText(`${target.namespace}/${target.last}`, roleAssignmentType)) {
    return answerRoleAssignments(target, call);
  }
  if (target.types.length === 0 && sameText(`${target.namespace}/${target.last}`, roleDefinitionType)) {
    return answerRoleDefinitions(target, call);
  }
  if (target.types.length === 0 && sameText(`${target.namespace}/${target.last}`, 'Microsoft.Authorization/permissions')) {
    return answerPermissions(target, call);
  }
  return answerInstanceView(target, call) ?? answerCollection(target, call);
}

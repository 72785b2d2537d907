import type { ArmMethod } from './arm-method.ts';
import type { ArmPath } from './arm-path.ts';

/** RBAC-style name of what would happen, lower case: `microsoft.storage/storageaccounts/delete`. */
export type Action = string;

/**
 * Names the action of a call as Azure's role definitions do.
 * Source: learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format.
 */
export function actionOf(method: ArmMethod, path: ArmPath): Action {
  const named = path.verb === undefined ? path.type : `${path.type}/${path.verb}`;
  switch (method) {
    case 'GET':
    case 'HEAD':
      return `${named}/read`;
    case 'PUT':
    case 'PATCH':
      return `${named}/write`;
    case 'DELETE':
      return `${named}/delete`;
    case 'POST':
      return `${named}/action`;
  }
}

import type { Action } from './action.ts';
import { meaningOf } from './risk/verbs.ts';

export const actionClasses = ['read', 'write', 'delete', 'action'] as const;

/** What an action does, coarsely, for counting. */
export type ActionClass = (typeof actionClasses)[number];

/** Data actions of a vault that are no reading or writing by their name. Source: learn.microsoft.com/azure/role-based-access-control/permissions/security#microsoftkeyvault. */
const dataActions: ReadonlyMap<string, ActionClass> = new Map([
  ['readmetadata', 'read'],
  ['getsecret', 'read'],
  ['setsecret', 'write'],
]);

/**
 * The class of an action by its name. A POST that deletes or purges by its name is a delete as well; what nobody knows is an `action`. Deletions inside of a template are
 * not seen here: those are judged by their risk.
 */
export function actionClassOf(action: Action): ActionClass {
  const segments = action.split('/');
  switch (segments.at(-1)) {
    case 'read':
      return 'read';
    case 'write':
      return 'write';
    case 'delete':
      return 'delete';
    case 'action':
      return classOfVerb(segments.slice(0, -2).join('/'), segments.at(-2) ?? '');
    default:
      return 'action';
  }
}

function classOfVerb(type: string, verb: string): ActionClass {
  const meaning = meaningOf(type, verb);
  if (meaning === 'deletes' || meaning === 'purges') return 'delete';
  return dataActions.get(verb) ?? 'action';
}

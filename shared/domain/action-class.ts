import type { Action } from './action.ts';
import { meaningOf } from './risk/verbs.ts';

export const actionClasses = ['read', 'write', 'delete', 'action'] as const;

/** What an action does, coarsely, for counting. */
export type ActionClass = (typeof actionClasses)[number];

/**
 * The class of an action by its name. A POST that deletes or purges by its name is a delete as well, and so are those verbs of a data plane; what nobody knows is an
 * `action`. Deletions inside of a template are not seen here: those are judged by their risk.
 */
export function actionClassOf(action: Action): ActionClass {
  const segments = action.split('/');
  const last = segments.at(-1) ?? '';
  switch (last) {
    case 'read':
    case 'get':
    case 'list':
      return 'read';
    case 'write':
    case 'set':
    case 'recover':
      return 'write';
    case 'delete':
    case 'purge':
      return 'delete';
    case 'action': {
      const meaning = meaningOf(segments.slice(0, -2).join('/'), segments.at(-2) ?? '');
      return meaning === 'deletes' || meaning === 'purges' ? 'delete' : 'action';
    }
    default:
      return 'action';
  }
}

import type { CallSubject } from './subject.ts';
import { meaningOf, type VerbMeaning } from './verbs.ts';

/**
 * What a call does to the world: `read` and `check` change nothing, whatever they answer; `act` is a POST that does something, as its `meaning` tells.
 */
export type Effect =
  | { readonly kind: 'read' }
  | { readonly kind: 'check'; readonly meaning: VerbMeaning }
  | { readonly kind: 'write'; readonly replaces: boolean }
  | { readonly kind: 'delete' }
  | { readonly kind: 'act'; readonly meaning: VerbMeaning };

const changingNothing: ReadonlySet<VerbMeaning> = new Set(['checks', 'checksAndMore', 'reveals', 'mayReveal']);

export function effectOf({ request, path }: Pick<CallSubject, 'request' | 'path'>): Effect {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return { kind: 'read' };
    case 'PUT':
      return { kind: 'write', replaces: true };
    case 'PATCH':
      return { kind: 'write', replaces: false };
    case 'DELETE':
      return { kind: 'delete' };
    case 'POST': {
      const meaning = meaningOf(path.type, path.verb ?? '');
      // What may be another action as well is not believed to change nothing.
      return { kind: changingNothing.has(meaning) && path.alsoRead === undefined ? 'check' : 'act', meaning };
    }
  }
}

/** Whether anything is different afterwards. */
export function changes(effect: Effect): boolean {
  return effect.kind !== 'read' && effect.kind !== 'check';
}

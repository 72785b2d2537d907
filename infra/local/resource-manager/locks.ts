import { z } from 'zod';
import { type ArmAnswer, armError, invalidContent } from './arm-answer.ts';
import { idKey } from './arm-path.ts';
import type { JsonObject } from './json.ts';
import { isBelow, type StateStore, type StoredResource } from './state-store.ts';

export const lockType = 'Microsoft.Authorization/locks';

const lockContent = z.object({ properties: z.object({ level: z.enum(['CanNotDelete', 'ReadOnly', 'NotSpecified']) }) });

/** The refusal where a lock's own body has no level. */
export function checkLockContent(type: string, body: JsonObject): ArmAnswer | undefined {
  return type !== lockType || lockContent.safeParse(body).success
    ? undefined
    : invalidContent('properties.level must be CanNotDelete, ReadOnly or NotSpecified');
}

/**
 * The refusal where a lock at, above or, for a deletion, below the id forbids what is to be done; an action counts as a write. Locks do not
 * protect locks. Source: learn.microsoft.com/azure/azure-resource-manager/management/lock-resources.
 */
export function checkLocks(store: StateStore, id: string, operation: 'write' | 'delete'): ArmAnswer | undefined {
  if (/\/providers\/microsoft\.authorization\/locks\/[^/]+$/i.test(id)) {
    return undefined;
  }
  const locks = store.all().filter(({ type }) => type === lockType);
  const scopes = locks
    .filter((lock) => forbids(lock, operation))
    .map(scopeOf)
    .filter((scope) => isSame(scope, id) || isBelow(id, scope) || (operation === 'delete' && isBelow(scope, id)));
  if (scopes.length === 0) {
    return undefined;
  }
  const locked = [...new Set(scopes)].map((scope) => `'${scope}'`).join(',');
  const message = `The scope '${id}' cannot perform ${operation} operation because following scope(s) are locked: ${locked}. Please remove the lock and try again.`;
  return armError(409, 'ScopeLocked', message);
}

function forbids({ content }: StoredResource, operation: 'write' | 'delete'): boolean {
  const lock = lockContent.safeParse(content);
  const level = lock.success ? lock.data.properties.level : 'NotSpecified';
  return level === 'ReadOnly' || (level === 'CanNotDelete' && operation === 'delete');
}

function scopeOf({ id }: StoredResource): string {
  return id.slice(0, id.toLowerCase().lastIndexOf(`/providers/${lockType.toLowerCase()}/`));
}

function isSame(left: string, right: string): boolean {
  return idKey(left) === idKey(right);
}

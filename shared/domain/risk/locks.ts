import type { ResourceLock } from '../assessment.ts';

/** Whether the lock stands on the resource or on what holds it. */
export function isLockedBy(resourceId: string, lock: ResourceLock): boolean {
  return isWithin(resourceId, scopeOf(lock));
}

/** Those of the locks that stand on what is addressed, on what holds it, or on what it holds. */
export function locksAbout(resourceId: string, locks: readonly ResourceLock[]): readonly ResourceLock[] {
  return locks.filter((lock) => isLockedBy(resourceId, lock) || isWithin(scopeOf(lock), resourceId));
}

function scopeOf({ id }: ResourceLock): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('/providers/microsoft.authorization/locks/')));
}

function isWithin(resourceId: string, scope: string): boolean {
  return resourceId === scope || resourceId.startsWith(`${scope}/`);
}

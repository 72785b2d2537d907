import type { StoredOperation } from '../ports/operation-store.ts';
import type { Log } from '../ports/system.ts';
import { type DeferDeps, deferredByOutage } from './defer-execution.ts';
import { type WriteClaimedDeps, writeClaimed } from './write-claimed.ts';

export type GiveBackAfterOutageDeps = WriteClaimedDeps & DeferDeps & { readonly log: Log };

/**
 * Gives a claim back whose holder came to know, before it called, that storage or Service Bus is away. The intent may have been written without an answer; only the holder of
 * the attempt can say that nothing was sent, and only now. Where that cannot be written either, the end of the lease sees to it, as after a crash. Never throws.
 */
export async function giveBackAfterOutage(deps: GiveBackAfterOutageDeps, { operation: held }: StoredOperation): Promise<void> {
  if (held.status !== 'executing') return;
  try {
    const stored = await deps.store.read(held.id);
    const operation = stored?.operation;
    if (stored === undefined || operation?.status !== 'executing' || operation.attempts !== held.attempts) return;
    if (operation.phase !== 'claimed' && operation.phase !== 'calling') return;
    await writeClaimed(deps, stored, [deferredByOutage(deps, operation)], { evenUnannounced: true });
  } catch (error) {
    deps.log.warn('a claim could not be given back; it is looked at when its lease is over', {
      operationId: held.id,
      error: error instanceof Error ? error.name : typeof error,
    });
  }
}

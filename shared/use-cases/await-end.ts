import { epochMsOf } from '../domain/instant.ts';
import { isTerminal, type Operation, type OperationId } from '../domain/operation.ts';
import { type OperationStore, StoreError } from '../ports/operation-store.ts';
import type { Clock, Pause } from '../ports/system.ts';

export type AwaitEnd = (operation: Operation, waitMs: number) => Promise<Operation>;

/** Reads are spaced out as the wait goes on: most executions end within a second, people take longer. */
const pausesMs = [100, 150, 250, 500, 1_000] as const;

/** The operation once it has ended, or as it stands when the wait is over. */
export function makeAwaitEnd(deps: { readonly store: OperationStore; readonly clock: Clock; readonly pause: Pause }): AwaitEnd {
  return async (operation, waitMs) => {
    const until = epochMsOf(deps.clock.now()) + waitMs;
    let current = operation;
    for (let round = 0; !isTerminal(current); round += 1) {
      const leftMs = until - epochMsOf(deps.clock.now());
      if (leftMs <= 0) return current;
      await deps.pause(Math.min(pausesMs[round] ?? pausesMs[pausesMs.length - 1] ?? 1_000, leftMs));
      current = (await readOrUndefined(deps.store, operation.id)) ?? current;
    }
    return current;
  };
}

/** What was accepted stays accepted while the store is away: an error here would have the agent submit it again. */
async function readOrUndefined(store: OperationStore, id: OperationId): Promise<Operation | undefined> {
  try {
    return (await store.read(id))?.operation;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'unreachable') return undefined;
    throw error;
  }
}

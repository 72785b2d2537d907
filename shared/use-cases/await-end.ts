import { epochMsOf } from '../domain/instant.ts';
import { isTerminal, type Operation } from '../domain/operation.ts';
import type { OperationStore } from '../ports/operation-store.ts';
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
      current = (await deps.store.read(operation.id))?.operation ?? current;
    }
    return current;
  };
}

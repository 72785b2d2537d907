import type { OperationEvent } from '../../domain/event.ts';
import { findChainFault } from '../../domain/event-chain.ts';
import type { Operation, OperationId } from '../../domain/operation.ts';
import { replay, TransitionError } from '../../domain/transition.ts';
import { type Commit, type StoredOperation, StoreError } from '../../ports/operation-store.ts';

/** The operation that stored events tell, once every link of their chain holds. Throws {@link StoreError} `corrupt`. */
export function operationFromEvents(id: OperationId, events: readonly OperationEvent[]): Operation {
  const fault = findChainFault(id, events);
  if (fault !== undefined) throw new StoreError('corrupt', `the chain of ${id} breaks at event ${fault.sequence}: ${fault.fault}`);
  try {
    return replay(events);
  } catch (error) {
    if (error instanceof TransitionError) throw new StoreError('corrupt', `the events of ${id} tell no operation`, { cause: error });
    throw error;
  }
}

/**
 * Refuses, before anything is written, what could not be read again: a commit that does not continue the chain, or whose events
 * do not lead to its operation. Throws RangeError, since only a fault of our code makes one.
 */
export function checkCommit(previous: StoredOperation | undefined, commit: Commit): void {
  const { operation, events } = commit;
  const last = events.at(-1);
  const names = new Set(commit.documents.map((document) => document.name));
  if (last === undefined) throw new RangeError('a commit without events');
  if (names.size !== commit.documents.length) throw new RangeError('a commit with two documents of one name');
  if (commit.removed?.some((name) => names.has(name)) === true) throw new RangeError('a commit that keeps and removes one document');
  if (operation.head.sequence !== last.sequence || operation.head.hash !== last.hash)
    throw new RangeError('the events lead to another operation');
  const fault = findChainFault(operation.id, [...(previous?.events ?? []), ...events]);
  if (fault !== undefined) throw new RangeError(`the events do not continue the chain: ${fault.fault} at ${fault.sequence}`);
}

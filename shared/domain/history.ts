import type { Happening, OperationEvent } from './event.ts';
import { appendToChain } from './event-chain.ts';
import type { Draft, Operation, OperationId } from './operation.ts';
import { TransitionError, transition } from './transition.ts';

/** An operation and the events that brought it here from where it was read. */
export type Advance = { readonly operation: Operation; readonly events: readonly OperationEvent[] };

/** Chains happenings on and lets the state machine judge each of them. Throws TransitionError where one does not fit. */
export function advance(id: OperationId, from: Operation | undefined, happenings: readonly Happening[]): Advance {
  const events = appendToChain(id, from?.head, happenings);
  let operation: Operation | Draft | undefined = from;
  for (const event of events) operation = transition(operation, event, event.at);
  if (operation === undefined || operation.status === 'submitted' || operation.status === 'assessed') {
    throw new TransitionError('incomplete', 'the happenings end before a decision');
  }
  return { operation, events };
}

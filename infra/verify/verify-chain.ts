import { z } from 'zod';
import { decodeEvent, StoredEventError } from '../../shared/contracts/stored-event.ts';
import type { OperationEvent } from '../../shared/domain/event.ts';
import { type ChainFault, type ChainHead, findLinkFault } from '../../shared/domain/event-chain.ts';

export type LinkFault = ChainFault['fault'] | 'notAnEvent';

/** One event of an answer as it stands there, each judged by the one before it; `event` is undefined where it could not be read. */
export type Link = { readonly event: OperationEvent | undefined; readonly fault: LinkFault | undefined };

const answerShape = z.object({ value: z.array(z.unknown()).readonly() });

/** The events of what `GET …/operations/{id}/events` answered, not yet judged; undefined where it is no such answer. */
export function eventsIn(answer: unknown): readonly unknown[] | undefined {
  const parsed = answerShape.safeParse(answer);
  return parsed.success ? parsed.data.value : undefined;
}

/** Recomputes each hash and checks each link with what the product itself reads its storage by. */
export function verifyChain(operationId: string, items: readonly unknown[]): readonly Link[] {
  let before: ChainHead | undefined;
  return items.map((item) => {
    const event = eventFrom(item);
    if (event === undefined) return { event, fault: 'notAnEvent' };
    const fault = findLinkFault(operationId, before, event)?.fault;
    before = event;
    return { event, fault };
  });
}

/** Undefined where it is no event of a shape that this version knows. */
export function eventFrom(item: unknown): OperationEvent | undefined {
  try {
    return decodeEvent(JSON.stringify(item));
  } catch (error) {
    if (error instanceof StoredEventError) return undefined;
    throw error;
  }
}

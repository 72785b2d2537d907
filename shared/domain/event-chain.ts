import { type Digest, digestOf } from './digest.ts';
import type { Happening, OperationEvent } from './event.ts';
import type { JsonValue } from './json.ts';

/** Where a chain stands: the sequence and hash of its last event. */
export type ChainHead = { readonly sequence: number; readonly hash: Digest };

/** The hash that the first event of an operation points back to; bound to the id, so that no event can be moved to another operation. */
export function genesisHash(operationId: string): Digest {
  return digestOf({ countersign: 'operation', id: operationId });
}

/** Appends happenings to a chain, in order. */
export function appendToChain(
  operationId: string,
  head: ChainHead | undefined,
  happenings: readonly Happening[],
): readonly OperationEvent[] {
  let { sequence, hash } = head ?? { sequence: 0, hash: genesisHash(operationId) };
  return happenings.map((happening) => {
    sequence += 1;
    const unhashed = { operationId, sequence, ...happening, previousHash: hash };
    hash = hashOf(unhashed);
    return { ...unhashed, hash };
  });
}

export type ChainFault = { readonly sequence: number; readonly fault: 'gap' | 'wrongPrevious' | 'wrongHash' | 'foreign' };

/** Checks every link of a chain from its first event on; undefined where all hold. */
export function findChainFault(operationId: string, events: readonly OperationEvent[]): ChainFault | undefined {
  let before: ChainHead | undefined;
  for (const event of events) {
    const fault = findLinkFault(operationId, before, event);
    if (fault !== undefined) return fault;
    before = event;
  }
  return undefined;
}

/** Checks one event against the one before it, undefined where it should be the first, and recomputes its hash; undefined where both hold. */
export function findLinkFault(operationId: string, before: ChainHead | undefined, event: OperationEvent): ChainFault | undefined {
  const { hash, ...unhashed } = event;
  const { sequence } = event;
  if (event.operationId !== operationId) return { sequence, fault: 'foreign' };
  if (sequence !== (before?.sequence ?? 0) + 1) return { sequence, fault: 'gap' };
  if (event.previousHash !== (before?.hash ?? genesisHash(operationId))) return { sequence, fault: 'wrongPrevious' };
  return hashOf(unhashed) === hash ? undefined : { sequence, fault: 'wrongHash' };
}

function hashOf(unhashed: Omit<OperationEvent, 'hash'>): Digest {
  return digestOf(eventJson(unhashed));
}

/** An event as JSON; optional properties that are absent stay absent. */
export function eventJson(event: Omit<OperationEvent, 'hash'> | OperationEvent): JsonValue {
  const value: JsonValue = JSON.parse(JSON.stringify(event));
  return value;
}

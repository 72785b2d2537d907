import type { Actor, EventDetail, Happening } from '../domain/event.ts';
import { type Advance, advance } from '../domain/history.ts';
import type { Executing, Operation } from '../domain/operation.ts';
import { AnnounceError } from '../ports/announcer.ts';
import { type OperationDocument, type StoredOperation, StoreError } from '../ports/operation-store.ts';
import type { Clock } from '../ports/system.ts';
import { announceNext, type CommitDeps, type FollowingMessage } from './announce-then-commit.ts';
import { maxAttempts } from './execution-pace.ts';

export type WriteClaimedDeps = CommitDeps & { readonly clock: Clock };

/** What goes with the events of a claim. */
type Along = {
  readonly documents?: readonly OperationDocument[];
  readonly also?: readonly FollowingMessage[];
  /** For what is known now and could not be told again, as the answer to a call: it is written although its messages cannot be sent. */
  readonly evenUnannounced?: boolean;
};

const actor: Actor = { kind: 'countersign', role: 'executor' };

/** What was written, and onto what. */
export type Written = Advance & { readonly onto: StoredOperation };

/**
 * Writes what befell the claim; undefined where the claim is no longer this executor's. A refused vote or a dead letter that was written meanwhile
 * takes the claim from nobody: the operation is read and written again, so that no outcome is lost to it. What was written unannounced is written, and then the
 * AnnounceError thrown: the message that is being handled comes again and makes up for it.
 */
export async function writeClaimed(
  deps: WriteClaimedDeps,
  from: StoredOperation,
  details: readonly EventDetail[],
  along: Along = {},
): Promise<Written | undefined> {
  const { id } = from.operation;
  let stored: StoredOperation | undefined = from;
  while (stored !== undefined && isSameClaim(from.operation, stored.operation)) {
    const at = deps.clock.now();
    const next = advance(
      id,
      stored.operation,
      details.map((detail): Happening => ({ actor, at, detail })),
    );
    const unannounced = await announceOrCatch(deps, stored, next, along);
    if ((await deps.store.append(stored, { ...next, documents: along.documents ?? [] })) === 'committed') {
      if (unannounced !== undefined) throw unannounced;
      return { ...next, onto: stored };
    }
    stored = await deps.store.read(id);
  }
  return undefined;
}

async function announceOrCatch(
  deps: WriteClaimedDeps,
  previous: StoredOperation,
  next: Advance,
  { also = [], evenUnannounced = false }: Along,
): Promise<AnnounceError | undefined> {
  try {
    await announceNext(deps, previous, next, also);
    return undefined;
  } catch (error) {
    if (!evenUnannounced || !(error instanceof AnnounceError)) throw error;
    return error;
  }
}

/**
 * As {@link writeClaimed}, and what is then stored; undefined where somebody else has gone on with it already. What was written is written, also where it cannot be read
 * again at once: then the version is the one before, by which the next write finds that it must read.
 */
export async function writeClaimedAndRead(
  deps: WriteClaimedDeps,
  from: StoredOperation,
  details: readonly EventDetail[],
): Promise<StoredOperation | undefined> {
  const written = await writeClaimed(deps, from, details);
  if (written === undefined) return undefined;
  const stored = await readAgain(deps, written);
  return stored !== undefined && isSameClaim(written.operation, stored.operation) ? stored : undefined;
}

async function readAgain({ store }: WriteClaimedDeps, { operation, events, onto }: Written): Promise<StoredOperation | undefined> {
  try {
    return await store.read(operation.id);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'unreachable') throw error;
    return { operation, events: [...onto.events, ...events], version: onto.version };
  }
}

/**
 * Each claim counts one attempt, so that two claims of one operation are never taken for each other. A call whose executor is only slow is in doubt by the end of the
 * lease, and still its executor's to tell of.
 */
function isSameClaim(before: Operation, now: Operation): boolean {
  if (before.status === 'approved') return now.status === 'approved' && now.attempts === before.attempts;
  if (before.status !== 'executing' || now.status !== 'executing') return false;
  const isInDoubt = before.phase === 'calling' && now.phase === 'readingBack' && !now.accepted;
  return (now.phase === before.phase || isInDoubt) && now.attempts === before.attempts;
}

/** Gives the claim back, to be tried again; after {@link maxAttempts} it has failed. */
export async function giveBack(deps: WriteClaimedDeps, stored: StoredOperation, reason: string, along: Along = {}): Promise<void> {
  const { operation } = stored;
  if (operation.status !== 'executing') return;
  await writeClaimed(deps, stored, [releasedOrFailed(operation, reason)], along);
}

export function releasedOrFailed(operation: Executing, reason: string): EventDetail {
  const tried = operation.attempts - operation.deferrals;
  if (tried < maxAttempts) return { kind: 'executionReleased', reason };
  return { kind: 'executionFinished', outcome: 'failed', detail: `Tried ${tried} times. ${reason}`, result: { masked: [] } };
}

import type { Actor, EventDetail, Happening } from '../domain/event.ts';
import { type Advance, advance } from '../domain/history.ts';
import type { Executing, Operation } from '../domain/operation.ts';
import type { OperationDocument, StoredOperation } from '../ports/operation-store.ts';
import type { Clock } from '../ports/system.ts';
import { appendAnnounced, type CommitDeps } from './announce-then-commit.ts';
import { maxAttempts } from './execution-pace.ts';

export type WriteClaimedDeps = CommitDeps & { readonly clock: Clock };

const actor: Actor = { kind: 'countersign', role: 'executor' };

/**
 * Writes what befell the claim; undefined where the claim is no longer this executor's. A refused vote or a dead letter that was written meanwhile
 * takes the claim from nobody: the operation is read and written again, so that no outcome is lost to it.
 */
export async function writeClaimed(
  deps: WriteClaimedDeps,
  from: StoredOperation,
  details: readonly EventDetail[],
  documents: readonly OperationDocument[] = [],
  also: Parameters<typeof appendAnnounced>[4] = [],
): Promise<Advance | undefined> {
  const { id } = from.operation;
  let stored: StoredOperation | undefined = from;
  while (stored !== undefined && isSameClaim(from.operation, stored.operation)) {
    const at = deps.clock.now();
    const next = advance(
      id,
      stored.operation,
      details.map((detail): Happening => ({ actor, at, detail })),
    );
    if ((await appendAnnounced(deps, stored, next, documents, also)) === 'committed') return next;
    stored = await deps.store.read(id);
  }
  return undefined;
}

/** As {@link writeClaimed}, and what is then stored; undefined where somebody else has gone on with it already. */
export async function writeClaimedAndRead(
  deps: WriteClaimedDeps,
  from: StoredOperation,
  details: readonly EventDetail[],
): Promise<StoredOperation | undefined> {
  const written = await writeClaimed(deps, from, details);
  const stored = written === undefined ? undefined : await deps.store.read(written.operation.id);
  return written !== undefined && stored !== undefined && isSameClaim(written.operation, stored.operation) ? stored : undefined;
}

/** Each claim counts one attempt, so that two claims of one operation are never taken for each other. */
function isSameClaim(before: Operation, now: Operation): boolean {
  if (before.status === 'approved') return now.status === 'approved' && now.attempts === before.attempts;
  if (before.status !== 'executing' || now.status !== 'executing') return false;
  return now.phase === before.phase && now.attempts === before.attempts;
}

/** Gives the claim back, to be tried again; after {@link maxAttempts} it has failed. */
export async function giveBack(deps: WriteClaimedDeps, stored: StoredOperation, reason: string): Promise<void> {
  const { operation } = stored;
  if (operation.status !== 'executing') return;
  await writeClaimed(deps, stored, [releasedOrFailed(operation, reason)]);
}

export function releasedOrFailed(operation: Executing, reason: string): EventDetail {
  if (operation.attempts < maxAttempts) return { kind: 'executionReleased', reason };
  return { kind: 'executionFinished', outcome: 'failed', detail: `Tried ${operation.attempts} times. ${reason}`, result: { masked: [] } };
}

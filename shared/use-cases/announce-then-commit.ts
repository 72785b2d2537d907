import { followUps } from '../domain/follow-up.ts';
import type { Advance } from '../domain/history.ts';
import type { Operation } from '../domain/operation.ts';
import type { Announcement, Announcer } from '../ports/announcer.ts';
import type { DocumentName, OperationDocument, OperationStore, StoredOperation } from '../ports/operation-store.ts';

export type CommitDeps = { readonly store: OperationStore; readonly announcer: Announcer };

/**
 * The one way in which anything is written: first every message that must follow is durable, then state and events are, in one transaction.
 * A crash in between leaves messages that find no such commit and are dropped; a crash after it leaves nothing that no message knows about.
 */
export async function createAnnounced(
  deps: CommitDeps,
  next: Advance,
  documents: readonly OperationDocument[],
): Promise<'committed' | 'exists'> {
  await deps.announcer.announce(announcementsOf(next.operation, followUps(undefined, next.operation)));
  return await deps.store.create({ ...next, documents });
}

/** A message that follows a commit. */
export type FollowingMessage = Pick<Announcement, 'purpose' | 'notBefore'>;

/**
 * As {@link createAnnounced}, for an operation that was read before. `also` are messages that the state alone does not tell; of a purpose that is in there
 * nothing else is sent, since two messages of one purpose and commit are one to Service Bus, which would keep the first.
 */
export async function appendAnnounced(
  deps: CommitDeps,
  previous: StoredOperation,
  next: Advance,
  documents: readonly OperationDocument[] = [],
  also: readonly FollowingMessage[] = [],
  removed: readonly DocumentName[] = [],
): Promise<'committed' | 'conflict'> {
  await announceNext(deps, previous, next, also);
  return await deps.store.append(previous, { ...next, documents, ...(removed.length === 0 ? {} : { removed }) });
}

/** Sends the messages of {@link appendAnnounced} alone. Throws AnnounceError. */
export async function announceNext(
  deps: Pick<CommitDeps, 'announcer'>,
  previous: StoredOperation,
  next: Advance,
  also: readonly FollowingMessage[] = [],
): Promise<void> {
  const expected = followUps(previous.operation, next.operation).filter(({ purpose }) => also.every((other) => other.purpose !== purpose));
  await deps.announcer.announce(announcementsOf(next.operation, [...expected, ...also]));
}

/** Sends messages about an operation as it stands, for a commit that nobody may have been told of. To Service Bus they are those of that commit. */
export async function announceStanding(
  { announcer }: Pick<CommitDeps, 'announcer'>,
  operation: Operation,
  messages: readonly FollowingMessage[],
): Promise<void> {
  await announcer.announce(announcementsOf(operation, messages));
}

function announcementsOf({ id, head, traceparent }: Operation, messages: readonly FollowingMessage[]): readonly Announcement[] {
  return messages.map(({ purpose, notBefore }) => ({
    operationId: id,
    purpose,
    sequence: head.sequence,
    commit: head.hash,
    attempt: 0,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(traceparent === undefined ? {} : { traceparent }),
  }));
}

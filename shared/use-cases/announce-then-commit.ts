import { followUps } from '../domain/follow-up.ts';
import type { Advance } from '../domain/history.ts';
import type { Announcement, Announcer } from '../ports/announcer.ts';
import type { OperationDocument, OperationStore, StoredOperation } from '../ports/operation-store.ts';

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
  await deps.announcer.announce(announcementsOf(next, followUps(undefined, next.operation)));
  return await deps.store.create({ ...next, documents });
}

/**
 * As {@link createAnnounced}, for an operation that was read before. `also` are messages that the state alone does not tell; of a purpose that is in there
 * nothing else is sent, since two messages of one purpose and commit are one to Service Bus, which would keep the first.
 */
export async function appendAnnounced(
  deps: CommitDeps,
  previous: StoredOperation,
  next: Advance,
  documents: readonly OperationDocument[] = [],
  also: readonly Pick<Announcement, 'purpose' | 'notBefore'>[] = [],
): Promise<'committed' | 'conflict'> {
  const expected = followUps(previous.operation, next.operation).filter(({ purpose }) => also.every((other) => other.purpose !== purpose));
  await deps.announcer.announce(announcementsOf(next, [...expected, ...also]));
  return await deps.store.append(previous, { ...next, documents });
}

function announcementsOf(next: Advance, messages: readonly Pick<Announcement, 'purpose' | 'notBefore'>[]): readonly Announcement[] {
  const { id, head, traceparent } = next.operation;
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

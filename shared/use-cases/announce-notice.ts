import { notableEvents } from '../domain/notice.ts';
import type { Announcement, Announcer } from '../ports/announcer.ts';
import type { StoredOperation } from '../ports/operation-store.ts';

/**
 * Has others told of the end that a commit brought, or that one before it did: where that one was written while nobody could be told, this is the first to know. Told once
 * more, it is the same message to Service Bus, and later its consumer finds it told.
 */
export async function announceNotice(announcer: Announcer, { operation, events }: StoredOperation, message: Announcement): Promise<void> {
  const last = notableEvents(events.slice(0, message.sequence)).at(-1);
  if (last === undefined) return;
  const { id, traceparent } = operation;
  const { sequence, hash } = last;
  await announcer.announce([
    { operationId: id, purpose: 'notify', sequence, commit: hash, attempt: 0, ...(traceparent === undefined ? {} : { traceparent }) },
  ]);
}

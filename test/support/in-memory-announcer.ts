import { encodeQueueMessage } from '../../shared/contracts/queue-message.ts';
import { AnnounceError, type Announcement, type Announcer } from '../../shared/ports/announcer.ts';

export type InMemoryAnnouncer = Announcer & {
  /** Everything announced, oldest first; true repeats (the same message id) once, as duplicate detection leaves them. */
  readonly announced: readonly Announcement[];
  /** The next call fails and sends nothing. */
  failNext(): void;
};

/** An announcer that writes `announce <purpose>@<sequence>` for each message into the shared list of effects. */
export function makeInMemoryAnnouncer(effects: string[] = []): InMemoryAnnouncer {
  const announced = new Map<string, Announcement>();
  let failing = false;
  return {
    get announced() {
      return [...announced.values()];
    },
    failNext: () => {
      failing = true;
    },
    announce: async (announcements) => {
      const messages = announcements.map((announcement) => ({ announcement, id: encodeQueueMessage(announcement).messageId }));
      if (failing) {
        failing = false;
        throw new AnnounceError('the queues cannot be reached');
      }
      for (const { announcement, id } of messages) {
        effects.push(`announce ${announcement.purpose}@${announcement.sequence}`);
        if (!announced.has(id)) announced.set(id, announcement);
      }
    },
  };
}

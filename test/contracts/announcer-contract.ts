import { describe, expect, it } from 'vitest';
import { digestOf } from '../../shared/domain/digest.ts';
import { instant } from '../../shared/domain/instant.ts';
import { AnnounceError, type Announcement, type Announcer } from '../../shared/ports/announcer.ts';
import { idsOf } from './sample-operation.ts';

/** A message as it waits in its queue. */
export type HeldMessage = { readonly queue: string; readonly purpose: string; readonly attempt: number; readonly notBefore?: string };

/** An announcer, and a look at what waits in the queues for one operation, by queue and then in the order of the queue. */
export type AnnouncerHarness = {
  readonly announcer: Announcer;
  held(operationId: string): Promise<readonly HeldMessage[]>;
  /** Lets the next announcement fail as where the queues are away. */
  failNext(): Promise<void>;
};

const freshId = idsOf('announcer');

function announcementOf(changes: Partial<Announcement>): Announcement {
  return { operationId: freshId(), purpose: 'execute', sequence: 4, commit: digestOf('commit'), attempt: 0, ...changes };
}

/** What every {@link Announcer} does. */
export function describeAnnouncer(name: string, makeHarness: () => Promise<AnnouncerHarness>): void {
  describe(`${name} as an announcer`, () => {
    it('throws where the queues are away, having sent nothing, and works again afterwards', async () => {
      const { announcer, held, failNext } = await makeHarness();
      const announcement = announcementOf({});
      await failNext();
      await expect(announcer.announce([announcement])).rejects.toThrow(AnnounceError);
      await announcer.announce([announcement]);
      expect(await held(announcement.operationId)).toEqual([{ queue: 'executions', purpose: 'execute', attempt: 0 }]);
    });

    it('sends nothing of a list with something that is no announcement', async () => {
      const { announcer, held } = await makeHarness();
      const good = announcementOf({});
      await expect(announcer.announce([good, { ...good, sequence: 0 }])).rejects.toThrow(RangeError);
      expect(await held(good.operationId)).toEqual([]);
    });

    it('sends nothing where there is nothing to send', async () => {
      const { announcer } = await makeHarness();
      expect(await announcer.announce([])).toBeUndefined();
    });

    it('sends the same announcement once', async () => {
      const { announcer, held } = await makeHarness();
      const announcement = announcementOf({});
      await announcer.announce([announcement]);
      await announcer.announce([announcement]);
      expect(await held(announcement.operationId)).toHaveLength(1);
    });

    it.each<[string, Partial<Announcement>]>([
      ['attempt', { attempt: 1 }],
      ['sequence', { sequence: 5 }],
      ['commit', { commit: digestOf('another commit') }],
      ['purpose', { purpose: 'checkLease' }],
    ])('sends an announcement of another %s besides', async (_, changes) => {
      const { announcer, held } = await makeHarness();
      const announcement = announcementOf({});
      await announcer.announce([announcement]);
      await announcer.announce([{ ...announcement, ...changes }]);
      expect(await held(announcement.operationId)).toHaveLength(2);
    });

    it('sends each to the queue of its purpose, now or later, all at once', async () => {
      const { announcer, held } = await makeHarness();
      const operationId = freshId();
      const notBefore = instant('2100-01-01T00:00:00.000Z');
      await announcer.announce([
        announcementOf({ operationId, purpose: 'requestApproval' }),
        announcementOf({ operationId, purpose: 'checkDeadline', notBefore }),
        announcementOf({ operationId, purpose: 'poll' }),
        announcementOf({ operationId, purpose: 'project' }),
      ]);
      expect(await held(operationId)).toEqual([
        { queue: 'approval-requests', purpose: 'requestApproval', attempt: 0 },
        { queue: 'changes', purpose: 'project', attempt: 0 },
        { queue: 'checks', purpose: 'checkDeadline', attempt: 0, notBefore },
        { queue: 'checks', purpose: 'poll', attempt: 0 },
      ]);
    });
  });
}

import { digestOf } from '../domain/digest.ts';
import type { StrayMessages, UnreadableLetters } from '../ports/dead-letters.ts';
import type { Clock, Log } from '../ports/system.ts';

export type SettleUnreadableDeps = {
  readonly unreadable: UnreadableLetters;
  readonly strays: StrayMessages;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Takes away what no function is ever handed: without this, a dead letter whose body is no bytes would be delivered for ever. It is no message of ours; what
 * is known of it is recorded before it is settled.
 */
export function makeSettleUnreadable({ unreadable, strays, clock, log }: SettleUnreadableDeps): () => Promise<void> {
  return () =>
    unreadable.settleEach(async ({ queue, messageId, reason }) => {
      log.error('a message died', { queue, operationId: '', reason: 'body: not bytes' });
      await strays.record({
        queue,
        messageId: messageId.slice(0, 128),
        reason: `body: not bytes; ${reason}`.slice(0, 500),
        bodyDigest: digestOf('body: not bytes'),
        seenAt: clock.now(),
      });
    });
}

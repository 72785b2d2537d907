import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus';
import { type EncodedMessage, encodeQueueMessage } from '../../contracts/queue-message.ts';
import { type QueueName, queueOf } from '../../contracts/queues.ts';
import type { Announcement, Announcer } from '../../ports/announcer.ts';
import { announceErrorOf, bounded } from './translate-errors.ts';

/** `close` ends the senders; the client stays its owner's. */
export type ServiceBusAnnouncer = Announcer & { close(): Promise<void> };

/**
 * Announces through Service Bus. Messages of one queue go out as one batch, which the queue takes whole or not at all, those that are
 * scheduled together with those that are not; a sender a queue is kept open. Throws AnnounceError, after which some queues may have theirs:
 * such messages find no commit and are dropped.
 */
export function makeServiceBusAnnouncer(client: ServiceBusClient): ServiceBusAnnouncer {
  const senders = new Map<QueueName, ServiceBusSender>();
  const senderOf = (queue: QueueName): ServiceBusSender => {
    const sender = senders.get(queue) ?? client.createSender(queue);
    senders.set(queue, sender);
    return sender;
  };
  return {
    announce: async (announcements) => {
      const outcomes = await Promise.allSettled(
        [...byQueue(announcements)].map(([queue, messages]) => senderOf(queue).sendMessages(messages, bounded())),
      );
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw announceErrorOf(failed.reason);
    },
    close: async () => {
      const open = [...senders.values()];
      senders.clear();
      await Promise.all(open.map((sender) => sender.close()));
    },
  };
}

/** Everything is encoded before anything is sent. */
function byQueue(announcements: readonly Announcement[]): ReadonlyMap<QueueName, Message[]> {
  const queues = new Map<QueueName, Message[]>();
  for (const announcement of announcements) {
    const queue = queueOf(announcement.purpose);
    queues.set(queue, [...(queues.get(queue) ?? []), toMessage(encodeQueueMessage(announcement))]);
  }
  return queues;
}

type Message = Omit<EncodedMessage, 'applicationProperties'> & { readonly applicationProperties: Record<string, string> };

/** The client wants an object that it may change. */
function toMessage(encoded: EncodedMessage): Message {
  return { ...encoded, applicationProperties: { ...encoded.applicationProperties } };
}

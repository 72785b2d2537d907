import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus';
import { setAsideQueue } from '../../contracts/queues.ts';
import { digestOf } from '../../domain/digest.ts';
import type { SetAside } from '../../ports/dead-letters.ts';
import { bounded } from './translate-errors.ts';

/**
 * Keeps messages in the queue `set-aside`, where they lie for as long as it lets them. A copy carries in its application properties the queue, the
 * message id and the reason; kept again by a repeated delivery, it is dropped as a duplicate. Throws what the client throws.
 */
export function makeServiceBusSetAside(client: ServiceBusClient): SetAside {
  let sender: ServiceBusSender | undefined;
  return {
    keep: async ({ queue, messageId, reason, bodyDigest }, { body, contentType }) => {
      sender ??= client.createSender(setAsideQueue.name);
      const copy = {
        body: Buffer.from(body),
        messageId: digestOf({ queue, messageId, bodyDigest }),
        ...(contentType === undefined ? {} : { contentType }),
        applicationProperties: { queue, messageId, reason },
      };
      await sender.sendMessages(copy, bounded());
    },
  };
}

import type { ServiceBusClient } from '@azure/service-bus';
import type { DeadLetterCounts } from '../../ports/dead-letters.ts';
import { bounded, DeadLetterCountError } from './translate-errors.ts';

/**
 * Counts dead letters by looking at them without taking them: receiving needs a claim that the app has anyway, whereas reading the
 * queue's properties needs one to manage it. Throws DeadLetterCountError.
 */
export function makeServiceBusDeadLetterCounts(client: ServiceBusClient, queues: readonly string[]): DeadLetterCounts {
  return {
    count: async (atMost) => {
      if (!Number.isInteger(atMost) || atMost < 1) throw new RangeError('atMost is not a whole number from 1');
      return Object.fromEntries(await Promise.all(queues.map(async (queue) => [queue, await countOf(client, queue, atMost)] as const)));
    },
  };
}

/** Each receiver starts at the oldest message and goes on from there; a single look may bring fewer than there are. */
async function countOf(client: ServiceBusClient, queue: string, atMost: number): Promise<number> {
  const receiver = client.createReceiver(queue, { subQueueType: 'deadLetter' });
  try {
    let seen = 0;
    while (seen < atMost) {
      const messages = await receiver.peekMessages(atMost - seen, bounded());
      if (messages.length === 0) break;
      seen += messages.length;
    }
    return seen;
  } catch (error) {
    throw new DeadLetterCountError(queue, { cause: error });
  } finally {
    await receiver.close();
  }
}

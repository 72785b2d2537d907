import type { ServiceBusClient } from '@azure/service-bus';
import Long from 'long';
import { setAsideQueue } from '../../contracts/queues.ts';
import type { DeadLetterCounts } from '../../ports/dead-letters.ts';
import { bounded, DeadLetterCountError } from './translate-errors.ts';

/**
 * Counts dead letters by looking at them without taking them: receiving needs a claim that the app has anyway, whereas reading the
 * queue's properties needs one to manage it. What was set aside waits for a person like a dead letter, in a queue of its own. Throws DeadLetterCountError.
 */
export function makeServiceBusDeadLetterCounts(client: ServiceBusClient, queues: readonly string[]): DeadLetterCounts {
  return {
    count: async (atMost) => {
      if (!Number.isInteger(atMost) || atMost < 1) throw new RangeError('atMost is not a whole number from 1');
      return Object.fromEntries(await Promise.all(queues.map(async (queue) => [queue, await countOf(client, queue, atMost)] as const)));
    },
  };
}

/** A single look may bring fewer than there are. Without a start the client goes on from where its last look ended, whichever receiver took it. */
async function countOf(client: ServiceBusClient, queue: string, atMost: number): Promise<number> {
  const receiver = client.createReceiver(queue, queue === setAsideQueue.name ? {} : { subQueueType: 'deadLetter' });
  try {
    let seen = 0;
    let from = Long.ONE;
    while (seen < atMost) {
      const messages = await receiver.peekMessages(atMost - seen, { fromSequenceNumber: from, ...bounded() });
      const last = messages.at(-1)?.sequenceNumber;
      if (last === undefined) break;
      seen += messages.length;
      from = last.add(1);
    }
    return seen;
  } catch (error) {
    throw new DeadLetterCountError(queue, { cause: error });
  } finally {
    await receiver.close();
  }
}

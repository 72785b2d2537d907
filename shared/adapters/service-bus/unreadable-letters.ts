import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import Long from 'long';
import type { UnreadableLetter, UnreadableLetters } from '../../ports/dead-letters.ts';
import { bounded } from './translate-errors.ts';

/** Looked at, and taken, at a time; what is left is there the next time. */
const atMost = 100;

/** The functions host takes such a letter again and again; somewhere between two of its turns it comes to us. */
const rounds = 5;
const waitMs = 1_000;

/**
 * Finds dead letters whose body is an AMQP value or sequence by looking, and takes letters only where there are some; readable ones that come along are given back.
 * Rejects with what the client throws.
 */
export function makeServiceBusUnreadableLetters(client: ServiceBusClient, queues: readonly string[]): UnreadableLetters {
  return {
    settleEach: async (record) => {
      for (const queue of queues) {
        const receiver = client.createReceiver(queue, { subQueueType: 'deadLetter', skipParsingBodyAsJson: true });
        try {
          await settleIn(receiver, queue, record);
        } finally {
          await receiver.close();
        }
      }
    },
  };
}

async function settleIn(receiver: ServiceBusReceiver, queue: string, record: (letter: UnreadableLetter) => Promise<void>): Promise<void> {
  const seen = await receiver.peekMessages(atMost, { fromSequenceNumber: Long.ONE, ...bounded() });
  let left = seen.filter(isUnreadable).length;
  for (let round = 0; round < rounds && left > 0; round += 1) {
    for (const message of await receiver.receiveMessages(atMost, { maxWaitTimeInMs: waitMs, ...bounded() })) {
      if (!isUnreadable(message)) {
        await receiver.abandonMessage(message);
        continue;
      }
      const { messageId, deadLetterReason: reason = 'unknown' } = message;
      await record({ queue, messageId: String(messageId ?? 'unknown'), reason });
      await receiver.completeMessage(message);
      left -= 1;
    }
  }
}

function isUnreadable({ body }: ServiceBusReceivedMessage): boolean {
  const value: unknown = body;
  return !(value instanceof Uint8Array);
}

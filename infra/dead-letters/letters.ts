import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import Long from 'long';
import type { QueueName } from '../../shared/contracts/queues.ts';
import { type Letter, letterOf, redrivenCopy } from './letter.ts';

export type Redriven = {
  readonly id: string;
  /** `gone`: somebody else has taken it meanwhile. `notOurs`: its body is no bytes, so that no copy would be the same. */
  readonly outcome: 'redriven' | 'gone' | 'notOurs';
  /** The id of the copy. */
  readonly messageId?: string;
};

const pageSize = 100;
const waitMs = 2_000;

/** Looks at the dead letters of the queues, oldest first, without taking them. */
export async function listLetters(client: ServiceBusClient, queues: readonly QueueName[], nowMs: number): Promise<Letter[]> {
  const letters: Letter[] = [];
  for (const queue of queues) {
    for await (const message of peekAll(client, queue)) letters.push(letterOf(queue, message, nowMs));
  }
  return letters;
}

/**
 * Sends a copy of each named letter of one queue to that queue and settles the letter, in this order, so that nothing is lost where it is interrupted.
 * Letters can only be received from the oldest on; what is met on the way is given back.
 */
export async function redriveLetters(client: ServiceBusClient, queue: QueueName, ids: readonly string[]): Promise<Redriven[]> {
  const receiver = openReceiver(client, queue);
  const sender = client.createSender(queue);
  const outcomes = new Map<string, Redriven>();
  const others: ServiceBusReceivedMessage[] = [];
  try {
    while (outcomes.size < ids.length) {
      const messages = await receiver.receiveMessages(pageSize, { maxWaitTimeInMs: waitMs });
      if (messages.length === 0) break;
      for (const message of messages) {
        const id = `${queue}/${message.sequenceNumber?.toString() ?? '0'}`;
        const copy = ids.includes(id) ? redrivenCopy(message) : undefined;
        if (copy === undefined) {
          others.push(message);
          if (ids.includes(id)) outcomes.set(id, { id, outcome: 'notOurs' });
          continue;
        }
        await sender.sendMessages(copy);
        await receiver.completeMessage(message);
        outcomes.set(id, { id, outcome: 'redriven', messageId: String(copy.messageId) });
      }
    }
    for (const message of others) await receiver.abandonMessage(message);
  } finally {
    await Promise.allSettled([receiver.close(), sender.close()]);
  }
  return ids.map((id) => outcomes.get(id) ?? { id, outcome: 'gone' });
}

/** Without a start the client goes on from where its last look ended. */
async function* peekAll(client: ServiceBusClient, queue: QueueName): AsyncGenerator<ServiceBusReceivedMessage> {
  const receiver = openReceiver(client, queue);
  try {
    for (let from = Long.ONE; ; ) {
      const messages = await receiver.peekMessages(pageSize, { fromSequenceNumber: from });
      yield* messages;
      const last = messages.at(-1)?.sequenceNumber;
      if (last === undefined) return;
      from = last.add(1);
    }
  } finally {
    await receiver.close();
  }
}

/** Bodies stay as they were sent, so that a copy is the same. */
function openReceiver(client: ServiceBusClient, queue: QueueName): ServiceBusReceiver {
  return client.createReceiver(queue, { subQueueType: 'deadLetter', skipParsingBodyAsJson: true });
}

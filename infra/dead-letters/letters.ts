import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import Long from 'long';
import { setAsideQueue } from '../../shared/contracts/queues.ts';
import { idOf, type Letter, letterOf, type Place, type RedrivenCopy, redrivenCopy } from './letter.ts';

export type Redriven = {
  readonly id: string;
  /** `gone`: somebody else has taken it meanwhile. `notOurs`: its body is no bytes or its queue unknown, so that no copy would be the same. */
  readonly outcome: 'redriven' | 'gone' | 'notOurs';
  /** The id of the copy. */
  readonly messageId?: string;
};

const pageSize = 100;
const waitMs = 2_000;

/** Looks at what lies in some places, oldest first, without taking it. */
export async function listLetters(client: ServiceBusClient, places: readonly Place[], nowMs: number): Promise<Letter[]> {
  const letters: Letter[] = [];
  for (const place of places) {
    for await (const message of peekAll(client, place)) letters.push(letterOf(place, message, nowMs));
  }
  return letters;
}

/**
 * Sends a copy of each named letter of one place to the queue that it came from and settles the letter, in this order, so that nothing is lost where it is interrupted.
 * Letters can only be received from the oldest on; what is met on the way is given back.
 */
export async function redriveLetters(client: ServiceBusClient, place: Place, ids: readonly string[]): Promise<Redriven[]> {
  const receiver = openReceiver(client, place);
  const outcomes = new Map<string, Redriven>();
  const others: ServiceBusReceivedMessage[] = [];
  try {
    while (outcomes.size < ids.length) {
      const messages = await receiver.receiveMessages(pageSize, { maxWaitTimeInMs: waitMs });
      if (messages.length === 0) break;
      for (const message of messages) {
        const id = idOf(place, message);
        const redriven = ids.includes(id) ? redrivenCopy(place, message) : undefined;
        if (redriven === undefined) {
          others.push(message);
          if (ids.includes(id)) outcomes.set(id, { id, outcome: 'notOurs' });
          continue;
        }
        await send(client, redriven);
        await receiver.completeMessage(message);
        outcomes.set(id, { id, outcome: 'redriven', messageId: String(redriven.copy.messageId) });
      }
    }
    for (const message of others) await receiver.abandonMessage(message);
  } finally {
    await receiver.close();
  }
  return ids.map((id) => outcomes.get(id) ?? { id, outcome: 'gone' });
}

async function send(client: ServiceBusClient, { queue, copy }: RedrivenCopy): Promise<void> {
  const sender = client.createSender(queue);
  try {
    await sender.sendMessages(copy);
  } finally {
    await sender.close();
  }
}

/** Without a start the client goes on from where its last look ended. */
async function* peekAll(client: ServiceBusClient, place: Place): AsyncGenerator<ServiceBusReceivedMessage> {
  const receiver = openReceiver(client, place);
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
function openReceiver(client: ServiceBusClient, place: Place): ServiceBusReceiver {
  const options = { skipParsingBodyAsJson: true };
  return client.createReceiver(place, place === setAsideQueue.name ? options : { ...options, subQueueType: 'deadLetter' });
}

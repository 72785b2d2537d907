import { ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
import Long from 'long';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeServiceBusUnreadableLetters } from '../../../shared/adapters/service-bus/unreadable-letters.ts';
import { queueNames } from '../../../shared/contracts/queues.ts';
import type { UnreadableLetter } from '../../../shared/ports/dead-letters.ts';
import { startNamespace } from './namespace.ts';

let namespace: Awaited<ReturnType<typeof startNamespace>>;
let client: ServiceBusClient;
beforeEach(async () => {
  namespace = await startNamespace();
  client = new ServiceBusClient(namespace.connectionString, { retryOptions: { maxRetries: 0 } });
});
afterEach(async () => {
  await client.close();
  await namespace.stop();
});

const unreadable = { bodyType: 'value', body: { a: 1 }, messageId: 'value', properties: { messageId: 'value' } } as const;

async function bury(...messages: readonly (ServiceBusMessage | typeof unreadable)[]): Promise<void> {
  const receiver = client.createReceiver('checks');
  for (const message of messages) {
    await client.createSender('checks').sendMessages(message);
    for (const received of await receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 })) await receiver.deadLetterMessage(received);
  }
  await receiver.close();
}

async function deadLetters(): Promise<unknown[]> {
  const receiver = client.createReceiver('checks', { subQueueType: 'deadLetter' });
  const messages = await receiver.peekMessages(10, { fromSequenceNumber: Long.ONE });
  await receiver.close();
  return messages.map(({ messageId }) => messageId);
}

async function settle(record?: (letter: UnreadableLetter) => Promise<void>): Promise<UnreadableLetter[]> {
  const letters: UnreadableLetter[] = [];
  await makeServiceBusUnreadableLetters(client, queueNames).settleEach(
    record ??
      (async (letter) => {
        letters.push(letter);
      }),
  );
  return letters;
}

describe('unreadable dead letters', () => {
  it('stay where they cannot be recorded', async () => {
    await bury(unreadable);
    const failing = async () => {
      throw new Error('the table is away');
    };
    await expect(settle(failing)).rejects.toThrow('the table is away');
    expect(await deadLetters()).toEqual(['value']);
  });

  it('are recorded and taken away; readable ones stay', async () => {
    await bury({ body: Buffer.from('x'), messageId: 'bytes' }, unreadable);
    expect(await settle()).toEqual([{ queue: 'checks', messageId: 'value', reason: 'unknown' }]);
    expect(await deadLetters()).toEqual(['bytes']);
    expect(await settle()).toEqual([]);
  });

  it('are taken away while somebody gives them back again and again', async () => {
    await bury(unreadable);
    const trigger = client.createReceiver('checks', { subQueueType: 'deadLetter' });
    const subscription = trigger.subscribe(
      { processMessage: (message) => trigger.abandonMessage(message), processError: async () => undefined },
      { autoCompleteMessages: false, maxConcurrentCalls: 16 },
    );
    expect(await settle()).toHaveLength(1);
    await subscription.close();
    expect(await deadLetters()).toEqual([]);
  });
});

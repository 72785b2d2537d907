import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeServiceBusDeadLetterCounts } from '../../../shared/adapters/service-bus/dead-letter-counts.ts';
import { queueNames, setAsideQueue } from '../../../shared/contracts/queues.ts';
import { startNamespace } from './namespace.ts';

let namespace: Awaited<ReturnType<typeof startNamespace>>;
let client: ServiceBusClient;
beforeAll(async () => {
  namespace = await startNamespace();
  client = new ServiceBusClient(namespace.connectionString, { retryOptions: { maxRetries: 0 } });
  await bury('executions', 5);
  await bury('checks', 1);
  await client.createSender('changes').sendMessages({ body: 'alive' });
  await client.createSender(setAsideQueue.name).sendMessages([{ body: 'x' }, { body: 'y' }]);
});
afterAll(async () => {
  await client.close();
  await namespace.stop();
});

async function bury(queue: string, count: number): Promise<void> {
  const receiver = client.createReceiver(queue);
  await client.createSender(queue).sendMessages(Array.from({ length: count }, () => ({ body: 'x' })));
  for (let left = count; left > 0; ) {
    const messages = await receiver.receiveMessages(left);
    for (const message of messages) await receiver.deadLetterMessage(message);
    left -= messages.length;
  }
  await receiver.close();
}

describe('counting dead letters', () => {
  it.each([0, -1, 1.5])('refuses to count at most %d', async (atMost) => {
    await expect(makeServiceBusDeadLetterCounts(client, queueNames).count(atMost)).rejects.toThrow(RangeError);
  });

  it('throws where a queue is not there', async () => {
    await expect(makeServiceBusDeadLetterCounts(client, ['executions', 'nowhere']).count(10)).rejects.toMatchObject({
      name: 'DeadLetterCountError',
    });
  });

  it('counts what lies in each queue, again and again, and takes nothing away', async () => {
    const counts = makeServiceBusDeadLetterCounts(client, [...queueNames, setAsideQueue.name]);
    const expected = { 'approval-requests': 0, executions: 5, checks: 1, changes: 0, notices: 0, 'set-aside': 2 };
    expect([await counts.count(100), await counts.count(100)]).toEqual([expected, expected]);
  });

  it('counts no further than asked', async () => {
    expect(await makeServiceBusDeadLetterCounts(client, ['executions']).count(3)).toEqual({ executions: 3 });
  });
});

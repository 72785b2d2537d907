import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusReceiver } from '@azure/service-bus';
import { type QueueSettings, type ServiceBus, startServiceBus } from '../../../infra/local/service-bus/service-bus.ts';

export const access = { keyName: 'local', key: 'bG9jYWwta2V5' };

/** A queue `jobs` with long locks, so that no lock ends by itself unless a test shortens it. */
export const jobs: QueueSettings = { name: 'jobs', lockDurationMs: 60_000, maxDeliveryCount: 3, duplicateDetectionWindowMs: 600_000 };

/** Starts a stand-in with one queue and makes clients of it; `close` ends clients first, then the stand-in. */
export async function openBus(settings: Partial<QueueSettings> = {}, directory?: string) {
  const bus = await startServiceBus({ port: 0, directory, queues: [{ ...jobs, ...settings }], ...access });
  return { bus, ...makeClients(bus) };
}

export function makeClients(bus: Pick<ServiceBus, 'connectionString' | 'stop'>) {
  const clients: ServiceBusClient[] = [];
  const newClient = (connectionString = bus.connectionString, timeoutInMs = 20_000): ServiceBusClient => {
    const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, retryDelayInMs: 100, timeoutInMs } });
    clients.push(client);
    return client;
  };
  /** The bodies of what a queue holds, in order, seen by a client that has not peeked before. */
  const peekBodies = async (subQueue?: 'deadLetter', queue = 'jobs'): Promise<unknown[]> => {
    const client = newClient();
    const messages = await client.createReceiver(queue, subQueue === undefined ? {} : { subQueueType: subQueue }).peekMessages(100);
    await client.close();
    return messages.map(({ body }): unknown => body);
  };
  const close = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()));
    await bus.stop();
  };
  return { newClient, peekBodies, close };
}

/** Receives exactly one message, waiting for it. */
export async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
  if (message === undefined) throw new Error('nothing was received');
  return message;
}

/** Receives `count` messages, however many at a time. */
export async function receiveMany(receiver: ServiceBusReceiver, count: number): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = [];
  while (messages.length < count) {
    const more = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 20_000 });
    if (more.length === 0) throw new Error(`only ${messages.length} of ${count} messages were received`);
    messages.push(...more);
  }
  return messages;
}

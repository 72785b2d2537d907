import type { ServiceBusClient } from '@azure/service-bus';
import type { QueueName } from '../../contracts/queues.ts';

/** So long may the answer take; who asks waits no longer. */
const answerTimeoutMs = 5_000;

/**
 * Asks the namespace for a link on which messages can be sent, which it refuses to whoever may not, and gives it back. A link that is open already would say
 * nothing of now. Rejects with the client's error.
 */
export function makeReachQueues(client: ServiceBusClient, queue: QueueName): () => Promise<void> {
  return async () => {
    const sender = client.createSender(queue);
    try {
      await sender.createMessageBatch({ abortSignal: AbortSignal.timeout(answerTimeoutMs) });
    } finally {
      await sender.close();
    }
  };
}

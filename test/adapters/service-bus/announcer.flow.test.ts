import { ServiceBusClient } from '@azure/service-bus';
import Long from 'long';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeServiceBusAnnouncer, type ServiceBusAnnouncer } from '../../../shared/adapters/service-bus/announcer.ts';
import { serviceBusClientOptions } from '../../../shared/adapters/service-bus/client-options.ts';
import { parseQueueMessage } from '../../../shared/contracts/queue-message.ts';
import { queueNames } from '../../../shared/contracts/queues.ts';
import { digestOf } from '../../../shared/domain/digest.ts';
import { AnnounceError } from '../../../shared/ports/announcer.ts';
import { describeAnnouncer, type HeldMessage } from '../../contracts/announcer-contract.ts';
import { operationIdOf } from '../../contracts/sample-operation.ts';
import { startNamespace } from './namespace.ts';

type Namespace = Awaited<ReturnType<typeof startNamespace>>;

let namespace: Namespace;
let client: ServiceBusClient;
beforeAll(async () => {
  namespace = await startNamespace();
  client = new ServiceBusClient(namespace.connectionString, { retryOptions: { maxRetries: 0 } });
});
const open: ServiceBusAnnouncer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((announcer) => announcer.close()));
});
afterAll(async () => {
  await client.close();
  await namespace.stop();
});

function opened(client: ServiceBusClient): ServiceBusAnnouncer {
  const announcer = makeServiceBusAnnouncer(client);
  open.push(announcer);
  return announcer;
}

async function held(operationId: string): Promise<readonly HeldMessage[]> {
  const queues = await Promise.all(
    queueNames.toSorted().map(async (queue) => (await peeked(queue)).map((message) => ({ queue, ...message }))),
  );
  return queues
    .flat()
    .filter((message) => message.operationId === operationId)
    .map(({ operationId: _, ...message }) => message);
}

async function peeked(queue: string) {
  const receiver = client.createReceiver(queue);
  try {
    const messages = await receiver.peekMessages(250, { fromSequenceNumber: Long.ONE });
    return messages.map(({ body, state, scheduledEnqueueTimeUtc }) => {
      const parsed = parseQueueMessage(body);
      if (!parsed.ok) throw new Error(parsed.problem);
      const { operationId, purpose, attempt } = parsed.message;
      const notBefore = state === 'scheduled' ? scheduledEnqueueTimeUtc?.toISOString() : undefined;
      return { operationId, purpose, attempt, ...(notBefore === undefined ? {} : { notBefore }) };
    });
  } finally {
    await receiver.close();
  }
}

describeAnnouncer('Service Bus', async () => {
  let failing = false;
  const away = new ServiceBusClient(namespace.connectionString.replace(/localhost:\d+/, 'localhost:1'), {
    retryOptions: { maxRetries: 0 },
  });
  const [real, broken] = [opened(client), opened(away)];
  return {
    announcer: {
      announce: async (announcements) => {
        const announcer = failing ? broken : real;
        failing = false;
        await announcer.announce(announcements);
      },
    },
    held,
    failNext: async () => {
      failing = true;
    },
  };
});

describe('announcing through Service Bus', () => {
  const announcement = { purpose: 'execute', sequence: 4, commit: digestOf('commit'), attempt: 0 } as const;

  it('throws where the key is wrong', async () => {
    const stranger = new ServiceBusClient(namespace.connectionString.replace(/SharedAccessKey=[^;]*/, 'SharedAccessKey=AAAA'), {
      retryOptions: { maxRetries: 0 },
    });
    try {
      await expect(opened(stranger).announce([{ ...announcement, operationId: operationIdOf('stranger') }])).rejects.toThrow(AnnounceError);
      expect(await held(operationIdOf('stranger'))).toEqual([]);
    } finally {
      await stranger.close();
    }
  });

  it('carries message id, content type and trace where the consumer finds them', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await opened(client).announce([{ ...announcement, operationId: operationIdOf('trace'), purpose: 'requestApproval', traceparent }]);
    const receiver = client.createReceiver('approval-requests');
    const messages = await receiver.peekMessages(250, { fromSequenceNumber: Long.ONE });
    await receiver.close();
    const message = messages.find(({ messageId }) => String(messageId).startsWith(operationIdOf('trace')));
    expect(message).toMatchObject({
      messageId: `${operationIdOf('trace')}.requestApproval.4.${digestOf('commit').slice(7, 39)}.0`,
      contentType: 'application/json',
      applicationProperties: { traceparent, 'Diagnostic-Id': traceparent },
    });
  });

  it.each([
    ['sendRefused', operationIdOf('busy')],
    ['sendAcceptedButConnectionLost', operationIdOf('unheard')],
  ] as const)('gets through once where the first attempt meets %s', async (fault, operationId) => {
    const own = new ServiceBusClient(namespace.connectionString, serviceBusClientOptions());
    try {
      namespace.faults.inject({ name: fault, queue: 'executions' });
      await opened(own).announce([{ ...announcement, operationId }]);
      expect(namespace.faults.happened()[fault]).toBe(1);
      expect(await held(operationId)).toHaveLength(1);
    } finally {
      await own.close();
    }
  });

  it('works again after the namespace was away', async () => {
    const key = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0';
    const first = await startNamespace(0, key);
    const own = new ServiceBusClient(first.connectionString, { retryOptions: { maxRetries: 0 } });
    const announcer = opened(own);
    await announcer.announce([{ ...announcement, operationId: operationIdOf('before') }]);
    await first.stop();
    await expect(announcer.announce([{ ...announcement, operationId: operationIdOf('away') }])).rejects.toThrow(AnnounceError);

    const second = await startNamespace(Number(first.address.split(':')[1]), key);
    try {
      await announcer.announce([{ ...announcement, operationId: operationIdOf('after') }]);
      const receiver = own.createReceiver('executions');
      expect((await receiver.peekMessages(10)).map((message) => message.body.operationId)).toEqual([operationIdOf('after')]);
      await own.close();
    } finally {
      await second.stop();
    }
  });
});

import type { MessageHandlers, ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { Environment, HostSettings } from './host-settings.ts';
import type { Invoker } from './invocation.ts';
import { logFailure } from './log.ts';
import { messageData, traceParentOf } from './message-data.ts';
import { connectServiceBus } from './service-bus-connection.ts';
import { makeTraceContext } from './trace-context.ts';
import type { FunctionDefinition, QueueTrigger } from './triggers.ts';

type QueueFunction = FunctionDefinition<QueueTrigger>;

export type QueueTriggers = {
  /** Resolves when every receiver is open; while Service Bus is away it keeps trying. */
  readonly receive: (invoker: Invoker) => Promise<void>;
  /** Takes no more messages; resolves when those under way are settled. */
  readonly stop: () => Promise<void>;
  /** Closes the connections. The locks of messages that are still under way run out. */
  readonly close: () => Promise<void>;
};

type Subscription = { readonly opened: Promise<void>; readonly stop: () => Promise<void> };

const deadLetterSuffix = /\/\$deadletterqueue$/i;

/**
 * Makes a receiver for each function, on one connection for each connection setting; nothing is sent before `receive`.
 * Throws `missingSetting`, `invalidSetting`.
 */
export function openQueueTriggers(definitions: readonly QueueFunction[], settings: HostSettings, env: Environment): QueueTriggers {
  const clients = new Map<string, ServiceBusClient>();
  const receivers = definitions.map((definition) => {
    const { connection } = definition.trigger;
    const client = clients.get(connection) ?? connectServiceBus(definition.name, connection, env);
    clients.set(connection, client);
    return { definition, receiver: makeReceiver(client, definition.trigger, settings) };
  });
  let subscriptions: readonly Subscription[] = [];
  return {
    receive: async (invoker) => {
      subscriptions = receivers.map(({ definition, receiver }) => subscribe(definition, receiver, settings, invoker));
      await Promise.all(subscriptions.map(({ opened }) => opened));
    },
    stop: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
    },
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** Bodies stay bytes, because the library, not the client, decides what is JSON. */
function makeReceiver(client: ServiceBusClient, { queueName }: QueueTrigger, { serviceBus }: HostSettings): ServiceBusReceiver {
  const options = {
    receiveMode: 'peekLock' as const,
    skipParsingBodyAsJson: true,
    maxAutoLockRenewalDurationInMs: serviceBus.maxAutoLockRenewalDurationMs,
  };
  return deadLetterSuffix.test(queueName)
    ? client.createReceiver(queueName.replace(deadLetterSuffix, ''), { ...options, subQueueType: 'deadLetter' })
    : client.createReceiver(queueName, options);
}

function subscribe(definition: QueueFunction, receiver: ServiceBusReceiver, { serviceBus }: HostSettings, invoker: Invoker): Subscription {
  const underWay = new Set<Promise<void>>();
  const opened = Promise.withResolvers<void>();
  const autoComplete = definition.trigger.autoCompleteMessages ?? serviceBus.autoCompleteMessages;
  // The client calls `postInitialize` when its link is open; its published type does not name it.
  const handlers: MessageHandlers & { postInitialize: () => Promise<void> } = {
    postInitialize: async () => opened.resolve(),
    processMessage: (message) => {
      const handling = handle(definition, receiver, message, autoComplete, invoker).finally(() => underWay.delete(handling));
      underWay.add(handling);
      return handling;
    },
    processError: async ({ error, errorSource }) => {
      logFailure(`Service Bus failed (${errorSource}).`, error, { function: definition.name });
    },
  };
  const subscription = receiver.subscribe(handlers, {
    autoCompleteMessages: false,
    maxConcurrentCalls: serviceBus.maxConcurrentCalls,
  });
  return {
    opened: opened.promise,
    stop: async () => {
      await subscription.close();
      await Promise.all(underWay);
    },
  };
}

/** Settling is part of the handling, so that a message counts as one of the concurrent calls until it is settled. */
async function handle(
  definition: QueueFunction,
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  autoComplete: boolean,
  invoker: Invoker,
): Promise<void> {
  const invocationId = invoker.newInvocationId();
  const where = { function: definition.name, invocationId };
  const succeeded = await invokeWith(definition, message, invocationId, invoker).then(
    () => true,
    (error: unknown) => {
      logFailure('The function failed.', error, where);
      return false;
    },
  );
  try {
    if (!succeeded) {
      await receiver.abandonMessage(message);
    } else if (autoComplete) {
      await receiver.completeMessage(message);
    }
  } catch (error) {
    logFailure('The message could not be settled and will come again.', error, where);
  }
}

async function invokeWith(
  definition: QueueFunction,
  message: ServiceBusReceivedMessage,
  invocationId: string,
  invoker: Invoker,
): Promise<void> {
  const { data, metadata } = messageData(message, definition.trigger.binary);
  const traceContext = makeTraceContext(traceParentOf(message), undefined);
  await invoker.invoke(definition, invocationId, { data, metadata, traceContext });
}

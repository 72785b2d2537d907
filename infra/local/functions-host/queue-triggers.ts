import type { MessageHandlers, ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { Environment, HostSettings } from './host-settings.ts';
import type { Invoker } from './invocation.ts';
import { logFailure, logSystem } from './log.ts';
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

type Subscription = {
  readonly stop: () => Promise<void>;
  /** Whatever the link does from now on, no other client takes over. */
  readonly leave: () => void;
};

const deadLetterSuffix = /\/\$deadletterqueue$/i;

/**
 * The client opens a link within seconds, or says why not and tries again. A connection that breaks while it is being opened leaves the client
 * waiting a minute, without a word, for an answer that cannot come; after this time another client takes over.
 */
const openingMs = 10_000;

/**
 * Makes a receiver for each function, on one connection for each connection setting; nothing is sent before `receive`.
 * Throws `missingSetting`, `invalidSetting`.
 */
export function openQueueTriggers(definitions: readonly QueueFunction[], settings: HostSettings, env: Environment): QueueTriggers {
  const sharing = Map.groupBy(definitions, ({ trigger }) => trigger.connection);
  const connections = [...sharing].map(([connection, functions]) => {
    const connect = (): ServiceBusClient => connectServiceBus(functions[0]?.name ?? '', connection, env);
    return openConnection(functions, settings, connect);
  });
  const all = async (act: (connection: QueueTriggers) => Promise<void>): Promise<void> => {
    await Promise.all(connections.map(act));
  };
  return {
    receive: (invoker) => all(({ receive }) => receive(invoker)),
    stop: () => all(({ stop }) => stop()),
    close: () => all(({ close }) => close()),
  };
}

/** The functions that share a connection setting. */
function openConnection(functions: readonly QueueFunction[], settings: HostSettings, connect: () => ServiceBusClient): QueueTriggers {
  const underWay = new Set<Promise<void>>();
  let client = connect();
  let subscriptions: readonly Subscription[] = [];
  const leave = (): void => {
    for (const subscription of subscriptions) subscription.leave();
  };
  return {
    receive: async (invoker) => {
      const open = functions.map(() => Promise.withResolvers<void>());
      const subscribeAll = (): void => {
        subscriptions = functions.map((definition, index) => {
          const receiver = makeReceiver(client, definition.trigger, settings);
          return subscribe(definition, receiver, settings, { invoker, underWay, opened: () => open[index]?.resolve(), silent: takeOver });
        });
      };
      const takeOver = (): void => {
        logSystem('warning', 'Service Bus does not answer; another client takes over.');
        const silent = client;
        leave();
        client = connect();
        subscribeAll();
        silent.close().catch((error: unknown) => logFailure('The client that got no answer could not be closed.', error));
      };
      subscribeAll();
      await Promise.all(open.map(({ promise }) => promise));
    },
    stop: async () => {
      leave();
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
      await Promise.all(underWay);
    },
    close: () => client.close(),
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

type Handling = {
  readonly invoker: Invoker;
  readonly underWay: Set<Promise<void>>;
  /** The link is open. */
  readonly opened: () => void;
  /** The link is neither open after `openingMs` nor said to have failed. */
  readonly silent: () => void;
};

function subscribe(
  definition: QueueFunction,
  receiver: ServiceBusReceiver,
  { serviceBus }: HostSettings,
  handling: Handling,
): Subscription {
  const { invoker, underWay } = handling;
  const autoComplete = definition.trigger.autoCompleteMessages ?? serviceBus.autoCompleteMessages;
  let opening: NodeJS.Timeout | undefined;
  let left = false;
  // The client calls these two around each opening of its link; its published type does not name them.
  const handlers: MessageHandlers & Record<'preInitialize' | 'postInitialize', () => Promise<void>> = {
    preInitialize: async () => {
      clearTimeout(opening);
      if (!left) opening = setTimeout(handling.silent, openingMs);
    },
    postInitialize: async () => {
      clearTimeout(opening);
      handling.opened();
    },
    processMessage: (message) => {
      const handled = handle(definition, receiver, message, autoComplete, invoker).finally(() => underWay.delete(handled));
      underWay.add(handled);
      return handled;
    },
    processError: async ({ error, errorSource }) => {
      if (errorSource === 'receive') clearTimeout(opening);
      logFailure(`Service Bus failed (${errorSource}).`, error, { function: definition.name });
    },
  };
  const subscription = receiver.subscribe(handlers, {
    autoCompleteMessages: false,
    maxConcurrentCalls: serviceBus.maxConcurrentCalls,
  });
  const leave = (): void => {
    left = true;
    clearTimeout(opening);
  };
  return { stop: () => subscription.close(), leave };
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

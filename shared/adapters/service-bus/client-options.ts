import type { ServiceBusClientOptions } from '@azure/service-bus';

/**
 * How the app talks to Service Bus. The SDK does not notice that a connection broke with an answer outstanding: it waits for `timeoutInMs`, a
 * minute unless told otherwise. Asking again is safe, since a repeated message id is dropped by the queue, and a busy namespace has then had its
 * moment; three attempts fit into what one call may take.
 */
export function serviceBusClientOptions(): ServiceBusClientOptions {
  return { retryOptions: { maxRetries: 2, retryDelayInMs: 500, timeoutInMs: 5_000 } };
}

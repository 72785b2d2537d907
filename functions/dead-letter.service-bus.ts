import type { InvocationContext, ServiceBusQueueHandler } from '@azure/functions';
import { readQueueMessage } from '../shared/contracts/queue-message.ts';
import type { QueueName } from '../shared/contracts/queues.ts';
import type { DeadLetter, DeadLetterEnd } from '../shared/use-cases/record-dead-letter.ts';
import { keepWhole, type QueueDeps, strayOf } from './queue.ts';

export type DeadLetterHandlerDeps = QueueDeps & { readonly recordDeadLetter: (letter: DeadLetter) => Promise<DeadLetterEnd> };

/** One for each queue, on its dead letters: a poison message becomes a visible event, or lies where people can look at it and send it again. */
export function makeDeadLetterHandler(deps: DeadLetterHandlerDeps, queue: QueueName): ServiceBusQueueHandler {
  return async (body, context) => {
    const parsed = readQueueMessage(queue, context.triggerMetadata?.['contentType'], body);
    const message = parsed.ok ? parsed.message : undefined;
    const stray = strayOf(deps, queue, body, context, reasonOf(context));
    deps.log.error('a message died', { queue, operationId: message?.operationId ?? '', reason: stray.reason });
    if ((await deps.recordDeadLetter({ message, stray })) === 'stray') await keepWhole(deps, stray, body, context);
  };
}

/** What whoever buried the message said; the host hands it over among the application properties, their first letters made small. */
function reasonOf({ triggerMetadata }: InvocationContext): string {
  const properties: unknown = triggerMetadata?.['applicationProperties'];
  const textOf = (name: string): string | undefined => {
    const value: unknown = typeof properties === 'object' && properties !== null ? Reflect.get(properties, name) : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const texts = [textOf('deadLetterReason'), textOf('deadLetterErrorDescription')].flatMap((text) => text ?? []);
  return texts.length === 0 ? 'unknown' : texts.join(': ');
}

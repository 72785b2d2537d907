import type { ServiceBusQueueHandler } from '@azure/functions';
import { parseQueueMessage } from '../shared/contracts/queue-message.ts';
import type { DeadLetter } from '../shared/use-cases/record-dead-letter.ts';
import { type QueueDeps, strayOf } from './queue.ts';

export type DeadLetterHandlerDeps = QueueDeps & { readonly recordDeadLetter: (letter: DeadLetter) => Promise<void> };

/** One for each queue, on its dead letters: a poison message becomes a visible event. */
export function makeDeadLetterHandler(deps: DeadLetterHandlerDeps, queue: string): ServiceBusQueueHandler {
  return async (body, context) => {
    const parsed = parseQueueMessage(body);
    const message = parsed.ok ? parsed.message : undefined;
    const reason = context.triggerMetadata?.['deadLetterReason'];
    const stray = strayOf(deps, queue, body, context, typeof reason === 'string' ? reason : 'unknown');
    deps.log.error('a message died', { queue, operationId: message?.operationId ?? '', reason: stray.reason });
    await deps.recordDeadLetter({ message, stray });
  };
}

import type { ServiceBusQueueHandler } from '@azure/functions';
import type { Announcement } from '../shared/ports/announcer.ts';
import { type QueueDeps, queueHandler } from './queue.ts';

export type CheckOperationHandlerDeps = QueueDeps & { readonly check: (message: Announcement) => Promise<void> };

/** Queue `checks`: looks at an operation when something should have happened by now. Its messages are scheduled ahead. */
export function makeCheckOperationHandler(deps: CheckOperationHandlerDeps): ServiceBusQueueHandler {
  return queueHandler(deps, 'checks', deps.check);
}

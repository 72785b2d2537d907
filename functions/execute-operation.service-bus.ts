import type { ServiceBusQueueHandler } from '@azure/functions';
import type { Announcement } from '../shared/ports/announcer.ts';
import { type QueueDeps, queueHandler } from './queue.ts';

export type ExecuteOperationHandlerDeps = QueueDeps & { readonly execute: (message: Announcement) => Promise<void> };

/** Queue `executions`: runs an operation that was allowed or approved. */
export function makeExecuteOperationHandler(deps: ExecuteOperationHandlerDeps): ServiceBusQueueHandler {
  return queueHandler(deps, 'executions', deps.execute);
}

import type { ServiceBusQueueHandler } from '@azure/functions';
import type { Announcement } from '../shared/ports/announcer.ts';
import { type QueueDeps, queueHandler } from './queue.ts';

export type ProjectOperationHandlerDeps = QueueDeps & { readonly project: (message: Announcement) => Promise<void> };

/** Queue `changes`: one message for each commit; brings listing and cards up to date. */
export function makeProjectOperationHandler(deps: ProjectOperationHandlerDeps): ServiceBusQueueHandler {
  return queueHandler(deps, 'changes', deps.project);
}

import type { ServiceBusQueueHandler } from '@azure/functions';
import type { Announcement } from '../shared/ports/announcer.ts';
import { type QueueDeps, queueHandler } from './queue.ts';

export type RequestApprovalHandlerDeps = QueueDeps & { readonly requestApproval: (message: Announcement) => Promise<void> };

/** Queue `approval-requests`: shows a waiting operation to those who may decide it. */
export function makeRequestApprovalHandler(deps: RequestApprovalHandlerDeps): ServiceBusQueueHandler {
  return queueHandler(deps, 'approval-requests', deps.requestApproval);
}

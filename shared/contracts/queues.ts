import type { Purpose } from '../ports/announcer.ts';

/**
 * A queue as Azure Resource Manager spells its properties; durations are ISO 8601.
 * Source: learn.microsoft.com/azure/templates/microsoft.servicebus/namespaces/queues.
 */
export type QueueSettings = {
  readonly name: string;
  readonly lockDuration: string;
  readonly maxDeliveryCount: number;
  readonly requiresDuplicateDetection: true;
  readonly duplicateDetectionHistoryTimeWindow: string;
  readonly defaultMessageTimeToLive: string;
  /** What nobody came to fetch is seen by the dead-letter function instead of vanishing. */
  readonly deadLetteringOnMessageExpiration: true;
  readonly maxSizeInMegabytes: number;
};

const shared = {
  lockDuration: 'PT1M',
  maxDeliveryCount: 10,
  requiresDuplicateDetection: true,
  duplicateDetectionHistoryTimeWindow: 'PT10M',
  defaultMessageTimeToLive: 'P14D',
  deadLetteringOnMessageExpiration: true,
  maxSizeInMegabytes: 1024,
} as const;

/**
 * Where messages lie that nobody could handle, until a person sends them again (`npm run dead-letters`) or they expire; no function reads it.
 */
export const setAsideQueue = { name: 'set-aside', ...shared } as const satisfies QueueSettings;

/** Every queue that a function reads; with {@link setAsideQueue} they are all there are. The local Service Bus and the templates in infra are compared with this list. */
export const queues = [
  { name: 'approval-requests', ...shared },
  { name: 'executions', ...shared },
  { name: 'checks', ...shared },
  { name: 'changes', ...shared },
  { name: 'notices', ...shared },
] as const satisfies readonly QueueSettings[];

export type QueueName = (typeof queues)[number]['name'];

export const queueNames: readonly QueueName[] = queues.map((queue) => queue.name);

/** The queue that carries a purpose; one consumer function reads each queue. */
export function queueOf(purpose: Purpose): QueueName {
  switch (purpose) {
    case 'requestApproval':
      return 'approval-requests';
    case 'execute':
    case 'pursueAccess':
      return 'executions';
    case 'checkDeadline':
    case 'checkLease':
    case 'poll':
    case 'readBack':
    case 'revokeAccess':
    case 'dropSecret':
      return 'checks';
    case 'project':
      return 'changes';
    case 'notify':
      return 'notices';
  }
}

const durationShape = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4})S)?)?$/;

/** Milliseconds of the ISO 8601 durations that queue settings use (days to whole seconds). Throws RangeError for any other text. */
export function durationMs(text: string): number {
  const match = durationShape.exec(text);
  if (match === null || !/\d[DHMS]$/.test(text)) throw new RangeError(`not a duration: ${text.slice(0, 40)}`);
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

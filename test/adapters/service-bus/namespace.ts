import { randomBytes } from 'node:crypto';
import { startServiceBus } from '../../../infra/local/service-bus/service-bus.ts';
import { durationMs, queues, setAsideQueue } from '../../../shared/contracts/queues.ts';

/** A namespace with the queues of the product, in memory. Port 0 takes a free one. */
export function startNamespace(port = 0, key = randomBytes(32).toString('base64')) {
  return startServiceBus({
    port,
    directory: undefined,
    keyName: 'test',
    key,
    queues: [...queues, setAsideQueue].map((queue) => ({
      name: queue.name,
      lockDurationMs: durationMs(queue.lockDuration),
      maxDeliveryCount: queue.maxDeliveryCount,
      duplicateDetectionWindowMs: durationMs(queue.duplicateDetectionHistoryTimeWindow),
      defaultTtlMs: durationMs(queue.defaultMessageTimeToLive),
      deadLetterOnExpiration: queue.deadLetteringOnMessageExpiration,
      maxSizeBytes: queue.maxSizeInMegabytes * 1024 * 1024,
    })),
  });
}

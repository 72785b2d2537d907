import type { QueueContents, QueueWatch } from '../chaos/queue-contents.ts';
import { until } from '../support/api-client.ts';

/** Deadlines and leases are minutes and hours away; what comes sooner belongs to what was asked for. */
const soonMs = 60_000;

/** Resolves when nobody works on anything. As long as fewer and fewer messages wait, it is worth waiting; rejects where that ends. */
export async function untilQuiet(queues: Pick<QueueWatch, 'look'>): Promise<void> {
  for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
    const before = left;
    await until(async () => {
      left = underWay(await queues.look());
      return left < before;
    });
  }
}

function underWay({ active, nextAt }: QueueContents): number {
  return active + (nextAt !== undefined && nextAt <= Date.now() + soonMs ? 1 : 0);
}

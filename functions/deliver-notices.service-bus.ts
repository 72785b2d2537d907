import type { ServiceBusQueueHandler } from '@azure/functions';
import { encodeQueueMessage } from '../shared/contracts/queue-message.ts';
import { digestOfBytes } from '../shared/domain/digest.ts';
import type { Announcement } from '../shared/ports/announcer.ts';
import { type QueueDeps, queueHandler } from './queue.ts';

export type DeliverNoticesHandlerDeps = QueueDeps & { readonly deliverNotices: (message: Announcement) => Promise<'settled' | 'givenUp'> };

/** Queue `notices`: tells the receiver how operations end. What it never took lies where people can look at it and send it again. */
export function makeDeliverNoticesHandler(deps: DeliverNoticesHandlerDeps): ServiceBusQueueHandler {
  return queueHandler(deps, 'notices', async (message) => {
    if ((await deps.deliverNotices(message)) === 'givenUp') await keepForPeople(deps, message);
  });
}

/** Sent again, it begins anew with as many attempts. */
async function keepForPeople(deps: QueueDeps, message: Announcement): Promise<void> {
  const { body, messageId, contentType } = encodeQueueMessage({ ...message, attempt: 0 });
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  const stray = {
    queue: 'notices',
    messageId,
    reason: 'the receiver of notices never took it',
    bodyDigest: digestOfBytes(bytes),
    seenAt: deps.clock.now(),
  };
  await deps.setAside.keep(stray, { body: bytes, contentType });
  await deps.strays.record(stray);
}

import { InvocationContext, type ServiceBusQueueHandler } from '@azure/functions';
import { encodeQueueMessage } from '../../shared/contracts/queue-message.ts';
import { queueOf } from '../../shared/contracts/queues.ts';
import type { Announcement, Purpose } from '../../shared/ports/announcer.ts';
import { consumersOf } from './functions-of.ts';
import type { World } from './world.ts';

/** As many deliveries as a queue makes before it gives a message up; see `queues` in shared/contracts. */
const maxDeliveryCount = 10;

/** More messages than any one operation of a test may need. */
const endless = 1_000;

export type MessageDelivery = {
  /** Delivers what is due until nothing is; the clock stays where it is. Gives the number of messages that were settled. */
  deliverDue(): Promise<number>;
  /** Delivers everything, letting the clock jump to the next message whenever nothing is due. Throws where that does not come to an end. */
  deliverAll(): Promise<number>;
  /** Delivers what is due of this purpose only, and leaves the rest where it is. */
  deliverDueOf(purpose: Purpose): Promise<number>;
  /** How many deliveries failed. */
  readonly failedDeliveries: number;
  readonly deadLettered: readonly Announcement[];
};

/** Plays Service Bus for a world: what was announced is handed to the functions' own handlers, in order, again when they throw, and in the end as a dead letter. */
export function makeMessageDelivery(world: World): MessageDelivery {
  const consumers = consumersOf(world);
  const settled = new Set<string>();
  const deadLettered: Announcement[] = [];
  let failedDeliveries = 0;

  const ids = new WeakMap<Announcement, string>();
  const idOf = (announcement: Announcement): string => {
    const id = ids.get(announcement) ?? encodeQueueMessage(announcement).messageId;
    ids.set(announcement, id);
    return id;
  };
  const waiting = () =>
    world.announcer.announced.map((announcement) => ({ announcement, id: idOf(announcement) })).filter(({ id }) => !settled.has(id));
  const isDue = ({ announcement }: { announcement: Announcement }) =>
    announcement.notBefore === undefined || announcement.notBefore <= world.clock.now();

  const attempt = async (handler: ServiceBusQueueHandler, announcement: Announcement, triggerMetadata: Record<string, unknown>) => {
    const metadata = { contentType: 'application/json', ...triggerMetadata };
    const context = new InvocationContext({
      invocationId: 'test',
      functionName: 'test',
      triggerMetadata: metadata,
      logHandler: () => undefined,
    });
    try {
      await handler(Buffer.from(JSON.stringify(encodeQueueMessage(announcement).body), 'utf8'), context);
      // Who has died settles nothing, even where a handler took the death for a failure that it can live with.
      if (!world.interruptions.isDead) return true;
    } catch {}
    world.interruptions.restart();
    failedDeliveries += 1;
    return false;
  };
  const deliver = async ({ announcement, id }: { announcement: Announcement; id: string }) => {
    settled.add(id);
    const { consume, consumeDeadLetter } = consumers[queueOf(announcement.purpose)];
    for (let delivery = 1; delivery <= maxDeliveryCount; delivery += 1) {
      if (await attempt(consume, announcement, { messageId: id })) return;
    }
    deadLettered.push(announcement);
    const applicationProperties = { deadLetterReason: 'MaxDeliveryCountExceeded' };
    for (let delivery = 1; delivery <= maxDeliveryCount; delivery += 1) {
      if (await attempt(consumeDeadLetter, announcement, { messageId: id, applicationProperties })) return;
    }
    throw new Error(`nobody could take the dead letter ${id}`);
  };
  const deliverEach = async (chosen: (announcement: Announcement) => boolean): Promise<number> => {
    for (let count = 0; count <= endless; count += 1) {
      const next = waiting().find((message) => isDue(message) && chosen(message.announcement));
      if (next === undefined) return count;
      await deliver(next);
    }
    throw new Error(`after ${endless} messages there is still no end`);
  };

  return {
    deadLettered,
    get failedDeliveries() {
      return failedDeliveries;
    },
    deliverDue: () => deliverEach(() => true),
    deliverDueOf: (purpose) => deliverEach((announcement) => announcement.purpose === purpose),
    deliverAll: async () => {
      for (let count = 0; ; ) {
        count += await deliverEach(() => true);
        if (count > endless) throw new Error(`after ${count} messages there is still no end`);
        const [next] = waiting()
          .flatMap(({ announcement }) => announcement.notBefore ?? [])
          .sort();
        if (next === undefined) return count;
        world.clock.setTo(next);
      }
    },
  };
}

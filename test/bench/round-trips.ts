import { watchQueues } from '../chaos/queue-contents.ts';
import type { BenchEnvironment } from './bench-environment.ts';
import type { StorageCall } from './counting-proxy.ts';
import { untilQuiet } from './until-quiet.ts';

/** What one thing asked of the world, counted where it was asked. */
export type RoundTrips = {
  /** Entity-group transactions; each is one write to Table Storage, however many rows it has. */
  readonly transactions: number;
  /** Single rows written or deleted. */
  readonly rowWrites: number;
  /** Single rows read, and ranges of rows. */
  readonly rowReads: number;
  readonly blobs: number;
  /** Batches sent to Service Bus; one of several messages is one. */
  readonly sends: number;
  readonly deliveries: number;
  readonly settlements: number;
  /** Messages that wait for their time, such as a deadline: each is delivered, settled and looked into once more. */
  readonly scheduled: number;
  /** Calls of Azure Resource Manager that read, and those that do not. */
  readonly armReads: number;
  readonly armEffects: number;
};

export type TripCounter = {
  /** What the act asked for; where somebody works on the queues, also what followed from it. */
  readonly count: (act: () => Promise<unknown>) => Promise<RoundTrips>;
  readonly stop: () => Promise<void>;
};

/** Counts at the stand-ins. `follows` says whether anybody works on the messages that are sent. */
export function makeTripCounter(environment: BenchEnvironment, { follows }: { readonly follows: boolean }): TripCounter {
  const queues = watchQueues(environment.messagesConnectionString);
  const snapshot = async (): Promise<RoundTrips> => {
    const tables = environment.proxies.flatMap(({ calls }) => calls);
    const storage = (...kinds: readonly StorageCall['kind'][]): number => tables.filter(({ kind }) => kinds.includes(kind)).length;
    const occasions = environment.messageFaults.occasions();
    const messages = (moment: string): number => occasions.reduce((sum, each) => sum + (each.moment === moment ? each.times : 0), 0);
    const requests = environment.resourceManager.requests();
    const armReads = requests.filter(({ method }) => method === 'GET' || method === 'HEAD').length;
    return {
      transactions: storage('transaction'),
      rowWrites: storage('write', 'delete'),
      rowReads: storage('query', 'pointRead'),
      blobs: storage('blobWrite', 'blobRead'),
      sends: messages('send'),
      deliveries: messages('deliver'),
      settlements: messages('settle'),
      scheduled: (await queues.look()).scheduled,
      armReads,
      armEffects: requests.length - armReads,
    };
  };
  return {
    count: async (act) => {
      if (follows) await untilQuiet(queues);
      const before = await snapshot();
      await act();
      if (follows) await untilQuiet(queues);
      return difference(await snapshot(), before);
    },
    stop: queues.stop,
  };
}

function difference(after: RoundTrips, before: RoundTrips): RoundTrips {
  return {
    transactions: after.transactions - before.transactions,
    rowWrites: after.rowWrites - before.rowWrites,
    rowReads: after.rowReads - before.rowReads,
    blobs: after.blobs - before.blobs,
    sends: after.sends - before.sends,
    deliveries: after.deliveries - before.deliveries,
    settlements: after.settlements - before.settlements,
    scheduled: after.scheduled - before.scheduled,
    armReads: after.armReads - before.armReads,
    armEffects: after.armEffects - before.armEffects,
  };
}

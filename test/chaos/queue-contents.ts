import { ServiceBusClient } from '@azure/service-bus';
import Long from 'long';
import { listLetters, redriveLetters } from '../../infra/dead-letters/letters.ts';
import { queueNames, setAsideQueue } from '../../shared/contracts/queues.ts';

export type QueueContents = {
  /** Waiting or locked. */
  readonly active: number;
  readonly scheduled: number;
  /** When the first scheduled message comes, in milliseconds since the epoch; undefined where none is scheduled. */
  readonly nextAt: number | undefined;
  readonly dead: number;
  /** What nobody could handle, until a person sends it again. */
  readonly setAside: number;
};

export type QueueWatch = {
  readonly look: () => Promise<QueueContents>;
  /** Sends again what was set aside, as a person does when all is well again; gives how many there were. */
  readonly sendAgain: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

const pageSize = 500;

/** Looks into all queues without taking anything out. Where Service Bus is away it looks again. */
export function watchQueues(connectionString: string): QueueWatch {
  const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 1, retryDelayInMs: 200, timeoutInMs: 5_000 } });
  const look = async (): Promise<QueueContents> => {
    const contents = await Promise.all(queueNames.map((queue) => lookInto(client, queue)));
    const times = contents.flatMap(({ nextAt }) => nextAt ?? []);
    return {
      active: contents.reduce((sum, { active }) => sum + active, 0),
      scheduled: contents.reduce((sum, { scheduled }) => sum + scheduled, 0),
      nextAt: times.length === 0 ? undefined : times.reduce((first, time) => Math.min(first, time)),
      dead: contents.reduce((sum, { dead }) => sum + dead, 0),
      setAside: (await peekAll(client, setAsideQueue.name, undefined)).length,
    };
  };
  const sendAgain = async (): Promise<number> => {
    const letters = await listLetters(client, [setAsideQueue.name], Date.now());
    await redriveLetters(
      client,
      setAsideQueue.name,
      letters.map(({ id }) => id),
    );
    return letters.length;
  };
  return { look, sendAgain, stop: () => client.close() };
}

async function lookInto(client: ServiceBusClient, queue: string): Promise<Omit<QueueContents, 'setAside'>> {
  const waiting = await peekAll(client, queue, undefined);
  const scheduled = waiting.flatMap(({ state, scheduledAt }) => (state === 'scheduled' ? (scheduledAt ?? 0) : []));
  const dead = (await peekAll(client, queue, 'deadLetter')).length;
  const nextAt = scheduled.length === 0 ? undefined : scheduled.reduce((first, time) => Math.min(first, time));
  return { active: waiting.length - scheduled.length, scheduled: scheduled.length, nextAt, dead };
}

type Peeked = { readonly state: 'active' | 'deferred' | 'scheduled'; readonly scheduledAt: number | undefined };

async function peekAll(client: ServiceBusClient, queue: string, subQueueType: 'deadLetter' | undefined): Promise<readonly Peeked[]> {
  const receiver = client.createReceiver(queue, subQueueType === undefined ? {} : { subQueueType });
  try {
    const seen: Peeked[] = [];
    for (let from = Long.ONE; ; ) {
      const page = await receiver.peekMessages(pageSize, { fromSequenceNumber: from });
      seen.push(...page.map(({ state, scheduledEnqueueTimeUtc }) => ({ state, scheduledAt: scheduledEnqueueTimeUtc?.getTime() })));
      const last = page.at(-1)?.sequenceNumber;
      if (last === undefined) return seen;
      from = last.add(1);
    }
  } finally {
    await receiver.close();
  }
}

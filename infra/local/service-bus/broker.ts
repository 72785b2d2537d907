import { randomUUID } from 'node:crypto';
import { type Journal, makeMemoryJournal, readJournal, startJournal } from './journal.ts';
import { Queue } from './queue.ts';
import { QueueHost } from './queue-host.ts';
import type { QueueLimits } from './queue-types.ts';
import type { JournalRecord, QueueRecord } from './records.ts';
import { deadLetterSuffix, entityKey, type QueueSettings } from './settings.ts';

/** The queues of one namespace and what keeps them. */
export type Broker = {
  /** The queue or dead-letter queue at a path, compared without case. */
  readonly host: (path: string) => QueueHost | undefined;
  /** Stops timers and deliveries and closes the journal; everything answered before is durable. */
  readonly stop: () => Promise<void>;
};

/**
 * Opens the queues over what an earlier process left in `directory` (undefined: memory only). What it left of queues that are not
 * configured now is carried along untouched. Throws `JournalError` when the kept data is damaged.
 */
export async function openBroker(options: {
  readonly queues: readonly QueueSettings[];
  readonly directory: string | undefined;
  readonly now: () => number;
  /** Told when changes can no longer be kept; from then on every command fails. */
  readonly onFault: (error: unknown) => void;
}): Promise<Broker> {
  const uncommitted: JournalRecord[] = [];
  const queues = new Map<string, Queue>();
  for (const settings of options.queues) addQueues(queues, settings, options.now, uncommitted);

  const carried = options.directory === undefined ? [] : replay(queues, await readJournal(options.directory));
  for (const queue of queues.values()) queue.recover();
  uncommitted.splice(0);

  const journal = await openJournal(options.directory, [...carried.map((record) => [record]), ...snapshots(queues)]);
  const commit = (): Promise<void> => {
    const durable = journal.append(uncommitted.splice(0));
    durable.catch(options.onFault);
    return durable;
  };
  const hosts = makeHosts(queues, options.now, commit);
  for (const host of hosts.values()) host.serve();
  return {
    host: (path) => hosts.get(entityKey(path)),
    stop: async () => {
      for (const host of hosts.values()) host.stop();
      await journal.close();
    },
  };
}

/** Replays what was kept; returns the records of queues that are not there. */
function replay(queues: ReadonlyMap<string, Queue>, groups: readonly (readonly JournalRecord[])[]): JournalRecord[] {
  const others: JournalRecord[] = [];
  for (const { queue, record } of groups.flat()) {
    const known = queues.get(queue);
    if (known === undefined) others.push({ queue, record });
    else known.replay(record);
  }
  return others;
}

function openJournal(directory: string | undefined, groups: readonly (readonly JournalRecord[])[]): Promise<Journal> {
  return directory === undefined ? Promise.resolve(makeMemoryJournal()) : startJournal(directory, groups);
}

/** Adds a queue and its dead-letter queue, whose records go to `uncommitted`. */
function addQueues(queues: Map<string, Queue>, settings: QueueSettings, now: () => number, uncommitted: JournalRecord[]): void {
  const key = entityKey(settings.name);
  const deadLetterKey = `${key}${deadLetterSuffix}`;
  const world = (queue: string) => ({
    now,
    newLockToken: randomUUID,
    record: (record: QueueRecord) => void uncommitted.push({ queue, record }),
  });
  const deadLetters = new Queue(deadLetterLimits(settings), world(deadLetterKey), undefined);
  queues.set(key, new Queue(limits(settings), world(key), deadLetters));
  queues.set(deadLetterKey, deadLetters);
}

function limits(settings: QueueSettings): QueueLimits {
  return {
    lockDurationMs: settings.lockDurationMs,
    maxDeliveryCount: settings.maxDeliveryCount,
    duplicateDetectionWindowMs: settings.duplicateDetectionWindowMs,
    maxSizeBytes: settings.maxSizeBytes,
    defaultTtlMs: settings.defaultTtlMs,
    deadLetterOnExpiration: settings.deadLetterOnExpiration ?? false,
    requiresSession: settings.requiresSession ?? false,
  };
}

function deadLetterLimits(settings: QueueSettings): QueueLimits {
  const none = { duplicateDetectionWindowMs: undefined, maxSizeBytes: undefined, defaultTtlMs: undefined, requiresSession: false };
  return { ...limits(settings), ...none };
}

function makeHosts(queues: ReadonlyMap<string, Queue>, now: () => number, commit: () => Promise<void>): Map<string, QueueHost> {
  const hosts = new Map<string, QueueHost>();
  for (const [key, queue] of queues) {
    if (!key.endsWith(deadLetterSuffix)) continue;
    hosts.set(key, new QueueHost({ queue, deadLetters: undefined, now, commit }));
  }
  for (const [key, queue] of queues) {
    if (key.endsWith(deadLetterSuffix)) continue;
    hosts.set(key, new QueueHost({ queue, deadLetters: hosts.get(`${key}${deadLetterSuffix}`), now, commit }));
  }
  return hosts;
}

function* snapshots(queues: ReadonlyMap<string, Queue>): Generator<JournalRecord[]> {
  for (const [key, queue] of queues) {
    for (const record of queue.snapshot()) yield [{ queue: key, record }];
  }
}

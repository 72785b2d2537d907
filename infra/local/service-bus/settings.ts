/** What one queue promises. Durations are milliseconds, sizes are bytes. */
export type QueueSettings = {
  readonly name: string;
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  /** How long a message id is remembered; undefined turns duplicate detection off. */
  readonly duplicateDetectionWindowMs: number | undefined;
  /** Quota over the queue and its dead letters; without it the queue is bounded by the machine only. */
  readonly maxSizeBytes?: number;
  /** Longest life of a message; a longer `timeToLive` is cut to it, as Service Bus does. */
  readonly defaultTtlMs?: number;
  /** Whether an expired message becomes a dead letter (`TTLExpiredException`) instead of vanishing. Off by default, as in Service Bus. */
  readonly deadLetterOnExpiration?: boolean;
  /** Whether every message belongs to a session, whose messages one receiver at a time gets in order. Off by default, as in Service Bus. */
  readonly requiresSession?: boolean;
};

/** Largest message or batch of the standard tier, in bytes. Source: Service Bus quotas. */
export const maxMessageBytes = 256 * 1024;

/** Service Bus keeps a copy of each dead letter in a sub-queue of this name. */
export const deadLetterSuffix = '/$deadletterqueue';

const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** Entity names are compared without case, as Service Bus does. */
export function entityKey(name: string): string {
  return name.toLowerCase();
}

/** Lists every problem of a set of queues; an empty list means that they can be served. */
export function findSettingsProblems(queues: readonly QueueSettings[]): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const queue of queues) {
    if (!namePattern.test(queue.name) || queue.name.length > 260) problems.push(`queue name ${JSON.stringify(queue.name)} is not valid`);
    if (seen.has(entityKey(queue.name))) problems.push(`queue name ${queue.name} is used twice`);
    seen.add(entityKey(queue.name));
    for (const [field, value] of positiveIntegers(queue)) {
      if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
        problems.push(`${queue.name}: ${field} must be a positive integer`);
    }
  }
  return problems;
}

function positiveIntegers(queue: QueueSettings): readonly (readonly [string, number | undefined])[] {
  return [
    ['lockDurationMs', queue.lockDurationMs],
    ['maxDeliveryCount', queue.maxDeliveryCount],
    ['duplicateDetectionWindowMs', queue.duplicateDetectionWindowMs],
    ['maxSizeBytes', queue.maxSizeBytes],
    ['defaultTtlMs', queue.defaultTtlMs],
  ];
}

import { epochMsOf } from '../domain/instant.ts';
import type { DeadLetterCounts } from '../ports/dead-letters.ts';
import type { OperationIndex } from '../ports/operation-index.ts';
import type { Clock, Log } from '../ports/system.ts';

export type MeasureDeps = {
  readonly index: OperationIndex;
  readonly deadLetters: DeadLetterCounts;
  readonly clock: Clock;
  readonly log: Log;
};

/** An operation that has not ended after a day has outlived every deadline that the default policies know. */
const alarmAfterMs = 24 * 60 * 60 * 1000;
const countAtMost = 100;

/** Measures what should stay small and raises the alarm in the log; never searches for work and never changes anything. */
export function makeMeasureOperations(deps: MeasureDeps): () => Promise<void> {
  return async () => {
    const [oldest, deadLetters] = await Promise.all([deps.index.oldestWaiting(), deps.deadLetters.count(countAtMost)]);
    const oldestWaitingSeconds = oldest === undefined ? 0 : Math.round((epochMsOf(deps.clock.now()) - epochMsOf(oldest.createdAt)) / 1000);
    deps.log.info('measured', { oldestWaitingSeconds, ...deadLetters });
    if (oldestWaitingSeconds * 1000 > alarmAfterMs)
      deps.log.error('alarm: an operation does not end', { operationId: oldest?.id ?? '', oldestWaitingSeconds });
    for (const [queue, count] of Object.entries(deadLetters)) {
      if (count > 0) deps.log.error('alarm: dead letters wait', { queue, count });
    }
  };
}

/** Work that is waiting to be done together with what else waits under the same key. */
type Waiting<Job, Done> = { readonly job: Job; readonly resolve: (done: Done) => void; readonly reject: (error: unknown) => void };

/**
 * Does the work of one key one batch at a time: what comes while a batch is being done makes up the next one. Who asks too late to be done in time is told so by
 * `overfull`, and nothing is queued. A batch that throws fails all of its jobs.
 */
export function makeBatches<Job, Done>(
  doBatch: (key: string, jobs: readonly Job[]) => Promise<readonly Done[]>,
  longestQueue: number,
  overfull: () => Error,
): (key: string, job: Job) => Promise<Done> {
  const queues = new Map<string, Waiting<Job, Done>[]>();

  const drain = async (key: string): Promise<void> => {
    // What else is asked in this turn goes with the first.
    await Promise.resolve();
    for (let batch = queues.get(key) ?? []; batch.length > 0; batch = queues.get(key) ?? []) {
      queues.set(key, []);
      await settle(key, batch);
    }
    queues.delete(key);
  };

  const settle = async (key: string, batch: readonly Waiting<Job, Done>[]): Promise<void> => {
    try {
      const done = await doBatch(
        key,
        batch.map(({ job }) => job),
      );
      batch.forEach(({ resolve, reject }, index) => {
        const one = done[index];
        if (one === undefined) reject(new RangeError('a batch did not answer every job'));
        else resolve(one);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };

  return async (key, job) =>
    await new Promise<Done>((resolve, reject) => {
      const queue = queues.get(key);
      if (queue !== undefined && queue.length >= longestQueue) {
        reject(overfull());
        return;
      }
      queues.set(key, [...(queue ?? []), { job, resolve, reject }]);
      if (queue === undefined) void drain(key);
    });
}

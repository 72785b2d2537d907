/** A part that can be taken away and brought back with its data, at its address: what an outage is to everybody who uses it. */
export type Restartable = {
  readonly stop: () => Promise<void>;
  /** Brings it back where it is stopped, and is done at once where it is not. */
  readonly start: () => Promise<void>;
};

/** A restartable part, with what it is now; what it was before a restart is of no use any more. */
export type RestartablePart<Part> = Restartable & { readonly current: () => Part };

/**
 * Starts a part. `again` brings it back from what it was first, at the address that it had then. Whoever stops it twice, or while it is stopped, does no harm.
 */
export async function startRestartable<Part extends { readonly stop: () => Promise<void> }>(
  start: () => Promise<Part>,
  again: (first: Part) => Promise<Part>,
): Promise<RestartablePart<Part>> {
  const first = await start();
  let current = first;
  let running = true;
  return {
    current: () => current,
    stop: async () => {
      if (!running) return;
      running = false;
      await current.stop();
    },
    start: async () => {
      if (running) return;
      current = await again(first);
      running = true;
    },
  };
}

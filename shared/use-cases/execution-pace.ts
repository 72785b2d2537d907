/** How long the parts of an execution may take, in milliseconds. */
export type ExecutionPace = {
  /** From a claim to its outcome, before somebody else looks; longer than the longest call. */
  readonly leaseMs: number;
  /** How long Azure may go on with a call that it accepted. */
  readonly pollForMs: number;
  /** After a doubt, how long from one reading back to the next, growing; their sum is how long the outcome is looked for. */
  readonly readBackAfterMs: readonly [number, ...number[]];
};

/** The longest call takes two minutes. What came of one is looked for a quarter of an hour long, soon at first. */
export const usualPace: ExecutionPace = {
  leaseMs: 5 * 60_000,
  pollForMs: 24 * 60 * 60_000,
  readBackAfterMs: [5_000, 15_000, 40_000, 60_000, 120_000, 180_000, 240_000, 240_000],
};

/** So often a call that was certainly not sent, or that has no effect, is tried. */
export const maxAttempts = 3;

/** The same runs every time: a property that fails for one person fails for all. */
export const runs = { seed: 20_261_121, numRuns: 300 } as const;

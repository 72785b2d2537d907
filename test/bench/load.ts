import type { Samples } from './interleave.ts';

export type Load = { readonly samples: Samples; readonly perSecond: number };

/** Does something so many times, so many at once; the times of each and how many a second. */
export async function underLoad(count: number, atOnce: number, act: (index: number) => Promise<unknown>): Promise<Load> {
  const samples: number[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const from = performance.now();
      await act(index);
      samples.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  return { samples, perSecond: (1_000 * count) / (performance.now() - from) };
}

import { median } from './statistics.ts';

/** Milliseconds that one act took, again and again. */
export type Samples = readonly number[];

/**
 * Measures two things in turn, again and again, so that whatever else the machine does happens to both. The first turn is for warming up and does not count.
 */
export async function interleave(
  subject: () => Promise<Samples>,
  floor: () => Promise<Samples>,
  turns: number,
): Promise<{ readonly subject: readonly Samples[]; readonly floor: readonly Samples[] }> {
  const measured: { readonly subject: Samples; readonly floor: Samples }[] = [];
  for (let turn = 0; turn <= turns; turn += 1) {
    const both = { subject: await subject(), floor: await floor() };
    if (turn > 0) measured.push(both);
  }
  return { subject: measured.map((turn) => turn.subject), floor: measured.map((turn) => turn.floor) };
}

/** How long an act takes, so many times one after the other. */
export async function timesOf(count: number, act: (index: number) => unknown): Promise<Samples> {
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const from = performance.now();
    await act(index);
    samples.push(performance.now() - from);
  }
  return samples;
}

/** The median over the turns of how the first stands to the second in the same turn. */
export function pairedRatio(subject: readonly number[], floor: readonly number[]): number {
  return median(subject.map((value, turn) => value / (floor[turn] ?? Number.NaN)));
}

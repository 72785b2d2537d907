import type { JsonValue } from '../../shared/domain/json.ts';
import type { Masker } from '../../shared/ports/masker.ts';

export type Speed = { readonly megabytesPerSecond: number; readonly timesJson: number };

const runs = 5;

/** How fast a value is masked, beside reading and writing it as JSON. The best of a few runs, since other things run too. */
export async function measureSpeed(masker: Masker, value: JsonValue): Promise<Speed> {
  const text = JSON.stringify(value);
  const maskMs = await best(() => masker.mask(value));
  const jsonMs = await best(async () => JSON.stringify(JSON.parse(text)));
  return { megabytesPerSecond: text.length / 1_000_000 / (maskMs / 1_000), timesJson: maskMs / jsonMs };
}

async function best(run: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < runs; index += 1) {
    const start = performance.now();
    await run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

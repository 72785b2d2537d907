import { makeSecretlintMasker } from '../../shared/adapters/secretlint/secretlint-masker.ts';
import { ordinaryBodies } from '../support/ordinary-bodies.ts';
import type { Benchmark } from './benchmark.ts';
import { interleave, type Samples, timesOf } from './interleave.ts';
import { type Row, rateRow } from './rows.ts';
import { median } from './statistics.ts';

const turns = 5;
const lengths = [
  { what: 'of 64 KiB', length: 65_536, times: 8 },
  { what: 'of 4 MiB', length: 4_194_304, times: 1 },
] as const;

/** What comes back from Azure on its way to whoever may read it. */
export const maskingBenchmark: Benchmark = {
  name: 'masking',
  about: 'masking of results: MB/s, beside JSON.parse and JSON.stringify of them',
  run: async ({ progress }) => {
    const masker = makeSecretlintMasker({ personalData: [] });
    const rows: Row[] = [];
    for (const { kind, body } of ordinaryBodies.filter(({ kind }) => kind === 'a list of resources' || kind === 'a log in lines')) {
      for (const { what, length, times } of lengths) {
        progress(`${kind} ${what}`);
        const value = body(length);
        const text = JSON.stringify(value);
        const measured = await interleave(
          () => timesOf(times, () => masker.mask(value)),
          () => timesOf(times, () => JSON.stringify(JSON.parse(text))),
          turns,
        );
        const rate = (turnsOfSamples: readonly Samples[]) => turnsOfSamples.map((samples) => text.length / 1_000 / median(samples));
        const floor = { is: 'JSON.parse and JSON.stringify of it', turns: rate(measured.floor) };
        rows.push(rateRow(`mask ${kind} ${what}`, 'MB/s', rate(measured.subject), floor));
      }
    }
    return rows;
  },
};

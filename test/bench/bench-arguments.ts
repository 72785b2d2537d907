import { parseArgs } from 'node:util';
import type { Benchmark, RunSize } from './benchmark.ts';

export type BenchArguments = { readonly only: string | undefined; readonly json: boolean; readonly size: RunSize };

export type ReadArguments =
  | { readonly kind: 'run'; readonly options: BenchArguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'problem'; readonly problem: string };

const options = {
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  full: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export function usageOf(benchmarks: readonly Pick<Benchmark, 'name' | 'about'>[]): string {
  const names = benchmarks.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n');
  return `Usage: npm run bench -- [options]

Measures Countersign as it is shipped against the stand-ins of npm start. Prints one table: medians of interleaved repetitions, each beside a floor that was measured
in the same run. A ratio says how many times worse than the floor.

  --only NAME  one benchmark:
${names.replaceAll(/^/gm, '  ')}
  --json       the result as JSON
  --quick      few repetitions: tells whether everything works, not how fast
  --full       the memory of a host after 10,000 and 50,000 operations, which takes far more than ten minutes
  --help

Ends with 0, with 1 where a benchmark failed, 2 where it did not understand.`;
}

export function readBenchArguments(args: readonly string[], names: readonly string[]): ReadArguments {
  try {
    const { only, json, quick, full, help } = parseArgs({ args: [...args], options }).values;
    if (help) return { kind: 'help' };
    if (only !== undefined && !names.includes(only)) throw new RangeError(`--only takes one of ${names.join(', ')}.`);
    if (quick && full) throw new RangeError('--quick and --full exclude each other.');
    return { kind: 'run', options: { only, json, size: quick ? 'quick' : full ? 'full' : 'usual' } };
  } catch (error) {
    return { kind: 'problem', problem: error instanceof Error ? error.message : 'The options are not understood.' };
  }
}

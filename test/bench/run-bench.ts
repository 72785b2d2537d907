import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildFunctions } from '../../infra/build.ts';
import { interruption } from '../support/interruption.ts';
import { type BenchArguments, readBenchArguments, usageOf } from './bench-arguments.ts';
import { startBenchEnvironment } from './bench-environment.ts';
import type { Benchmark, BenchWorld } from './benchmark.ts';
import { decisionBenchmark } from './decision-benchmark.ts';
import { eventsBenchmark } from './events-benchmark.ts';
import { executionBenchmark } from './execution-benchmark.ts';
import { listingBenchmark } from './listing-benchmark.ts';
import { describeMachine } from './machine.ts';
import { maskingBenchmark } from './masking-benchmark.ts';
import { memoryBenchmark } from './memory-benchmark.ts';
import { type BenchResult, resultJson, resultText } from './report.ts';
import { roundTripsBenchmark } from './round-trips-benchmark.ts';
import { startBenchmark } from './start-benchmark.ts';
import { submitBenchmark } from './submit-benchmark.ts';

/** What needs only this process comes first, while nothing else runs. */
const benchmarks: readonly Benchmark[] = [
  startBenchmark,
  decisionBenchmark,
  maskingBenchmark,
  eventsBenchmark,
  roundTripsBenchmark,
  submitBenchmark,
  executionBenchmark,
  listingBenchmark,
  memoryBenchmark,
];

const read = readBenchArguments(
  process.argv.slice(2),
  benchmarks.map(({ name }) => name),
);
if (read.kind === 'help') console.log(usageOf(benchmarks));
else if (read.kind === 'problem') {
  console.error(`${read.problem}\n\n${usageOf(benchmarks)}`);
  process.exitCode = 2;
} else process.exit(await runBenchmarks(read.options));

/** Within the project, so that a functions host finds `host.json` above the bundle. */
async function makeDirectory(): Promise<string> {
  const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
  await mkdir(cache, { recursive: true });
  return await mkdtemp(join(cache, 'bench-'));
}

/** 0 where every benchmark could be run, 1 where one could not. */
async function runBenchmarks(options: BenchArguments): Promise<number> {
  const directory = await makeDirectory();
  try {
    return await Promise.race([runIn(directory, options), interruption()]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runIn(directory: string, { only, json, size }: BenchArguments): Promise<number> {
  const machine = describeMachine(new Date());
  const results: BenchResult[] = [];
  let bundle: Promise<string> | undefined;
  for (const benchmark of benchmarks.filter(({ name }) => only === undefined || name === only)) {
    const world = worldOf(benchmark.name, directory, size, () => {
      bundle ??= buildFunctions(join(directory, 'bundle'));
      return bundle;
    });
    results.push(await runOne(benchmark, world));
  }
  console.log(json ? resultJson(machine, results) : resultText(machine, results));
  return results.some((result) => 'failure' in result) ? 1 : 0;
}

function worldOf(name: string, directory: string, size: BenchWorld['size'], bundle: BenchWorld['bundle']): BenchWorld {
  return {
    directory,
    bundle,
    size,
    progress: (text) => console.error(`${name}: ${text}`),
    withEnvironment: async (needs, use) => {
      console.error(`${name}: the environment comes up`);
      const environment = await startBenchEnvironment({
        directory: join(directory, name),
        entry: await bundle(),
        counts: false,
        limits: false,
        ...needs,
      });
      try {
        return await use(environment);
      } finally {
        await environment.stop();
      }
    },
  };
}

async function runOne({ name, run }: Benchmark, world: BenchWorld): Promise<BenchResult> {
  const from = performance.now();
  const seconds = (): number => Math.round((performance.now() - from) / 100) / 10;
  try {
    const rows = await run(world);
    console.error(`${name}: done in ${seconds()} s`);
    return { name, seconds: seconds(), rows };
  } catch (error) {
    console.error(`${name}: failed`, error);
    return { name, seconds: seconds(), failure: error instanceof Error ? error.message : 'It failed.' };
  }
}

import { z } from 'zod';
import { until } from '../support/api-client.ts';
import type { BenchEnvironment } from './bench-environment.ts';
import type { Benchmark, RunSize } from './benchmark.ts';
import { playOperations } from './play-operations.ts';
import type { Row } from './rows.ts';

const megabyte = 1_000_000;
const counts: Readonly<Record<RunSize, readonly [number, number, number]>> = {
  quick: [20, 40, 80],
  usual: [300, 600, 1_500],
  full: [1_000, 10_000, 50_000],
};

/** Whether a functions host keeps anything of what it has done: what is left after collecting garbage, after more and more operations. */
export const memoryBenchmark: Benchmark = {
  name: 'memory',
  about: 'memory of a functions host after operations from submission to outcome; --full asks for 10,000 and 50,000',
  run: async (world) => {
    const reports: Memory[] = [];
    const onLine = (line: string): void => {
      const report = line.startsWith('{"event":"memory"') ? memory.safeParse(JSON.parse(line)) : undefined;
      if (report?.success === true) reports.push(report.data);
    };
    return await world.withEnvironment({ role: 'all', onLine, preload: 'memory-report.ts' }, async (environment) => {
      const [warm, first, second] = counts[world.size];
      const playUpTo = async (from: number, count: number): Promise<Memory> => {
        await playOperations(environment, count - from, world.progress);
        const found = await lookAt(environment, reports);
        world.progress(`after ${count} operations: heap ${found.heapUsed / megabyte} MB of ${found.rss / megabyte} MB`);
        return found;
      };
      const before = await playUpTo(0, warm);
      const rows: Row[] = [];
      let done = warm;
      for (const count of [first, second]) {
        const after = await playUpTo(done, count);
        done = count;
        const what = `after ${count.toLocaleString('en')} operations`;
        const is = `after ${warm.toLocaleString('en')}`;
        rows.push(
          beside(`heap of a host ${what}`, after.heapUsed, before.heapUsed, is),
          beside(`memory of a host ${what}`, after.rss, before.rss, is),
        );
      }
      return rows;
    });
  },
};

const memory = z.object({ rss: z.number(), heapUsed: z.number() });
type Memory = z.output<typeof memory>;

function beside(what: string, bytes: number, floorBytes: number, is: string): Row {
  return { what, value: bytes / megabyte, unit: 'MB', floor: { is, value: floorBytes / megabyte, ratio: bytes / floorBytes } };
}

async function lookAt({ host }: BenchEnvironment, reports: readonly Memory[]): Promise<Memory> {
  const seen = reports.length;
  process.kill(host.pid, 'SIGUSR2');
  await until(async () => reports.length > seen);
  const report = reports[seen];
  if (report === undefined) throw new Error('The host did not tell of its memory.');
  return report;
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchWorld } from './benchmark.ts';
import { type DecisionPath, prepareDecisionPath } from './decision-path.ts';
import { interleave, type Samples, timesOf } from './interleave.ts';
import { aimed, type Row, timeRow } from './rows.ts';
import { writePolicies } from './sample-policies.ts';
import { commandOf, deploymentOf, ordinaryWrite } from './sample-requests.ts';
import { quantile } from './statistics.ts';

const turns = 5;
const kibibyte = 1_024;

/** The way of a request from its bytes to the decision, without any server; Azure's answers are at hand. */
export const decisionBenchmark: Benchmark = {
  name: 'decision',
  about:
    'parse, canonical form, risk and policy of a request: p50, p99 with 10, 100 and 1,000 policies; a template of 1 MiB; a script of 64 KiB',
  run: async (world) => {
    const rows: Row[] = [];
    for (const count of [10, 100, 1_000]) {
      world.progress(`${count} policies`);
      const path = await pathWith(world, count);
      rows.push(...(await besideCedar(path, count, world.size === 'quick' ? 20 : 400)));
    }
    const path = await pathWith(world, 100);
    world.progress('large bodies');
    rows.push(await besideJson(path, 'a deployment with a template of 1 MiB', deploymentOf(kibibyte * kibibyte)));
    rows.push(await besideJson(path, 'a command with a script of 64 KiB', commandOf(64 * kibibyte)));
    return rows;
  },
};

async function pathWith(world: BenchWorld, count: number): Promise<DecisionPath> {
  const directory = join(world.directory, `policies-${count}`);
  await mkdir(directory, { recursive: true });
  await writePolicies(directory, count);
  return await prepareDecisionPath(directory);
}

async function besideCedar(path: DecisionPath, count: number, times: number): Promise<readonly Row[]> {
  const call = await path.bareCall(ordinaryWrite);
  const measured = await interleave(
    () => timesOf(times, () => path.decide(ordinaryWrite)),
    () => timesOf(times, call),
    turns,
  );
  const is = 'one bare Cedar call';
  const row = (share: number, name: string) =>
    timeRow(`decision, ${count.toLocaleString('en')} policies, ${name}`, each(measured.subject, share), {
      is,
      turns: each(measured.floor, share),
    });
  const [p50, p99] = [row(0.5, 'p50'), row(0.99, 'p99')];
  return [p50, count === 100 ? aimed(p99, 'under 1 ms', p99.value < 1) : p99];
}

async function besideJson(path: DecisionPath, name: string, body: Uint8Array): Promise<Row> {
  const text = Buffer.from(body).toString('utf8');
  const measured = await interleave(
    () => timesOf(3, () => path.decide(body)),
    () => timesOf(3, () => JSON.stringify(JSON.parse(text))),
    turns,
  );
  const floor = { is: 'JSON.parse and JSON.stringify of it', turns: each(measured.floor, 0.5) };
  return timeRow(`decision, ${name}, p50`, each(measured.subject, 0.5), floor);
}

function each(turnsOfSamples: readonly Samples[], share: number): readonly number[] {
  return turnsOfSamples.map((samples) => quantile(samples, share));
}

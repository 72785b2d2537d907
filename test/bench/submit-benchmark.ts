import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { startFunctionsHost } from '../../infra/local/functions-host/start.ts';
import type { Target } from '../support/api-client.ts';
import type { BenchEnvironment } from './bench-environment.ts';
import type { Benchmark } from './benchmark.ts';
import { type FloorClients, type FloorRows, makeFloorClients } from './floor-clients.ts';
import { type Load, underLoad } from './load.ts';
import { readAtOnce, writeUnasked } from './measured-operations.ts';
import { aimed, type Row, rateRow, timeRow } from './rows.ts';
import { quantile } from './statistics.ts';
import { rowsOf } from './stored-rows.ts';

const atOnce = 16;
const throughputAim = 1.5;

/** Submitting over HTTP to the edge, while nobody works on what was submitted, beside the least that keeps a request safe. */
export const submitBenchmark: Benchmark = {
  name: 'submit',
  about: 'submitting over HTTP: p50, p99, throughput, beside one batch send and one entity-group transaction on the same stand-ins',
  run: async (world) =>
    await world.withEnvironment({ role: 'edge' }, async (environment) => {
      const floor = await startFloor(environment);
      try {
        return await measure(
          environment,
          floor,
          world.size === 'quick' ? { turns: 1, count: 32 } : { turns: 5, count: 120 },
          world.progress,
        );
      } finally {
        await floor.stop();
      }
    }),
};

type Floor = { readonly clients: FloorClients; readonly overHttp: (rows: string) => Promise<void>; readonly stop: () => Promise<void> };

/** A functions host of its own beside the edge's, with one function. */
async function startFloor({ storageConnectionString, messagesConnectionString }: BenchEnvironment): Promise<Floor> {
  const host = await startFunctionsHost({
    entry: fileURLToPath(new URL('floor-functions.ts', import.meta.url)),
    port: 0,
    env: { PATH: process.env['PATH'] ?? '', STORAGE: storageConnectionString, SERVICE_BUS: messagesConnectionString },
  });
  const clients = makeFloorClients(storageConnectionString, messagesConnectionString);
  return {
    clients,
    overHttp: async (rows) => {
      const answer = await fetch(`${host.address}/api/floor`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: rows,
      });
      if (answer.status !== 202) throw new Error(`The floor answered ${answer.status}.`);
      await answer.arrayBuffer();
    },
    stop: async () => {
      await clients.close();
      await host.stop();
    },
  };
}

type Variant = 'submit' | 'submitWrite' | 'overHttp' | 'bare';
type Loads = { readonly alone: Load; readonly together: Load };
type Turn = Readonly<Record<Variant, Loads>>;

async function measure(
  environment: BenchEnvironment,
  floor: Floor,
  { turns, count }: { readonly turns: number; readonly count: number },
  progress: (text: string) => void,
): Promise<readonly Row[]> {
  const acts = actsOf(environment, floor, await sampleRows(environment));
  const measured: Turn[] = [];
  // The first turn is for warming up.
  for (let turn = 0; turn <= turns; turn += 1) {
    progress(turn === 0 ? 'warming up' : `turn ${turn} of ${turns}`);
    const results: Turn = {
      submit: await loads(acts.submit, count),
      overHttp: await loads(acts.overHttp, count),
      submitWrite: await loads(acts.submitWrite, count),
      bare: await loads(acts.bare, count),
    };
    if (turn > 0) measured.push(results);
  }
  return rows(measured);
}

async function loads(act: () => Promise<void>, count: number): Promise<Loads> {
  return { alone: await underLoad(count / 4, 1, act), together: await underLoad(count, atOnce, act) };
}

async function sampleRows(environment: BenchEnvironment): Promise<FloorRows> {
  const { id } = (await environment.api.submit('deploy-agent', readAtOnce)).operation();
  return await rowsOf(environment.storageConnectionString, id);
}

function actsOf(
  { api }: BenchEnvironment,
  { clients, overHttp }: Floor,
  sample: FloorRows,
): Readonly<Record<Variant, () => Promise<void>>> {
  const text = JSON.stringify(sample);
  const submit = async (target: Target): Promise<void> => {
    const answer = await api.submit('deploy-agent', target);
    if (answer.status !== 202) throw new Error(`A submission was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  };
  return {
    submit: () => submit(readAtOnce),
    submitWrite: () => submit(writeUnasked(`st${randomBytes(8).toString('hex')}`)),
    overHttp: () => overHttp(text),
    bare: () => clients.sendAndStore(sample),
  };
}

function rows(measured: readonly Turn[]): readonly Row[] {
  const times = (variant: Variant, share: number) => measured.map((turn) => quantile(turn[variant].alone.samples, share));
  const rates = (variant: Variant) => measured.map((turn) => turn[variant].together.perSecond);
  const least = 'one send and one transaction behind the same kind of host';
  const throughput = rateRow(`submit a read, ${atOnce} at once`, '/s', rates('submit'), { is: least, turns: rates('overHttp') });
  return [
    timeRow('submit a read, p50', times('submit', 0.5), { is: least, turns: times('overHttp', 0.5) }),
    timeRow('submit a read, p99', times('submit', 0.99), { is: least, turns: times('overHttp', 0.99) }),
    aimed(throughput, `within ${throughputAim} times`, (throughput.floor?.ratio ?? Number.POSITIVE_INFINITY) <= throughputAim),
    timeRow('submit a write, with four reads of Azure, p50', times('submitWrite', 0.5), { is: least, turns: times('overHttp', 0.5) }),
    timeRow('the floor itself, p50', times('overHttp', 0.5), { is: 'one send and one transaction, no HTTP', turns: times('bare', 0.5) }),
    rateRow(`the floor itself, ${atOnce} at once`, '/s', rates('overHttp'), { is: 'no HTTP', turns: rates('bare') }),
  ];
}

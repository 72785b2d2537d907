import { odata, TableClient, type TransactionAction } from '@azure/data-tables';
import { agents, subscriptionId } from '../../infra/local/seed.ts';
import { systemIds } from '../../shared/adapters/system/system.ts';
import { tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import { indexRow, listAddress, listPrefix, shardCount } from '../../shared/adapters/table-storage/index-rows.ts';
import { instantFromEpochMs } from '../../shared/domain/instant.ts';
import type { IndexEntry } from '../../shared/ports/operation-index.ts';
import type { BenchEnvironment } from './bench-environment.ts';
import type { Benchmark } from './benchmark.ts';
import { interleave, type Samples, timesOf } from './interleave.ts';
import { playOperations } from './play-operations.ts';
import { type Row, timeRow } from './rows.ts';
import { median } from './statistics.ts';

const turns = 5;
const top = 50;
const days = 30;
const dayMs = 86_400_000;
/** A transaction takes at most a hundred rows of one partition. */
const rowsTogether = 100;
const writesAtOnce = 4;
const toldEach = 10_000;

/** The newest operations, listed over HTTP, while more and more are stored. The older lines are put into the table as the adapter writes them, not by submitting so many. */
export const listingBenchmark: Benchmark = {
  name: 'listing',
  about: 'the newest 50 operations of an agent over HTTP, with 1,000 and with 100,000 stored, beside the bare queries',
  run: async (world) =>
    await world.withEnvironment({ role: 'all' }, async (environment) => {
      // What is listed is read and judged, one by one, so that the newest must be there.
      await playOperations(environment, top + 1, world.progress);
      const tables = TableClient.fromConnectionString(environment.storageConnectionString, tableNames.index, {
        allowInsecureConnection: true,
      });
      const counts = world.size === 'quick' ? [100, 500] : [1_000, 100_000];
      const rows: Row[] = [];
      let stored = 0;
      for (const count of counts) {
        await fill(tables, count - stored, (done) => world.progress(`${done + stored} of ${count} lines stored`));
        stored = count;
        rows.push(await measure(environment, tables, `list ${top} of ${count.toLocaleString('en')}, p50`));
      }
      return rows;
    }),
};

async function measure({ api }: BenchEnvironment, tables: TableClient, what: string): Promise<Row> {
  const list = async (): Promise<void> => {
    const answer = await api.send('auditor', 'GET', `/operations?top=${top}`);
    if (answer.status !== 200 || !answer.text.includes('"nextLink"'))
      throw new Error(`A listing was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  };
  const measured = await interleave(
    () => timesOf(10, list),
    () => timesOf(10, () => bareQueries(tables)),
    turns,
  );
  const medians = (samples: readonly Samples[]) => samples.map((turn) => median(turn));
  return timeRow(what, medians(measured.subject), { is: 'the same queries of the table alone', turns: medians(measured.floor) });
}

/** One page of each shard, all at once. */
async function bareQueries(tables: TableClient): Promise<void> {
  const pages = Array.from({ length: shardCount }, async (_, shard) => {
    const prefix = listPrefix(shard);
    const filter = odata`PartitionKey ge ${prefix} and PartitionKey le ${`${prefix}~`}`;
    return await tables
      .listEntities({ queryOptions: { filter } })
      .byPage({ maxPageSize: 2 * Math.ceil(top / shardCount) + 1 })
      .next();
  });
  await Promise.all(pages);
}

async function fill(tables: TableClient, count: number, progress: (done: number) => void): Promise<void> {
  const partitions = new Map<string, TransactionAction[]>();
  for (let index = 0; index < count; index += 1) {
    const entry = sampleEntry(index);
    const row = indexRow(listAddress(entry), entry);
    const partition = partitions.get(row.partitionKey) ?? [];
    partition.push(['create', { ...row }]);
    partitions.set(row.partitionKey, partition);
  }
  const transactions = [...partitions.values()].flatMap((actions) =>
    Array.from({ length: Math.ceil(actions.length / rowsTogether) }, (_, part) =>
      actions.slice(part * rowsTogether, (part + 1) * rowsTogether),
    ),
  );
  let done = 0;
  const write = async (): Promise<void> => {
    for (let actions = transactions.pop(); actions !== undefined; actions = transactions.pop()) {
      await tables.submitTransaction(actions);
      done += actions.length;
      if (Math.floor(done / toldEach) > Math.floor((done - actions.length) / toldEach)) progress(done);
    }
  };
  await Promise.all(Array.from({ length: writesAtOnce }, write));
}

function sampleEntry(index: number): IndexEntry {
  const at = instantFromEpochMs(Date.now() - dayMs - ((index * 7_919) % days) * dayMs - index);
  const [agent] = agents;
  return {
    id: systemIds.operationId(),
    sequence: 9,
    status: 'succeeded',
    action: 'microsoft.storage/storageaccounts/write',
    agentId: agent?.objectId ?? '',
    agentName: agent?.name ?? '',
    riskLevel: 'medium',
    resourceId: `/subscriptions/${subscriptionId}/resourcegroups/rg-dev/providers/microsoft.storage/storageaccounts/st${index}`,
    createdAt: at,
    updatedAt: at,
  };
}

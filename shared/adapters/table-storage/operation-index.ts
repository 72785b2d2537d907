import { odata, type TableClient } from '@azure/data-tables';
import { hasEnded } from '../../domain/operation.ts';
import type { IndexEntry, IndexPage, IndexQuery, OperationIndex } from '../../ports/operation-index.ts';
import { StoreError } from '../../ports/operation-store.ts';
import { encodeContinuation, parseContinuation } from './continuation-token.ts';
import { invertedDay, invertedDayOfOrderKey, invertedTime, orderKey } from './index-order.ts';
import {
  entryFromRow,
  indexRow,
  listAddress,
  listPrefix,
  type ReadEntry,
  type RowAddress,
  shardCount,
  waitingAddress,
  waitingPartition,
} from './index-rows.ts';
import { mergeOrdered } from './merge-ordered.ts';
import { bounded, failureOf, storeErrorOf } from './translate-errors.ts';

/**
 * The listing in the table `operationIndex`: a row an operation, spread by day and by a hash of its id, merged when read; and a second row
 * while it has not ended. Throws StoreError.
 *
 * The two rows are no transaction. A waiting row is written before and deleted after the row of the listing, so that a crash in between leaves a
 * waiting row too many, never one too few; one too many is found by {@link OperationIndex.oldestWaiting} and by the next put.
 */
export function makeTableOperationIndex({ tables }: { readonly tables: TableClient }): OperationIndex {
  return {
    put: async (entry) => {
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        if (await tryPut(tables, entry)) return;
      }
      throw new StoreError('unreachable', `the index entry of ${entry.id} changes too fast`);
    },
    query: async (query) => {
      if (!Number.isInteger(query.top) || query.top < 1 || query.top > 1000) throw new RangeError('top is not from 1 to 1,000');
      const start = parseContinuation(query);
      return start === 'badContinuation' ? start : readPage(tables, query, start.after);
    },
    oldestWaiting: async () => {
      const candidates = await Promise.all(shards.map((shard) => firstWaiting(tables, shard)));
      return candidates.filter((entry) => entry !== undefined).sort((a, b) => (waitingKey(a) < waitingKey(b) ? -1 : 1))[0];
    },
  };
}

const shards = Array.from({ length: shardCount }, (_, shard) => shard);

/** Each failed attempt means that another writer got through with a newer entry. */
const maxAttempts = 20;

/** False where somebody else wrote the row of the listing meanwhile. */
async function tryPut(tables: TableClient, entry: IndexEntry): Promise<boolean> {
  const known = await readEntry(tables, listAddress(entry));
  const newest = known !== undefined && known.entry.sequence >= entry.sequence ? known.entry : entry;
  if (newest === entry) {
    if (!hasEnded(entry.status)) await upsert(tables, waitingAddress(entry), entry);
    if (!(await write(tables, entry, known?.etag))) return false;
  }
  if (hasEnded(newest.status)) await remove(tables, waitingAddress(entry));
  return true;
}

async function readEntry(tables: TableClient, { partitionKey, rowKey }: RowAddress): Promise<ReadEntry | undefined> {
  try {
    return entryFromRow(await tables.getEntity(partitionKey, rowKey, bounded()), listAddress);
  } catch (error) {
    if (failureOf(error) === 'absent') return undefined;
    throw storeErrorOf(error, 'reading the index');
  }
}

async function write(tables: TableClient, entry: IndexEntry, etag: string | undefined): Promise<boolean> {
  const row = indexRow(listAddress(entry), entry);
  try {
    if (etag === undefined) await tables.createEntity({ ...row }, bounded());
    else await tables.updateEntity({ ...row }, 'Replace', { etag, ...bounded() });
    return true;
  } catch (error) {
    if (['exists', 'changed', 'absent'].includes(failureOf(error))) return false;
    throw storeErrorOf(error, 'writing the index');
  }
}

async function upsert(tables: TableClient, address: RowAddress, entry: IndexEntry): Promise<void> {
  try {
    await tables.upsertEntity({ ...indexRow(address, entry) }, 'Replace', bounded());
  } catch (error) {
    throw storeErrorOf(error, 'writing the index');
  }
}

async function remove(tables: TableClient, { partitionKey, rowKey }: RowAddress): Promise<void> {
  try {
    await tables.deleteEntity(partitionKey, rowKey, bounded());
  } catch (error) {
    if (failureOf(error) !== 'absent') throw storeErrorOf(error, 'writing the index');
  }
}

async function readPage(tables: TableClient, query: IndexQuery, after: string | undefined): Promise<IndexPage> {
  const pageSize = 2 * Math.ceil(query.top / shardCount) + 1;
  const streams = shards.map((shard) => readEntries(tables, filterOf(query, after, shard), pageSize, listAddress));
  const entries: IndexEntry[] = [];
  for await (const { entry } of mergeOrdered(streams, ({ entry }) => orderKey(entry.createdAt, entry.id))) {
    const last = entries.at(-1);
    if (last !== undefined && entries.length === query.top) {
      return { entries, continuationToken: encodeContinuation(query, orderKey(last.createdAt, last.id)) };
    }
    entries.push(entry);
  }
  return { entries };
}

/** One range of keys and conditions joined by `and` only: an `or` makes Table Storage read the whole table. */
function filterOf({ status, agentId, action, from, to }: IndexQuery, after: string | undefined, shard: number): string {
  const prefix = listPrefix(shard);
  const newest = [after === undefined ? '' : invertedDayOfOrderKey(after), to === undefined ? '' : invertedDay(to)].sort().at(-1);
  const oldest = from === undefined ? '~' : invertedDay(from);
  const conditions = [odata`PartitionKey ge ${`${prefix}${newest}`}`, odata`PartitionKey le ${`${prefix}${oldest}`}`];
  if (after !== undefined) conditions.push(odata`RowKey gt ${after}`);
  if (to !== undefined) conditions.push(odata`RowKey gt ${`${invertedTime(to)}.`}`);
  if (from !== undefined) conditions.push(odata`RowKey lt ${`${invertedTime(from)}.`}`);
  if (status !== undefined) conditions.push(odata`status eq ${status}`);
  if (agentId !== undefined) conditions.push(odata`agentId eq ${agentId}`);
  if (action !== undefined) conditions.push(odata`action eq ${action}`);
  return conditions.join(' and ');
}

/** The oldest of a shard that has really not ended; rows of what has ended are left by a crash, and are removed on the way. */
async function firstWaiting(tables: TableClient, shard: number): Promise<IndexEntry | undefined> {
  const filter = odata`PartitionKey eq ${waitingPartition(shard)}`;
  for await (const { entry } of readEntries(tables, filter, 10, waitingAddress)) {
    const listed = await readEntry(tables, listAddress(entry));
    if (listed === undefined || !hasEnded(listed.entry.status)) return listed?.entry ?? entry;
    await remove(tables, waitingAddress(entry));
  }
  return undefined;
}

async function* readEntries(
  tables: TableClient,
  filter: string,
  pageSize: number,
  addressOf: (entry: IndexEntry) => RowAddress,
): AsyncGenerator<ReadEntry> {
  const pages = tables.listEntities({ queryOptions: { filter }, ...bounded() }).byPage({ maxPageSize: pageSize });
  try {
    for await (const page of pages) yield* page.map((row) => entryFromRow(row, addressOf));
  } catch (error) {
    throw storeErrorOf(error, 'reading the index');
  }
}

function waitingKey(entry: IndexEntry): string {
  return waitingAddress(entry).rowKey;
}

import { odata, type TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAddress } from '../../../shared/adapters/table-storage/index-rows.ts';
import { makeTableOperationIndex } from '../../../shared/adapters/table-storage/operation-index.ts';
import { instant } from '../../../shared/domain/instant.ts';
import { describeOperationIndex, entryOf } from '../../contracts/operation-index-contract.ts';
import { type Storage, startStorage } from './azurite-harness.ts';
import { failingNetwork } from './failing-network.ts';

let storage: Storage;
beforeAll(async () => {
  storage = await startStorage([]);
});
afterAll(() => storage.stop());

let made = 0;
async function openIndex() {
  made += 1;
  const tables = storage.table(`index${made}`, { retryOptions: { maxRetries: 0 } });
  await tables.createTable();
  return { tables, network: failingNetwork(tables.pipeline), index: makeTableOperationIndex({ tables }) };
}

describeOperationIndex('Table Storage', async () => (await openIndex()).index);

async function codeOf(doing: Promise<unknown>): Promise<unknown> {
  return doing.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

/** `list` and `waiting`, as far as the operation has such rows. */
async function partitionsOf(tables: TableClient, id: string): Promise<readonly string[]> {
  const partitions: string[] = [];
  for await (const row of tables.listEntities({ queryOptions: { filter: odata`id eq ${id}` } })) {
    partitions.push(String(row.partitionKey).replace(/-.*$/, ''));
  }
  return partitions;
}

describe('an index in Table Storage', () => {
  it('says unreachable where it cannot read or write', async () => {
    const { index, network } = await openIndex();
    network.fail('GET', 'refused');
    expect(await codeOf(index.query({ top: 1 }))).toBe('unreachable');
    network.fail('PUT', 'refused');
    expect(await codeOf(index.put(entryOf()))).toBe('unreachable');
  });

  it('already counts as waiting what was not listed because of a crash', async () => {
    const { index, network } = await openIndex();
    const entry = entryOf();
    network.fail('POST', 'refused');
    expect(await codeOf(index.put(entry))).toBe('unreachable');
    expect([await index.oldestWaiting(), await index.query({ top: 1 })]).toEqual([entry, { entries: [] }]);
  });

  it('does not count as waiting what has ended and was left by a crash, and removes it', async () => {
    const { index, network, tables } = await openIndex();
    const [ended, waiting] = [entryOf(), entryOf({ createdAt: instant('2026-11-22T00:00:00.000Z') })];
    await index.put(ended);
    await index.put(waiting);
    network.fail('DELETE', 'refused');
    expect(await codeOf(index.put({ ...ended, sequence: 4, status: 'cancelled' }))).toBe('unreachable');
    expect(await partitionsOf(tables, ended.id)).toEqual(['list', 'waiting']);
    expect(await index.oldestWaiting()).toEqual(waiting);
    expect(await partitionsOf(tables, ended.id)).toEqual(['list']);
  });

  it('removes on the next put of an ended operation what a crash left', async () => {
    const { index, network, tables } = await openIndex();
    const entry = entryOf();
    const ended = { ...entry, sequence: 4, status: 'cancelled' } as const;
    await index.put(entry);
    network.fail('DELETE', 'refused');
    expect(await codeOf(index.put(ended))).toBe('unreachable');
    await index.put(ended);
    expect(await partitionsOf(tables, entry.id)).toEqual(['list']);
  });

  it.each([
    ['a status that there is not', { status: 'done' }],
    ['another operation', { id: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa' }],
    ['another time', { createdAt: '2026-11-21T20:13:00.000Z' }],
  ])('does not list a row that somebody gave %s', async (_, columns) => {
    const { index, tables } = await openIndex();
    const entry = entryOf();
    await index.put(entry);
    await tables.updateEntity({ ...listAddress(entry), ...columns }, 'Merge');
    expect(await codeOf(index.query({ top: 10 }))).toBe('corrupt');
  });
});

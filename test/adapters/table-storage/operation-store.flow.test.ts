import { AzureNamedKeyCredential, odata, TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureStorage } from '../../../shared/adapters/table-storage/ensure-storage.ts';
import { makeTableOperationStore } from '../../../shared/adapters/table-storage/operation-store.ts';
import { textColumns, textFromColumns } from '../../../shared/adapters/table-storage/table-row.ts';
import type { OperationStore, StoredOperation } from '../../../shared/ports/operation-store.ts';
import { describeOperationStore } from '../../contracts/operation-store-contract.ts';
import { firstCommit, furtherCommit, idsOf, refusedVote } from '../../contracts/sample-operation.ts';
import { type Storage, sealer, startStorage } from './azurite-harness.ts';
import { failingNetwork } from './failing-network.ts';

let storage: Storage;
beforeAll(async () => {
  storage = await startStorage(['operations']);
});
afterAll(() => storage.stop());

function openStore(retries: number) {
  const tables = storage.table('operations', { retryOptions: { maxRetries: retries, retryDelayInMs: 1, maxRetryDelayInMs: 2 } });
  return { network: failingNetwork(tables.pipeline), store: makeTableOperationStore({ tables, blobs: storage.container, sealer }), tables };
}

describeOperationStore('Table Storage', () => {
  const { store, tables } = openStore(3);
  return {
    store,
    rewriteEvent: async (id, sequence, rewrite) => {
      const row = await tables.getEntity(id, `event-0000000${sequence}`);
      const columns = textColumns('event', rewrite(textFromColumns('event', row)));
      await tables.updateEntity({ partitionKey: id, rowKey: `event-0000000${sequence}`, ...columns }, 'Merge');
    },
    moveDocument: async (from, to, name) => {
      const row = await tables.getEntity(from, `document-${name}`);
      await tables.upsertEntity({ ...row, partitionKey: to, rowKey: `document-${name}` }, 'Replace');
    },
  };
});

async function stored(store: OperationStore, id: string): Promise<StoredOperation> {
  const found = await store.read(id);
  if (found === undefined) throw new Error(`${id} is not there`);
  return found;
}

async function codeOf(doing: Promise<unknown>): Promise<unknown> {
  return doing.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

const freshId = idsOf('table');

describe('Table Storage behind a failing network', () => {
  it.each([
    ['lost, and the SDK repeats it', 3, 'lost'],
    ['lost, and nobody repeats it', 0, 'lost'],
    ['turned into a 500, and the SDK repeats it', 3, 'garbled'],
    ['turned into a 500, and nobody repeats it', 0, 'garbled'],
  ] as const)('recognises a creation whose answer is %s', async (_, retries, fault) => {
    const { store, network } = openStore(retries);
    const commit = firstCommit(freshId());
    network.fail('POST', fault);
    expect(await store.create(commit)).toBe('committed');
    expect((await stored(store, commit.operation.id)).events).toEqual(commit.events);
  });

  it.each([
    ['lost, and the SDK repeats it', 3],
    ['lost, and nobody repeats it', 0],
  ] as const)('recognises an append whose answer is %s', async (_, retries) => {
    const { store, network } = openStore(retries);
    const id = freshId();
    await store.create(firstCommit(id));
    const read = await stored(store, id);
    network.fail('POST', 'lost');
    expect(await store.append(read, furtherCommit(read, [refusedVote, { kind: 'cancelled' }]))).toBe('committed');
    expect((await stored(store, id)).operation.status).toBe('cancelled');
  });

  it('does not take the equal event of another writer for its own when the answer is lost', async () => {
    const { store, network } = openStore(3);
    const id = freshId();
    await store.create(firstCommit(id));
    const read = await stored(store, id);
    const commit = furtherCommit(read, [refusedVote]);
    await store.append(read, commit);
    network.fail('POST', 'lost');
    expect(await store.append(read, commit)).toBe('conflict');
  });

  it('says unreachable, and has written nothing, where the network is down', async () => {
    const { store, network } = openStore(1);
    const commit = firstCommit(freshId());
    network.fail('POST', 'refused', 'refused');
    expect([await codeOf(store.create(commit)), await store.read(commit.operation.id)]).toEqual(['unreachable', undefined]);
  });

  it('says unreachable where the answer is lost and reading back fails too', async () => {
    const { store, network } = openStore(0);
    network.fail('POST', 'lost');
    network.fail('GET', 'refused');
    expect(await codeOf(store.create(firstCommit(freshId())))).toBe('unreachable');
  });

  it('says unreachable where it cannot read', async () => {
    const { store, network } = openStore(0);
    network.fail('GET', 'refused', 'refused');
    expect([await codeOf(store.read(freshId())), await codeOf(store.readDocument(freshId(), 'request'))]).toEqual([
      'unreachable',
      'unreachable',
    ]);
  });

  it('says unreachable, not absent, where the table is missing', async () => {
    const missing = makeTableOperationStore({ tables: storage.table('missing'), blobs: storage.container, sealer });
    const commit = firstCommit(freshId());
    expect([await codeOf(missing.readDocument(freshId(), 'request')), await codeOf(missing.create(commit))]).toEqual([
      'unreachable',
      'unreachable',
    ]);
  });
});

describe('creating what is not there yet', () => {
  it('says unreachable where it may not', async () => {
    const stranger = new TableClient(storage.table('late').url, 'late', new AzureNamedKeyCredential('stranger', 'AAAA'), {
      allowInsecureConnection: true,
    });
    expect(await codeOf(ensureStorage([stranger], []))).toBe('unreachable');
  });

  it('does it any number of times', async () => {
    const tables = storage.table('late');
    await ensureStorage([tables], [storage.container]);
    await ensureStorage([tables], [storage.container]);
    expect(await makeTableOperationStore({ tables, blobs: storage.container, sealer }).create(firstCommit(freshId()))).toBe('committed');
  });
});

describe('what Table Storage holds', () => {
  it('refuses a version that would match anything', async () => {
    const { store } = openStore(3);
    const id = freshId();
    await store.create(firstCommit(id));
    const read = { ...(await stored(store, id)), version: '*' };
    await expect(store.append(read, furtherCommit(read, [refusedVote]))).rejects.toThrow(RangeError);
  });

  it.each([
    ['an event that was cut off', 'event-00000003'],
    ['an event that was taken out', 'event-00000002'],
    ['a state that was taken away', 'state'],
  ])('does not take %s', async (_, rowKey) => {
    const { store, tables } = openStore(3);
    const id = freshId();
    await store.create(firstCommit(id));
    await tables.deleteEntity(id, rowKey);
    expect(await codeOf(store.read(id))).toBe('corrupt');
  });

  it('does not take a state that was set back', async () => {
    const { store, tables } = openStore(3);
    const id = freshId();
    await store.create(firstCommit(id));
    await tables.updateEntity({ partitionKey: id, rowKey: 'state', sequence: 2 }, 'Merge');
    expect(await codeOf(store.read(id))).toBe('corrupt');
  });

  it('does not take events that were moved to another operation', async () => {
    const { store, tables } = openStore(3);
    const [from, to] = [freshId(), freshId()];
    await store.create(firstCommit(from));
    for await (const row of tables.listEntities({ queryOptions: { filter: odata`PartitionKey eq ${from}` } })) {
      await tables.createEntity({ ...row, partitionKey: to, rowKey: String(row.rowKey) });
    }
    expect(await codeOf(store.read(to))).toBe('corrupt');
  });

  it('shows people what state an operation is in', async () => {
    const { store, tables } = openStore(3);
    const { operation, events, documents } = firstCommit(freshId());
    await store.create({ operation, events, documents });
    expect(await tables.getEntity(operation.id, 'state')).toMatchObject({
      status: 'awaitingApproval',
      sequence: 3,
      headHash: operation.head.hash,
      updatedAt: '2026-11-21T20:12:00.000Z',
    });
  });

  it('shows nobody what a document holds, in a row or in a blob', async () => {
    const { store, tables } = openStore(3);
    const id = freshId();
    await store.create(
      firstCommit(id, 'one', [
        { name: 'request', value: 'S3cret!' },
        { name: 'result', value: 'S3cret!'.repeat(20_000) },
      ]),
    );
    const rows = await Promise.all(['request', 'result'].map((name) => tables.getEntity(id, `document-${name}`)));
    const blobs: string[] = [];
    for await (const blob of storage.container.listBlobsFlat({ prefix: `${id}/` })) {
      blobs.push((await storage.container.getBlobClient(blob.name).downloadToBuffer()).toString());
    }
    expect([rows.map((row) => row['place']), blobs.length]).toEqual([['row', 'blob'], 1]);
    expect(JSON.stringify([rows, blobs])).not.toContain('S3cret!');
  });

  it.each(['changed', 'gone'])('does not take a blob that is %s', async (what) => {
    const { store } = openStore(3);
    const id = freshId();
    await store.create(firstCommit(id, 'one', [{ name: 'result', value: 'x'.repeat(100_000) }]));
    for await (const { name } of storage.container.listBlobsFlat({ prefix: `${id}/` })) {
      const blob = storage.container.getBlockBlobClient(name);
      const content = await blob.downloadToBuffer();
      content[content.length - 1] = 0x21;
      await (what === 'gone' ? blob.delete() : blob.uploadData(content));
    }
    expect(await codeOf(store.readDocument(id, 'result'))).toBe('corrupt');
  });

  it('refuses an event that is larger than the cloud would take, and writes nothing', async () => {
    const { store } = openStore(3);
    const id = freshId();
    await store.create(firstCommit(id));
    const read = await stored(store, id);
    const large = furtherCommit(read, [{ ...refusedVote, voter: { id: 'p', name: 'x'.repeat(530_000) } }]);
    expect([await codeOf(store.append(read, large)), (await stored(store, id)).version]).toEqual(['tooLarge', read.version]);
  });

  it('refuses a transaction that is larger than the cloud would take', async () => {
    const { store } = openStore(3);
    const id = freshId();
    await store.create(firstCommit(id));
    const read = await stored(store, id);
    const events = Array.from({ length: 9 }, () => ({ ...refusedVote, voter: { id: 'p', name: 'x'.repeat(500_000) } }));
    expect(await codeOf(store.append(read, furtherCommit(read, events)))).toBe('tooLarge');
  });

  it('refuses a document that is larger than any body we keep', async () => {
    const { store } = openStore(3);
    expect(await codeOf(store.create(firstCommit(freshId(), 'one', [{ name: 'result', value: 'x'.repeat(17 * 1024 * 1024) }])))).toBe(
      'tooLarge',
    );
  });
});

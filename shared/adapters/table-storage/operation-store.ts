import { randomUUID } from 'node:crypto';
import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import type { ContainerClient } from '@azure/storage-blob';
import { isOperationId, type OperationId } from '../../domain/operation.ts';
import { type Commit, type OperationStore, type StoredOperation, StoreError } from '../../ports/operation-store.ts';
import type { Sealer } from '../../ports/sealer.ts';
import { makeDocumentStore, rowKeyOf } from './document-store.ts';
import {
  eventFromRow,
  eventRow,
  eventRowKey,
  firstEventRowKey,
  type ReadEvent,
  stateFromRow,
  stateRow,
  stateRowKey,
} from './event-rows.ts';
import { checkCommit, operationFromEvents } from './operation-chain.ts';
import { checkSizes, type ReadRow, type TableRow } from './table-row.ts';
import { bounded, failureOf, storeErrorOf } from './translate-errors.ts';

export type TableOperationStoreParts = {
  /** The table `operations`. */
  readonly tables: TableClient;
  /** The container for documents that are too large for a row. */
  readonly blobs: ContainerClient;
  readonly sealer: Sealer;
};

/**
 * Operations in Table Storage: PartitionKey is the operation's id; rows `event-00000001`, …, `state` and `document-<name>`, written in one
 * entity-group transaction that holds only while the state's ETag does. The operation is the fold of its events and never read from `state`.
 */
export function makeTableOperationStore({ tables, blobs, sealer }: TableOperationStoreParts): OperationStore {
  const documents = makeDocumentStore({ tables, blobs, sealer });

  const rowsOf = async (commit: Commit, commitId: string): Promise<Rows> => {
    const { operation, events } = commit;
    const prepared = await Promise.all(commit.documents.map((document) => documents.prepare(operation.id, document)));
    const rows = { state: stateRow(operation), events: events.map((event) => eventRow(event, commitId)), documents: prepared };
    checkSizes([rows.state, ...rows.events, ...rows.documents]);
    return rows;
  };

  return {
    create: async (commit) => {
      checkCommit(undefined, commit);
      const commitId = randomUUID();
      const { state, events, documents: sealed } = await rowsOf(commit, commitId);
      const actions = [state, ...events, ...sealed].map((row): TransactionAction => ['create', { ...row }]);
      return (await submit(tables, actions, commit, commitId)) === 'won' ? 'committed' : 'exists';
    },
    append: async (previous, commit) => {
      checkCommit(previous, commit);
      if (!etagShape.test(previous.version)) throw new RangeError('a version that this store never gave out');
      const commitId = randomUUID();
      const { state, events, documents: sealed } = await rowsOf(commit, commitId);
      const actions: TransactionAction[] = [
        ['update', { ...state }, 'Replace', { etag: previous.version }],
        ...events.map((row): TransactionAction => ['create', { ...row }]),
        ...sealed.map((row): TransactionAction => ['upsert', { ...row }, 'Replace']),
        ...(commit.removed ?? []).map(
          (name): TransactionAction => ['delete', { partitionKey: commit.operation.id, rowKey: rowKeyOf(name) }],
        ),
      ];
      return (await submit(tables, actions, commit, commitId)) === 'won' ? 'committed' : 'conflict';
    },
    read: (id) => readOperation(tables, id),
    readDocument: async (id, name) => (isOperationId(id) ? documents.read(id, name) : undefined),
  };
}

/** `*`, which would match whatever is there, is none. */
const etagShape = /^W\/".+"$/;

type Rows = { readonly state: TableRow; readonly events: readonly TableRow[]; readonly documents: readonly TableRow[] };

/**
 * Whether this commit is the one that was written. The SDK repeats by itself, so that a refusal may be that of our own second attempt,
 * and an error may hide a success: after any failure the last event is read back and has the last word.
 */
async function submit(tables: TableClient, actions: TransactionAction[], commit: Commit, commitId: string): Promise<'won' | 'lost'> {
  try {
    await tables.submitTransaction(actions, bounded());
    return 'won';
  } catch (error) {
    const failure = failureOf(error);
    if (failure === 'tooLarge') throw storeErrorOf(error, `writing ${commit.operation.id}`);
    const { id, head } = commit.operation;
    const found = await readEvent(tables, id, head.sequence);
    if (found !== undefined) return found.commitId === commitId && found.event.hash === head.hash ? 'won' : 'lost';
    if (failure === 'doubtful') throw storeErrorOf(error, `writing ${id}`);
    return 'lost';
  }
}

async function readEvent(tables: TableClient, id: OperationId, sequence: number): Promise<ReadEvent | undefined> {
  try {
    return eventFromRow(await tables.getEntity(id, eventRowKey(sequence), bounded()));
  } catch (error) {
    if (failureOf(error) === 'absent') return undefined;
    throw storeErrorOf(error, `reading back ${id}`);
  }
}

/** A query that spans pages may see two commits; more often than this in a row it is no coincidence. */
const maxReadings = 4;

async function readOperation(tables: TableClient, id: OperationId): Promise<StoredOperation | undefined> {
  if (!isOperationId(id)) return undefined;
  for (let reading = 1; ; reading += 1) {
    const rows = await queryRows(tables, id);
    if (rows.length === 0) return undefined;
    const stateRows = rows.filter((row) => row['rowKey'] === stateRowKey);
    const events = rows.filter((row) => row['rowKey'] !== stateRowKey).map((row) => eventFromRow(row).event);
    const [state] = stateRows.map(stateFromRow);
    const last = events.at(-1);
    if (state !== undefined && last !== undefined && state.head.sequence === last.sequence && state.head.hash === last.hash) {
      return { operation: operationFromEvents(id, events), events, version: state.etag };
    }
    if (reading === maxReadings) throw new StoreError('corrupt', `state and events of ${id} do not belong together`);
  }
}

/** State and events in the order of their row keys: events by sequence, then the state. */
async function queryRows(tables: TableClient, id: OperationId): Promise<readonly ReadRow[]> {
  const filter = odata`PartitionKey eq ${id} and RowKey ge ${firstEventRowKey} and RowKey le ${stateRowKey}`;
  const rows: ReadRow[] = [];
  try {
    for await (const row of tables.listEntities({ queryOptions: { filter }, ...bounded() })) rows.push(row);
  } catch (error) {
    throw storeErrorOf(error, `reading ${id}`);
  }
  return rows;
}

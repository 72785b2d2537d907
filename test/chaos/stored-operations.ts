import { odata, TableClient } from '@azure/data-tables';
import { tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import { eventFromRow, firstEventRowKey, stateRowKey } from '../../shared/adapters/table-storage/event-rows.ts';
import type { OperationEvent } from '../../shared/domain/event.ts';
import { findChainFault } from '../../shared/domain/event-chain.ts';
import { isOperationId, type Operation } from '../../shared/domain/operation.ts';
import { replay } from '../../shared/domain/transition.ts';

/** What is stored of one operation, read without Countersign's own reading. */
export type Examined = {
  readonly id: string;
  readonly events: readonly OperationEvent[];
  /** What the events tell; undefined where they tell nothing. */
  readonly operation: Operation | undefined;
  /** What is wrong with the evidence; empty where it holds. */
  readonly faults: readonly string[];
};

type Row = Record<string, unknown>;

const client = (connectionString: string, name: string) =>
  TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });

/** Every operation that is stored, whether somebody was ever told of it or not. */
export async function examineOperations(connectionString: string): Promise<ReadonlyMap<string, Examined>> {
  const rows = new Map<string, Row[]>();
  const filter = odata`RowKey ge ${firstEventRowKey} and RowKey le ${stateRowKey}`;
  for await (const row of client(connectionString, tableNames.operations).listEntities({ queryOptions: { filter } })) {
    const id = row.partitionKey ?? '';
    const of = rows.get(id) ?? [];
    of.push(row);
    rows.set(id, of);
  }
  return new Map([...rows].map(([id, of]) => [id, examine(id, of)]));
}

function examine(id: string, rows: readonly Row[]): Examined {
  try {
    const events = rows.filter((row) => row['rowKey'] !== stateRowKey).map((row) => eventFromRow(row).event);
    const state = rows.find((row) => row['rowKey'] === stateRowKey);
    const fault = findChainFault(id, events);
    const operation = replay(events);
    const faults = [
      ...(isOperationId(id) ? [] : ['its id is none']),
      ...(fault === undefined ? [] : [`the chain breaks at event ${fault.sequence}: ${fault.fault}`]),
      ...(state?.['headHash'] === operation.head.hash && state['status'] === operation.status ? [] : ['state and events disagree']),
    ];
    return { id, events, operation, faults };
  } catch (error) {
    return { id, events: [], operation: undefined, faults: [error instanceof Error ? error.message : 'it cannot be read'] };
  }
}

/** Messages that were set aside because no event could tell of them: their ids. */
export async function strayMessageIds(connectionString: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const row of client(connectionString, tableNames.strayMessages).listEntities()) ids.push(String(row['messageId']));
  return ids;
}

export type Listing = {
  /** What the listing says of each operation. */
  readonly statuses: ReadonlyMap<string, string>;
  /** Those that it counts among what has not ended. */
  readonly waiting: readonly string[];
};

export async function readListing(connectionString: string): Promise<Listing> {
  const statuses = new Map<string, string>();
  const waiting: string[] = [];
  for await (const row of client(connectionString, tableNames.index).listEntities()) {
    const id = String(row['id']);
    if (row.partitionKey?.startsWith('waiting-') === true) waiting.push(id);
    else statuses.set(id, String(row['status']));
  }
  return { statuses, waiting };
}

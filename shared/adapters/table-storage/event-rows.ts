import { z } from 'zod';
import { decodeEvent, encodeEvent, StoredEventError } from '../../contracts/stored-event.ts';
import { type Digest, isDigest } from '../../domain/digest.ts';
import type { OperationEvent } from '../../domain/event.ts';
import type { ChainHead } from '../../domain/event-chain.ts';
import type { Operation } from '../../domain/operation.ts';
import { StoreError } from '../../ports/operation-store.ts';
import { asciiJson, type ReadRow, type TableRow, textColumns, textFromColumns } from './table-row.ts';

/** Row keys in their order: documents, events by sequence, state. So the state can be read together with the events and without the documents. */
export const stateRowKey = 'state';
export const firstEventRowKey = 'event-';

export function eventRowKey(sequence: number): string {
  return `${firstEventRowKey}${String(sequence).padStart(8, '0')}`;
}

/**
 * `commitId` is new for each attempt to write. The hash alone would not tell which of two writers won, where both write the
 * same event in the same millisecond (two executors that claim one operation).
 */
export function eventRow(event: OperationEvent, commitId: string): TableRow {
  return {
    partitionKey: event.operationId,
    rowKey: eventRowKey(event.sequence),
    kind: event.detail.kind,
    at: event.at,
    commitId,
    ...textColumns('event', asciiJson(encodeEvent(event))),
  };
}

const eventColumns = z.looseObject({ rowKey: z.string(), commitId: z.string() });

export type ReadEvent = { readonly event: OperationEvent; readonly commitId: string };

/** Throws {@link StoreError} `corrupt`. */
export function eventFromRow(row: ReadRow): ReadEvent {
  const columns = parsed(eventColumns, row);
  const event = decoded(textFromColumns('event', row), row);
  if (columns.rowKey !== eventRowKey(event.sequence))
    throw new StoreError('corrupt', `row ${columns.rowKey} holds event ${event.sequence}`);
  return { event, commitId: columns.commitId };
}

/** What writers compare (its ETag) and readers hold against the chain; status and time are for people who look into the table. */
export function stateRow(operation: Operation): TableRow {
  const { id, head, status, updatedAt } = operation;
  return { partitionKey: id, rowKey: stateRowKey, sequence: head.sequence, headHash: head.hash, status, updatedAt };
}

const stateColumns = z.looseObject({
  etag: z.string().min(1),
  sequence: z.int().min(1),
  headHash: z.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
});

export type ReadState = { readonly head: ChainHead; readonly etag: string };

/** Throws {@link StoreError} `corrupt`. */
export function stateFromRow(row: ReadRow): ReadState {
  const { sequence, headHash, etag } = parsed(stateColumns, row);
  return { head: { sequence, hash: headHash }, etag };
}

function decoded(text: string, row: ReadRow): OperationEvent {
  try {
    return decodeEvent(text);
  } catch (error) {
    if (error instanceof StoredEventError) {
      throw new StoreError('corrupt', `row ${String(row['rowKey'])} of ${String(row['partitionKey'])} holds no event`, { cause: error });
    }
    throw error;
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, row: ReadRow): z.output<Schema> {
  const result = schema.safeParse(row);
  if (result.success) return result.data;
  throw new StoreError('corrupt', `row ${String(row['rowKey'])} of ${String(row['partitionKey'])} is not one of ours`, {
    cause: result.error,
  });
}

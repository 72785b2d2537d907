import { createHash } from 'node:crypto';
import { z } from 'zod';
import { riskLevels } from '../../domain/assessment.ts';
import { type Instant, isInstant } from '../../domain/instant.ts';
import { isOperationId, type OperationId, operationStatuses } from '../../domain/operation.ts';
import type { IndexEntry } from '../../ports/operation-index.ts';
import { StoreError } from '../../ports/operation-store.ts';
import { invertedDay, orderKey } from './index-order.ts';
import type { ReadRow, TableRow } from './table-row.ts';

/** So many partitions share the writes of a day. A change would hide what is already listed. */
export const shardCount = 8;

/** Partitions of a shard's listing are `list-<shard>-<inverted day>`: in the order of their names the newest day comes first. */
export function listPrefix(shard: number): string {
  return `list-${shard}-`;
}

/** One partition a shard holds what has not ended, oldest first, so that the oldest is found without a search. */
export function waitingPartition(shard: number): string {
  return `waiting-${shard}`;
}

export function shardOf(id: OperationId): number {
  return createHash('sha256').update(id, 'utf8').digest().readUInt32BE(0) % shardCount;
}

export type RowAddress = { readonly partitionKey: string; readonly rowKey: string };

export function listAddress({ createdAt, id }: Pick<IndexEntry, 'createdAt' | 'id'>): RowAddress {
  return { partitionKey: `${listPrefix(shardOf(id))}${invertedDay(createdAt)}`, rowKey: orderKey(createdAt, id) };
}

export function waitingAddress({ createdAt, id }: Pick<IndexEntry, 'createdAt' | 'id'>): RowAddress {
  return { partitionKey: waitingPartition(shardOf(id)), rowKey: `${createdAt}-${id}` };
}

export function indexRow(address: RowAddress, entry: IndexEntry): TableRow {
  const { id, sequence, status, action, agentId, agentName, riskLevel, resourceId, createdAt, updatedAt } = entry;
  return { ...address, id, sequence, status, action, agentId, agentName, riskLevel, resourceId, createdAt, updatedAt };
}

const instant = z.custom<Instant>((value) => typeof value === 'string' && isInstant(value));
const columns = z.looseObject({
  etag: z.string().min(1),
  partitionKey: z.string(),
  rowKey: z.string(),
  id: z.custom<OperationId>((value) => typeof value === 'string' && isOperationId(value)),
  sequence: z.int().min(1),
  status: z.enum(operationStatuses),
  action: z.string(),
  agentId: z.string(),
  agentName: z.string(),
  riskLevel: z.enum(riskLevels),
  resourceId: z.string(),
  createdAt: instant,
  updatedAt: instant,
});

export type ReadEntry = { readonly entry: IndexEntry; readonly etag: string };

/** Throws {@link StoreError} `corrupt`; a row that somebody broke must not make what it hides look absent. */
export function entryFromRow(row: ReadRow, addressOf: (entry: IndexEntry) => RowAddress): ReadEntry {
  const parsed = columns.safeParse(row);
  if (!parsed.success) throw corrupt(row, parsed.error);
  const { id, sequence, status, action, agentId, agentName, riskLevel, resourceId, createdAt, updatedAt, etag } = parsed.data;
  const entry = { id, sequence, status, action, agentId, agentName, riskLevel, resourceId, createdAt, updatedAt };
  const address = addressOf(entry);
  if (address.partitionKey !== parsed.data.partitionKey || address.rowKey !== parsed.data.rowKey) throw corrupt(row);
  return { entry, etag };
}

function corrupt(row: ReadRow, cause?: unknown): StoreError {
  return new StoreError('corrupt', `row ${String(row['rowKey'])} of the index is not one of ours`, { cause });
}

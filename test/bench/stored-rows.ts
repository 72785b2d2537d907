import { odata, TableClient, type TableEntityResult } from '@azure/data-tables';
import { ContainerClient } from '@azure/storage-blob';
import { documentContainerName, tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import type { FloorRows } from './floor-clients.ts';

type StoredRow = TableEntityResult<Record<string, unknown>>;

/** The rows of an operation as they are stored, without what Table Storage adds to them. */
export async function rowsOf(storageConnectionString: string, id: string): Promise<FloorRows> {
  const rows = await read(storageConnectionString, tableNames.operations, odata`PartitionKey eq ${id}`);
  return rows.map(({ etag: _, timestamp: __, partitionKey: ___, ...row }) => ({ ...row, rowKey: row.rowKey ?? '' }));
}

export type StoredSize = { readonly rows: number; readonly rowBytes: number; readonly blobBytes: number };

/** What an operation takes: its rows and its lines of the listing by Azure's formula, and its blobs. */
export async function sizeOf(storageConnectionString: string, id: string): Promise<StoredSize> {
  const own = await read(storageConnectionString, tableNames.operations, odata`PartitionKey eq ${id}`);
  const listed = await read(storageConnectionString, tableNames.index, odata`id eq ${id}`);
  let blobBytes = 0;
  const container = new ContainerClient(storageConnectionString, documentContainerName);
  for await (const blob of container.listBlobsFlat({ prefix: `${id}/` })) blobBytes += blob.properties.contentLength ?? 0;
  const rows = [...own, ...listed];
  return { rows: rows.length, rowBytes: rows.reduce((sum, row) => sum + entityBytes(row), 0), blobBytes };
}

/**
 * Bytes of an entity: 4 + 2 for each letter of its keys, and for each property 8 + 2 for each letter of its name + its value.
 * Source: learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model, "Storage Limits".
 */
export function entityBytes({ partitionKey = '', rowKey = '', etag: _, timestamp: __, ...properties }: Partial<StoredRow>): number {
  const keys = 4 + 2 * (partitionKey.length + rowKey.length);
  const valueBytes = (value: unknown): number => (typeof value === 'string' ? 4 + 2 * value.length : typeof value === 'boolean' ? 1 : 8);
  const all: readonly (readonly [string, unknown])[] = [...Object.entries(properties), ['Timestamp', 0]];
  return all.reduce((sum, [name, value]) => sum + 8 + 2 * name.length + valueBytes(value), keys);
}

async function read(storageConnectionString: string, table: string, filter: string): Promise<readonly StoredRow[]> {
  const client = TableClient.fromConnectionString(storageConnectionString, table, { allowInsecureConnection: true });
  const rows: StoredRow[] = [];
  for await (const row of client.listEntities<Record<string, unknown>>({ queryOptions: { filter } })) rows.push(row);
  return rows;
}

import type { TableClient } from '@azure/data-tables';
import type { ContainerClient } from '@azure/storage-blob';
import { bounded, storeErrorOf } from './translate-errors.ts';

/** The tables and the container that the adapters of this folder use. */
export const tableNames = {
  operations: 'operations',
  index: 'operationIndex',
  strayMessages: 'strayMessages',
  limits: 'limits',
  notices: 'notices',
} as const;
export const documentContainerName = 'operation-bodies';

/**
 * Creates the tables and containers that are not there yet; for start-up, any number of times.
 * Throws StoreError `unreachable`, also where the identity may not create them: then they are missing and nothing would work.
 */
export async function ensureStorage(tables: readonly TableClient[], containers: readonly ContainerClient[]): Promise<void> {
  try {
    await Promise.all([
      ...tables.map((table) => table.createTable(bounded())),
      ...containers.map((container) => container.createIfNotExists(bounded())),
    ]);
  } catch (error) {
    throw storeErrorOf(error, 'creating tables and containers');
  }
}

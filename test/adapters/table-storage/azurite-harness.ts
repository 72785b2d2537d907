import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import { ContainerClient } from '@azure/storage-blob';
import { startAzurite } from '../../../infra/local/azurite.ts';
import { makeJweSealer } from '../../../shared/adapters/sealing/jwe-sealer.ts';
import { ensureStorage } from '../../../shared/adapters/table-storage/ensure-storage.ts';

export type Storage = {
  table(name: string, options?: TableServiceClientOptions): TableClient;
  readonly container: ContainerClient;
  stop(): Promise<void>;
};

export const sealer = makeJweSealer({ keys: [{ kid: 'test', key: randomBytes(32) }] });

/** A storage account of its own with the given tables and the container for documents. */
export async function startStorage(tables: readonly string[]): Promise<Storage> {
  const directory = mkdtempSync(join(tmpdir(), 'azurite-'));
  const azurite = await startAzurite({ directory });
  const table = (name: string, options: TableServiceClientOptions = {}) =>
    TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true, ...options });
  const container = new ContainerClient(azurite.connectionString, 'operation-bodies');
  await ensureStorage(
    tables.map((name) => table(name)),
    [container],
  );
  return {
    table,
    container,
    stop: async () => {
      await azurite.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

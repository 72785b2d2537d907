import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient, ContainerClient } from '@azure/storage-blob';
import { documentContainerName, ensureStorage, tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import { durationMs, queues, setAsideQueue } from '../../shared/contracts/queues.ts';
import type { Azurite } from './azurite.ts';
import type { OwnGuards, OwnResources } from './resource-manager/own-resources.ts';
import type { QueueSettings } from './service-bus/settings.ts';

export async function createStorage({ connectionString }: Azurite): Promise<void> {
  const tables = Object.values(tableNames).map((name) =>
    TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true }),
  );
  await ensureStorage(tables, [new ContainerClient(connectionString, documentContainerName)]);
}

/** What somebody may change past the templates. */
export type OwnState = { readonly queues: readonly QueueSettings[] } & OwnGuards;

/** As the templates have it. */
export function ownState(): OwnState {
  return {
    queues: queueSettings(),
    account: { allowSharedKeyAccess: false, allowBlobPublicAccess: false, minimumTlsVersion: 'TLS1_2' },
    namespace: { disableLocalAuth: true, minimumTlsVersion: '1.2' },
  };
}

/** What the stand-ins for Service Bus and Storage have, as Azure Resource Manager tells it. */
export function ownResources({ connectionString }: Azurite, state: () => OwnState): OwnResources {
  const tables = TableServiceClient.fromConnectionString(connectionString, { allowInsecureConnection: true });
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  return {
    queues: () => state().queues,
    tables: () => namesOf(tables.listTables()),
    containers: () => namesOf(blobs.listContainers()),
    guards: state,
  };
}

async function namesOf(items: AsyncIterable<{ readonly name?: string }>): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of items) if (name !== undefined) names.push(name);
  return names;
}

export function queueSettings(): readonly QueueSettings[] {
  return [...queues, setAsideQueue].map((queue) => ({
    name: queue.name,
    lockDurationMs: durationMs(queue.lockDuration),
    maxDeliveryCount: queue.maxDeliveryCount,
    duplicateDetectionWindowMs: durationMs(queue.duplicateDetectionHistoryTimeWindow),
    defaultTtlMs: durationMs(queue.defaultMessageTimeToLive),
    deadLetterOnExpiration: queue.deadLetteringOnMessageExpiration,
    maxSizeBytes: queue.maxSizeInMegabytes * 1024 * 1024,
  }));
}

import { TableClient } from '@azure/data-tables';
import { ManagedIdentityCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import { ContainerClient } from '@azure/storage-blob';
import { serviceBusClientOptions } from '../shared/adapters/service-bus/client-options.ts';
import type { Config } from '../shared/config.ts';

/** Clients of the storage account and of the namespace: by the app's own identity in the cloud, by connection string only for emulators on this machine. */
export type Connections = {
  readonly table: (name: string) => TableClient;
  readonly container: (name: string) => ContainerClient;
  readonly serviceBus: ServiceBusClient;
};

export function connect({ storage, serviceBus }: Pick<Config, 'storage' | 'serviceBus'>): Connections {
  return {
    table: (name) =>
      storage.kind === 'identity'
        ? new TableClient(storage.tableServiceUri, name, new ManagedIdentityCredential({ clientId: storage.clientId }))
        : TableClient.fromConnectionString(storage.value, name, { allowInsecureConnection: true }),
    container: (name) =>
      storage.kind === 'identity'
        ? new ContainerClient(
            `${storage.blobServiceUri.replace(/\/+$/, '')}/${name}`,
            new ManagedIdentityCredential({ clientId: storage.clientId }),
          )
        : new ContainerClient(storage.value, name),
    serviceBus:
      serviceBus.kind === 'identity'
        ? new ServiceBusClient(
            serviceBus.fullyQualifiedNamespace,
            new ManagedIdentityCredential({ clientId: serviceBus.clientId }),
            serviceBusClientOptions(),
          )
        : new ServiceBusClient(serviceBus.value, serviceBusClientOptions()),
  };
}

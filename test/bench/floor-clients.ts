import { randomBytes } from 'node:crypto';
import { type TableClient, TableClient as Tables, type TransactionAction } from '@azure/data-tables';
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus';
import { z } from 'zod';
import { serviceBusClientOptions } from '../../shared/adapters/service-bus/client-options.ts';
import { tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';

/** Rows as the table holds them, of one partition. */
export const floorRows = z.array(z.looseObject({ rowKey: z.string() })).min(1);
export type FloorRows = z.output<typeof floorRows>;

/** A queue that nobody reads unless a receiver of notices is configured. */
export const floorQueue = 'notices';

export type FloorClients = {
  /** One batch send of one message, then one entity-group transaction that creates the rows in a partition of their own: the least that can keep a request safe. */
  readonly sendAndStore: (rows: FloorRows) => Promise<void>;
  readonly sender: ServiceBusSender;
  readonly serviceBus: ServiceBusClient;
  readonly tables: TableClient;
  readonly close: () => Promise<void>;
};

/** Clients as the functions make them. */
export function makeFloorClients(storage: string, serviceBusConnection: string): FloorClients {
  const tables = Tables.fromConnectionString(storage, tableNames.operations, { allowInsecureConnection: true });
  const serviceBus = new ServiceBusClient(serviceBusConnection, serviceBusClientOptions());
  const sender = serviceBus.createSender(floorQueue);
  return {
    tables,
    serviceBus,
    sender,
    sendAndStore: async (rows) => {
      const partitionKey = `floor_${randomBytes(16).toString('hex')}`;
      await sender.sendMessages([{ messageId: partitionKey, contentType: 'application/json', body: { operationId: partitionKey } }]);
      await tables.submitTransaction(rows.map((row): TransactionAction => ['create', { ...row, partitionKey }]));
    },
    close: async () => {
      await sender.close();
      await serviceBus.close();
    },
  };
}

import { z } from 'zod';
import { type Environment, guid, isLoopback, readPart, serviceUrl } from './values.ts';

/** How a service is reached: by Entra token in the cloud, or by a connection string where it is an emulator on this machine. */
export type Connection<Endpoints> =
  | { readonly kind: 'connectionString'; readonly value: string }
  | ({ readonly kind: 'identity'; readonly clientId: string } & Endpoints);

export type StorageConnection = Connection<{ readonly tableServiceUri: string; readonly blobServiceUri: string }>;
export type ServiceBusConnection = Connection<{ readonly fullyQualifiedNamespace: string }>;

/** `needed` are the endpoints that a client would otherwise derive from the account's name, which is how a cloud is reached with a shared key. */
function emulatorConnection(needed: readonly string[]) {
  return z
    .string()
    .refine(
      (text) => pointsToThisMachine(text, needed),
      'a connection string is only for an emulator on this machine; elsewhere use an identity',
    );
}

function pointsToThisMachine(connectionString: string, needed: readonly string[]): boolean {
  const endpoints = connectionString
    .split(';')
    .map(readPart)
    .filter(({ name }) => name.endsWith('endpoint'));
  const given = endpoints.map(({ name }) => name);
  return needed.every((name) => given.includes(name)) && endpoints.every(({ value }) => isOnThisMachine(value));
}

function isOnThisMachine(text: string): boolean {
  const url = text.replace(/^sb:/i, 'http:');
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}

export const connections = z.object({
  STORAGE: emulatorConnection(['tableendpoint', 'blobendpoint']).optional(),
  STORAGE__tableServiceUri: serviceUrl.optional(),
  STORAGE__blobServiceUri: serviceUrl.optional(),
  STORAGE__clientId: guid.optional(),
  SERVICE_BUS: emulatorConnection(['endpoint']).optional(),
  SERVICE_BUS__fullyQualifiedNamespace: z
    .string()
    .regex(/^[a-z0-9-]+\.servicebus\.[a-z.]+$/i, 'must be a namespace host such as x.servicebus.windows.net')
    .optional(),
  SERVICE_BUS__clientId: guid.optional(),
});

/** `__clientId` is how the functions host names the user-assigned identity of a connection. */
export function storageOf(environment: Environment): StorageConnection | undefined {
  const {
    STORAGE: value,
    STORAGE__tableServiceUri: tableServiceUri,
    STORAGE__blobServiceUri: blobServiceUri,
    STORAGE__clientId: clientId,
  } = environment;
  if (tableServiceUri !== undefined && blobServiceUri !== undefined && clientId !== undefined) {
    return { kind: 'identity', clientId, tableServiceUri, blobServiceUri };
  }
  return value === undefined ? undefined : { kind: 'connectionString', value };
}

export function serviceBusOf(environment: Environment): ServiceBusConnection | undefined {
  const {
    SERVICE_BUS: value,
    SERVICE_BUS__fullyQualifiedNamespace: fullyQualifiedNamespace,
    SERVICE_BUS__clientId: clientId,
  } = environment;
  if (fullyQualifiedNamespace !== undefined && clientId !== undefined) return { kind: 'identity', clientId, fullyQualifiedNamespace };
  return value === undefined ? undefined : { kind: 'connectionString', value };
}

import { join } from 'node:path';
import { DefaultAzureCredential } from '@azure/identity';
import { ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus';
import { findRunning } from '../local/endpoints.ts';
import { readIfPresent } from '../local/private-files.ts';

const options: ServiceBusClientOptions = { retryOptions: { maxRetries: 1, retryDelayInMs: 500, timeoutInMs: 10_000 } };

/** A namespace in the cloud, entered as whoever is signed in (`az login`, a managed identity, the environment). */
export function connectToNamespace(host: string): ServiceBusClient {
  return new ServiceBusClient(host, new DefaultAzureCredential(), options);
}

/** The local environment of a directory; undefined where it does not run. */
export async function connectToLocal(directory: string): Promise<ServiceBusClient | undefined> {
  const endpoints = await findRunning(directory);
  const key = readIfPresent(join(directory, 'service-bus.key'));
  if (endpoints === undefined || key === undefined) return undefined;
  const access = `SharedAccessKeyName=local;SharedAccessKey=${key}`;
  return new ServiceBusClient(`Endpoint=sb://${endpoints.serviceBus};${access};UseDevelopmentEmulator=true;`, options);
}

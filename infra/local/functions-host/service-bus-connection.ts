import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus';
import { HostFailure } from './failure.ts';
import type { Environment } from './host-settings.ts';

/** Receivers try for ever; this is the pace. A settlement whose connection broke waits for its time to end, and keeps one of the concurrent calls. */
const clientOptions: ServiceBusClientOptions = {
  retryOptions: { maxRetries: 2, retryDelayInMs: 500, maxRetryDelayInMs: 5_000, timeoutInMs: 10_000 },
};

/**
 * The client that a trigger's `connection` names: `NAME` holds a connection string, or `NAME__fullyQualifiedNamespace` a host that is
 * entered with a token (`NAME__credential=managedidentity` and `NAME__clientId` choose the identity, as in the cloud).
 * Throws `missingSetting`, `invalidSetting`; neither says what the setting holds.
 */
export function connectServiceBus(functionName: string, connection: string, env: Environment): ServiceBusClient {
  const connectionString = env[connection];
  const namespace = env[`${connection}__fullyQualifiedNamespace`];
  try {
    if (connectionString !== undefined && connectionString !== '') {
      return new ServiceBusClient(connectionString, clientOptions);
    }
    if (namespace !== undefined && namespace !== '') {
      return new ServiceBusClient(namespace, credentialOf(connection, env), clientOptions);
    }
  } catch {
    throw new HostFailure('invalidSetting', `Function "${functionName}": the setting "${connection}" is not a Service Bus connection.`);
  }
  const names = `"${connection}" or "${connection}__fullyQualifiedNamespace"`;
  throw new HostFailure('missingSetting', `Function "${functionName}": the setting ${names} is missing.`);
}

function credentialOf(connection: string, env: Environment): DefaultAzureCredential | ManagedIdentityCredential {
  const clientId = env[`${connection}__clientId`];
  if (env[`${connection}__credential`]?.toLowerCase() === 'managedidentity') {
    return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  }
  return clientId === undefined ? new DefaultAzureCredential() : new DefaultAzureCredential({ managedIdentityClientId: clientId });
}

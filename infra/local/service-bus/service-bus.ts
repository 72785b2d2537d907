import rhea, { type Connection, type Container, type EventContext } from 'rhea';
import { openBroker } from './broker.ts';
import { ClientConnection, type ConnectionWorld } from './client-connection.ts';
import { type FaultControl, Faults } from './faults.ts';
import { listen } from './listener.ts';
import { acknowledgeAtOnce, onceGone } from './rhea-links.ts';
import { findSettingsProblems, type QueueSettings } from './settings.ts';

export { type Fault, type FaultControl, type FaultName, Faults, faultNames, type RandomFaults } from './faults.ts';
export type { QueueSettings } from './settings.ts';

export type ServiceBusOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Where messages are kept, one process at a time; undefined keeps them in memory only. */
  readonly directory: string | undefined;
  readonly queues: readonly QueueSettings[];
  readonly keyName: string;
  readonly key: string;
  /** Milliseconds since the epoch; the system clock by default. */
  readonly now?: () => number;
  /** Told of what goes wrong outside any answer, without secrets or message content; the standard error output by default. */
  readonly onProblem?: (problem: string) => void;
  /** Whoever gives the same to the next start has the faults outlive a restart; none happens unless somebody asks for it. */
  readonly faults?: Faults;
};

export type ServiceBus = {
  /** Host and port, as clients name it. */
  readonly address: string;
  readonly connectionString: string;
  readonly faults: FaultControl;
  /** Breaks every connection and closes the port for a time; nothing is lost, and locks stay. Resolves when the port is open again. */
  readonly outage: (durationMs: number) => Promise<void>;
  /** Closes connections, timers and files. Everything that was acknowledged is kept. */
  readonly stop: () => Promise<void>;
};

/**
 * Serves queues over AMQP 1.0 on loopback to unmodified Service Bus clients. Throws a `RangeError` that lists every problem of the
 * settings, a `JournalError` when the kept data is damaged, and the listener's error when the port is taken.
 */
export async function startServiceBus(options: ServiceBusOptions): Promise<ServiceBus> {
  const { queues, directory, keyName, key } = options;
  const problems = [...findSettingsProblems(queues), ...findAccessProblems(keyName, key)];
  if (problems.length > 0) throw new RangeError(problems.join('; '));

  const now = options.now ?? Date.now;
  const report = options.onProblem ?? ((problem) => console.error(`service bus: ${problem}`));
  const container = rhea.create_container({ id: 'countersign-service-bus' });
  const listener = await listen(container, options.port);
  const cutOff = cutOffOnce(report, listener.connections);
  const broker = await openBroker({ queues, directory, now, onFault: cutOff }).catch(async (error: unknown) => {
    await listener.close();
    throw error;
  });
  const hosts = [`localhost:${listener.port}`, `127.0.0.1:${listener.port}`];
  const faults = options.faults ?? new Faults();
  const beginOutage = (durationMs: number): void => void listener.outage(durationMs);
  const world = { rule: { keyName, key }, hosts, now, queue: broker.host, faults, beginOutage };
  serveConnections(container, world, listener.connections, report);
  listener.admit();

  const address = `localhost:${listener.port}`;
  let stopped: Promise<void> | undefined;
  return {
    address,
    faults,
    outage: listener.outage,
    connectionString: `Endpoint=sb://${address};SharedAccessKeyName=${keyName};SharedAccessKey=${key};UseDevelopmentEmulator=true;`,
    stop: () => {
      stopped ??= listener.close().then(broker.stop);
      return stopped;
    },
  };
}

function serveConnections(
  container: Container,
  world: ConnectionWorld,
  connections: Set<Connection>,
  report: (problem: string) => void,
): void {
  const clients = new WeakMap<Connection, ClientConnection>();
  const clientOf = (context: EventContext): ClientConnection => {
    const client = clients.get(context.connection) ?? new ClientConnection(world);
    clients.set(context.connection, client);
    connections.add(context.connection);
    return client;
  };
  const end = ({ connection }: EventContext): void => {
    clients.get(connection)?.close();
    connections.delete(connection);
  };
  container.on('connection_open', (context: EventContext) => {
    acknowledgeAtOnce(context.connection);
    clientOf(context);
    onceGone(context.connection, () => end(context));
  });
  container.on('sender_open', (context: EventContext) => context.sender && clientOf(context).openSender(context.sender));
  container.on('receiver_open', (context: EventContext) => context.receiver && clientOf(context).openReceiver(context.receiver));
  container.on('sender_close', (context: EventContext) => context.sender && clientOf(context).closeLink(context.sender));
  container.on('receiver_close', (context: EventContext) => context.receiver && clientOf(context).closeLink(context.receiver));
  container.on('session_close', (context: EventContext) => context.session && clientOf(context).closeSession(context.session));
  container.on('connection_close', end);
  container.on('disconnected', end);
  for (const event of ['connection_error', 'session_error', 'sender_error', 'receiver_error']) container.on(event, () => {});
  for (const event of ['protocol_error', 'error']) {
    container.on(event, (error: unknown) => report(error instanceof Error ? `${event}: ${error.message}` : event));
  }
}

/** When nothing can be kept any more, clients are cut off: no answer is better than a promise that cannot be held. */
function cutOffOnce(report: (problem: string) => void, connections: ReadonlySet<Connection>): (error: unknown) => void {
  let told = false;
  return (error) => {
    if (told) return;
    told = true;
    report(`changes can no longer be kept: ${error instanceof Error ? error.message : 'unknown error'}`);
    for (const connection of connections)
      connection.close({ condition: 'amqp:internal-error', description: 'Changes can no longer be kept.' });
  };
}

function findAccessProblems(keyName: string, key: string): string[] {
  const isUsable = (text: string): boolean => text !== '' && !text.includes(';');
  return isUsable(keyName) && isUsable(key) ? [] : ['the access rule needs a name and a key, both without semicolon'];
}

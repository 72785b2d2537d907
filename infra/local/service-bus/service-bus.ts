import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import rhea, { type Connection, type Container, type EventContext } from 'rhea';
import { type Broker, openBroker } from './broker.ts';
import { ClientConnection, type ConnectionWorld } from './client-connection.ts';
import { findSettingsProblems, maxMessageBytes, type QueueSettings } from './settings.ts';

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
};

export type ServiceBus = {
  /** Host and port, as clients name it. */
  readonly address: string;
  readonly connectionString: string;
  /** Closes connections, timers and files. Everything that was acknowledged is kept. */
  readonly stop: () => Promise<void>;
};

/**
 * Serves queues over AMQP 1.0 on loopback to unmodified Service Bus clients. Throws a `RangeError` that lists every problem of the
 * settings, a `JournalError` when the kept data is damaged, and the listener's error when the port is taken.
 */
export async function startServiceBus(options: ServiceBusOptions): Promise<ServiceBus> {
  const problems = findSettingsProblems(options.queues);
  if (options.key === '' || options.keyName === '') problems.push('the access rule needs a name and a key');
  if (problems.length > 0) throw new RangeError(problems.join('; '));

  const now = options.now ?? Date.now;
  const report = options.onProblem ?? ((problem) => console.error(`service bus: ${problem}`));
  const connections = new Set<Connection>();
  const broker = await openBroker({ queues: options.queues, directory: options.directory, now, onFault: reportOnce(report, connections) });
  const hosts: string[] = [];
  const world: ConnectionWorld = { rule: { keyName: options.keyName, key: options.key }, hosts, now, queue: broker.host };
  const container = rhea.create_container({ id: 'countersign-service-bus' });
  serveConnections(container, world, connections, report);
  const { server, sockets } = await listen(container, options.port, broker);
  const port = portOf(server);
  hosts.push(`localhost:${port}`, `127.0.0.1:${port}`);
  const address = `localhost:${port}`;
  return {
    address,
    connectionString: `Endpoint=sb://${address};SharedAccessKeyName=${options.keyName};SharedAccessKey=${options.key};UseDevelopmentEmulator=true;`,
    stop: async () => {
      await closeServer(server, sockets, connections);
      await broker.stop();
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
  const end = (context: EventContext): void => {
    clients.get(context.connection)?.close();
    connections.delete(context.connection);
  };
  container.on('connection_open', (context: EventContext) => void clientOf(context));
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

async function listen(container: Container, port: number, broker: Broker): Promise<{ server: Server; sockets: Set<Socket> }> {
  const options = {
    port,
    host: '127.0.0.1',
    noDelay: true,
    tcp_no_delay: true,
    // A locked message occupies its place until it is settled, and one that never is must not stop those behind it.
    session_buffer_size: { incoming: 2048, outgoing: 1 << 20 },
    receiver_options: { autoaccept: false, credit_window: 1000, max_message_size: maxMessageBytes },
    treat_modified_as_released: false,
  };
  const server: Server = container.listen(options);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  try {
    await once(server, 'listening');
  } catch (error) {
    await broker.stop();
    throw error;
  }
  return { server, sockets };
}

/** Says goodbye to every client and does not wait long for its answer. */
async function closeServer(server: Server, sockets: ReadonlySet<Socket>, connections: ReadonlySet<Connection>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const connection of connections)
    connection.close({ condition: 'amqp:connection:forced', description: 'The namespace is being stopped.' });
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, 500);
  await closed;
  clearTimeout(deadline);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the listener has no port');
  return address.port;
}

/** When nothing can be kept any more, clients are cut off: no answer is better than a promise that cannot be held. */
function reportOnce(report: (problem: string) => void, connections: ReadonlySet<Connection>): (error: unknown) => void {
  let told = false;
  return (error) => {
    if (told) return;
    told = true;
    report(`changes can no longer be kept: ${error instanceof Error ? error.message : 'unknown error'}`);
    for (const connection of connections)
      connection.close({ condition: 'amqp:internal-error', description: 'Changes can no longer be kept.' });
  };
}

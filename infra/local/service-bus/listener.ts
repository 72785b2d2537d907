import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { Connection, Container } from 'rhea';
import { maxMessageBytes } from './settings.ts';

export type Listener = {
  readonly port: number;
  /** The open AMQP connections; kept by whoever serves them. */
  readonly connections: Set<Connection>;
  /** Lets clients in; those that came earlier have been waiting. */
  readonly admit: () => void;
  /** Breaks every connection and closes the port for a time; resolves when it is open again, or never will be. */
  readonly outage: (durationMs: number) => Promise<void>;
  /** Says goodbye to every client, does not wait long for its answer, and stops listening. */
  readonly close: () => Promise<void>;
};

const goodbyeMs = 500;
const reopenRetryMs = 50;

/**
 * Takes the port on loopback, so that nothing else is touched when it is not free. Clients may connect, and wait until `admit`.
 */
export async function listen(container: Container, port: number): Promise<Listener> {
  const server: Server = container.listen(listenOptions(port));
  const sockets = new Set<Socket>();
  const connections = new Set<Connection>();
  const outages = new Outages(server, sockets);
  let admitted = false;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (admitted) socket.resume();
  });
  await once(server, 'listening');
  return {
    port: portOf(server),
    outage: outages.begin,
    connections,
    admit: () => {
      admitted = true;
      for (const socket of sockets) socket.resume();
    },
    close: () => {
      outages.end();
      return closeServer(server, sockets, connections);
    },
  };
}

function listenOptions(port: number) {
  return {
    port,
    host: '127.0.0.1',
    pauseOnConnect: true,
    noDelay: true,
    tcp_no_delay: true,
    // A locked message occupies its place until it is settled, and one that never is must not stop those behind it.
    session_buffer_size: { incoming: 2048, outgoing: 1 << 20 },
    receiver_options: { autoaccept: false, credit_window: 1000, max_message_size: maxMessageBytes },
    treat_modified_as_released: false,
  };
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>, connections: ReadonlySet<Connection>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const connection of connections)
    connection.close({ condition: 'amqp:connection:forced', description: 'The namespace is being stopped.' });
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, goodbyeMs);
  await closed;
  clearTimeout(deadline);
}

/** Opens the port again after a while, and goes on trying where somebody has taken it meanwhile. */
class Outages {
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Socket>;
  #current: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #back: () => void = () => undefined;
  #ended = false;

  constructor(server: Server, sockets: ReadonlySet<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
  }

  /** One at a time: during an outage this is the outage that there is. */
  readonly begin = (durationMs: number): Promise<void> => {
    if (this.#ended) return Promise.resolve();
    this.#current ??= this.#beginOne(durationMs);
    return this.#current;
  };

  readonly end = (): void => {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#back();
  };

  #beginOne(durationMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const port = portOf(this.#server);
    const reopen = (): void => void this.#server.listen(port, '127.0.0.1');
    const reopenLater = (delayMs: number): void => {
      if (!this.#ended) this.#timer = setTimeout(reopen, delayMs);
    };
    const retry = (): void => reopenLater(reopenRetryMs);
    this.#server.on('error', retry);
    this.#back = () => {
      this.#server.off('error', retry);
      this.#current = undefined;
      resolve();
    };
    this.#server.once('listening', this.#back);
    this.#server.close(() => reopenLater(durationMs));
    for (const socket of this.#sockets) socket.destroy();
    return promise;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the listener has no port');
  return address.port;
}

import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';

/** How far the connection came; `unused` where nobody has asked for one here. */
export type ConnectionState = 'unused' | 'connecting' | 'secured';

/**
 * Carries one request over a connection of its own and remembers how far that came. Nothing of a request leaves before TLS is up, so that what
 * fails while connecting was certainly not sent; a pooled connection, which the other side may just be closing, could not tell.
 */
export class SingleConnection extends Agent {
  #state: ConnectionState = 'unused';

  constructor() {
    super({ keepAlive: false, maxCachedSessions: 0, rejectUnauthorized: true });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  override createConnection(options: RequestOptions, callback?: (error: Error | null, stream: Duplex) => void): Duplex | null | undefined {
    const socket = super.createConnection(options, callback);
    if (this.#state === 'unused') this.#state = 'connecting';
    socket?.once('secureConnect', () => {
      this.#state = 'secured';
    });
    return socket;
  }
}

import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';

/**
 * Carries one request over a connection of its own and remembers whether there ever was one. Nothing of a request leaves before TLS is up, so that what
 * fails earlier was certainly not sent; a pooled connection, which the other side may just be closing, could not tell.
 */
export class SingleConnection extends Agent {
  #secured = false;

  constructor() {
    super({ keepAlive: false, maxCachedSessions: 0, rejectUnauthorized: true });
  }

  /** TLS was up: bytes of the request may have arrived. */
  get secured(): boolean {
    return this.#secured;
  }

  override createConnection(options: RequestOptions, callback?: (error: Error | null, stream: Duplex) => void): Duplex | null | undefined {
    const socket = super.createConnection(options, callback);
    socket?.once('secureConnect', () => {
      this.#secured = true;
    });
    return socket;
  }
}

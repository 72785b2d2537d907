/**
 * Loaded into the Playground before its own code. The Playground has no sign-in, so whoever reaches it votes as an approver, and it would listen on every
 * interface: here every server that it opens is bound to loopback. It also ends when the process that started it does, whatever way that ended.
 */
import { Server } from 'node:net';

const listen = Server.prototype.listen;

Object.defineProperty(Server.prototype, 'listen', {
  configurable: true,
  writable: true,
  value(this: Server, port: unknown, ...rest: readonly unknown[]): Server {
    const whenListening = rest.at(-1);
    if (typeof port !== 'number') throw new TypeError('The Playground may only listen on a port of loopback.');
    const options = { port, host: '127.0.0.1' };
    return listen.call(this, options, typeof whenListening === 'function' ? () => Reflect.apply(whenListening, this, []) : undefined);
  },
});

process.stdin.resume();
process.stdin.once('close', () => process.exit(0));
process.stdin.once('end', () => process.exit(0));

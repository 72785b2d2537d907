import { connect, type Socket } from 'node:net';

/**
 * Sends bytes as they are, in one piece or several, and gives everything that comes back until the server closes the connection, or until
 * `until` is in it. Rejects where neither comes.
 */
export function exchangeRaw(address: string, pieces: readonly (string | Buffer)[], until?: RegExp): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const timer = setTimeout(() => socket.destroy(new Error('The server neither answered nor hung up.')), 45_000);
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
      if (until?.test(received) === true) socket.end();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that refuses what it has not read to its end resets the connection after its answer.
      if ((error.code === 'ECONNRESET' || error.code === 'EPIPE') && received !== '') return;
      reject(error);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
    for (const piece of pieces) socket.write(piece);
  });
}

/** Connections on each of which some bytes were sent and nothing more. */
export function openStalled(address: string, count: number, bytes: string): readonly Socket[] {
  const { hostname, port } = new URL(address);
  return Array.from({ length: count }, () => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => socket.destroy());
    socket.write(bytes);
    return socket;
  });
}

/** The status codes in what a connection answered, in order. */
export function statusesIn(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

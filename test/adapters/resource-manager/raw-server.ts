import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type Certificates, ensureCertificates } from '../../../infra/local/certificates.ts';

/** A request as it came over the wire. */
export type RawRequest = { readonly head: string; readonly body: string };

/** What the server does once a whole request is there; it may also do nothing. */
export type Behaviour = (socket: TLSSocket, request: RawRequest) => void;

export type RawServer = {
  readonly origin: string;
  readonly requests: readonly RawRequest[];
  readonly connections: () => number;
};

/** Makes certificates for a file of tests and trusts them for as long as it runs. */
export function useCertificates(): () => Certificates {
  const trusted = getCACertificates('default');
  let directory: string;
  let certificates: Certificates;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-tls-'));
    certificates = await ensureCertificates(directory);
    setDefaultCACertificates([...trusted, certificates.caPem]);
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await rm(directory, { recursive: true });
  });
  return () => certificates;
}

/** A TLS server that writes whatever bytes a test wants, and counts what arrives. Stops when the test is over. */
export async function startRawServer({ certPem, keyPem }: Pick<Certificates, 'certPem' | 'keyPem'>, behave: Behaviour): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const open = new Set<TLSSocket>();
  let connections = 0;
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => {
    connections += 1;
    open.add(socket);
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      const request = wholeRequest(received);
      if (request === undefined) return;
      received = Buffer.alloc(0);
      requests.push(request);
      behave(socket, request);
    });
  });
  // A client that refuses our certificate ends the handshake; that is what a test may be about.
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { origin: `https://localhost:${address.port}`, requests, connections: () => connections };
}

function wholeRequest(bytes: Buffer): RawRequest | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = bytes.subarray(0, end).toString('latin1');
  const length = Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? '0');
  const body = bytes.subarray(end + 4);
  return body.length < length ? undefined : { head, body: body.toString('utf8') };
}

/** A complete answer that ends the connection. */
export function answering(status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Behaviour {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), connection: 'close', ...headers });
  return (socket) => {
    socket.end(`HTTP/1.1 ${status} Status\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
  };
}

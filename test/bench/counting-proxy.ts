import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** What Table and Blob Storage are asked for, as they charge for it: an entity-group transaction is one write, however many rows it has. */
export const storageKinds = ['transaction', 'write', 'delete', 'query', 'pointRead', 'blobWrite', 'blobRead'] as const;
export type StorageKind = (typeof storageKinds)[number];

export type StorageCall = { readonly kind: StorageKind; readonly table: string };

export type CountingProxy = {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  /** Every request that was passed on, in their order. */
  readonly calls: readonly StorageCall[];
  readonly stop: () => Promise<void>;
};

/** Stands on loopback in front of a service of Azurite, passes every request on as it is, and notes what it asks for. */
export async function startCountingProxy(targetPort: number, service: 'table' | 'blob'): Promise<CountingProxy> {
  const calls: StorageCall[] = [];
  const upstream = new Agent({ keepAlive: true, maxSockets: 64 });
  const server = createServer((incoming, outgoing) => {
    calls.push(service === 'table' ? tableCall(incoming) : blobCall(incoming));
    passOn(incoming, outgoing, targetPort, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy does not listen on a port.');
  return {
    address: `http://127.0.0.1:${address.port}`,
    calls,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      upstream.destroy();
    },
  };
}

const entity = /^\/[^/]+\/(\w+)\(PartitionKey=/;
const collection = /^\/[^/]+\/(\w+)(?:\(\))?(?:\?|$)/;

/** Source: learn.microsoft.com/rest/api/storageservices/table-service-rest-api. */
export function tableCall({ method = '', url = '' }: Pick<IncomingMessage, 'method' | 'url'>): StorageCall {
  if (/^\/[^/]+\/\$batch(?:\?|$)/.test(url)) return { kind: 'transaction', table: 'operations' };
  const one = entity.exec(url)?.[1];
  const table = one ?? collection.exec(url)?.[1] ?? 'unknown';
  if (method === 'GET') return { kind: one === undefined ? 'query' : 'pointRead', table };
  return { kind: method === 'DELETE' ? 'delete' : 'write', table };
}

function blobCall({ method = '' }: IncomingMessage): StorageCall {
  return { kind: method === 'GET' || method === 'HEAD' ? 'blobRead' : 'blobWrite', table: 'blobs' };
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, targetPort: number, upstream: Agent): void {
  const { method, url, headers } = incoming;
  const onward = request({ host: '127.0.0.1', port: targetPort, method, path: url, headers, agent: upstream }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => incoming.socket.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

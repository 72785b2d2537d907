import type { IncomingMessage } from 'node:http';
import { startPassThrough } from '../support/pass-through.ts';

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
  const { port, stop } = await startPassThrough(targetPort, ({ incoming, passOn }) => {
    calls.push(service === 'table' ? tableCall(incoming) : blobCall(incoming));
    passOn();
  });
  return { address: `http://127.0.0.1:${port}`, calls, stop };
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

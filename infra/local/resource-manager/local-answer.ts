import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { LocalAnswer } from '../loopback-server.ts';
import type { ArmAnswer } from './arm-answer.ts';

/** The ids by which a request is known to both sides. */
export type RequestIds = { readonly request: string; readonly correlation: string; readonly client: string | null };

const printable = /^[\x21-\x7e]{1,128}$/;

/** The client's own ids are hostile: they are taken only where they are short and printable. */
export function requestIds(headers: IncomingHttpHeaders): RequestIds {
  const { 'x-ms-correlation-request-id': correlation, 'x-ms-client-request-id': client } = headers;
  const request = randomUUID();
  return {
    request,
    correlation: typeof correlation === 'string' && printable.test(correlation) ? correlation : request,
    client: typeof client === 'string' && printable.test(client) ? client : null,
  };
}

export function idHeaders({ request, correlation, client }: RequestIds, headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const returnsClientId = headers['x-ms-return-client-request-id'] === 'true' && client !== null;
  return {
    'x-ms-request-id': request,
    'x-ms-correlation-request-id': correlation,
    ...(returnsClientId ? { 'x-ms-client-request-id': client } : {}),
  };
}

/** An answer as bytes on the wire. */
export function toLocal({ status, headers, body }: ArmAnswer, ids: Readonly<Record<string, string>> = {}): LocalAnswer {
  const contentType: Readonly<Record<string, string>> = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  return {
    status,
    headers: { 'cache-control': 'no-cache', ...contentType, ...ids, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}

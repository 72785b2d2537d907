import type { IncomingMessage } from 'node:http';
import type { HttpRequestData, NullableString } from './core-types.ts';
import { parseQuery, type RequestTarget } from './request-target.ts';

/** What the cloud's host takes by default. */
export const bodyLimitBytes = 100 * 1024 * 1024;

/** The request as the host hands it to the worker (`GrpcMessageConversionExtensions.ToRpcHttp` there), body as exact bytes. */
export function toRequestData(
  incoming: IncomingMessage,
  target: RequestTarget,
  params: ReadonlyMap<string, string>,
  body: Buffer,
): HttpRequestData {
  return {
    method: incoming.method ?? 'GET',
    url: `http://${incoming.headers.host ?? ''}${target.encodedPath}${target.queryString}`,
    nullableHeaders: nullableStrings(joinHeaders(incoming.rawHeaders)),
    nullableQuery: nullableStrings(parseQuery(target.queryString)),
    nullableParams: nullableStrings(params),
    ...(body.length > 0 ? { body: { bytes: body } } : {}),
  };
}

/** Names in lower case; repeated headers joined with a comma, as the cloud's host does to all of them. */
export function joinHeaders(rawHeaders: readonly string[]): Map<string, string> {
  const joined = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return joined;
}

/** Whether the request announces a body over the limit. */
export function isTooLarge(incoming: IncomingMessage): boolean {
  return Number(incoming.headers['content-length'] ?? 0) > bodyLimitBytes;
}

/** Reads the whole body. Bytes over the limit are left unread; `aborted` means that the client went away. */
export function readBody(incoming: IncomingMessage): Promise<Buffer | 'tooLarge' | 'aborted'> {
  if (isTooLarge(incoming)) {
    return Promise.resolve('tooLarge');
  }
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    incoming.on('data', (part: Buffer) => {
      size += part.length;
      if (size > bodyLimitBytes) {
        parts.length = 0;
        resolve('tooLarge');
      } else {
        parts.push(part);
      }
    });
    incoming.on('end', () => resolve(Buffer.concat(parts)));
    incoming.on('error', () => resolve('aborted'));
    incoming.on('close', () => resolve('aborted'));
  });
}

function nullableStrings(values: ReadonlyMap<string, string>): Record<string, NullableString> {
  return Object.fromEntries([...values].map(([name, value]) => [name, { value }]));
}

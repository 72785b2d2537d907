import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Server } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { ProgrammingModel } from './core-types.ts';
import { bodyLimitBytes } from './http-request.ts';
import type { RequestTarget } from './request-target.ts';

const invocationIdHeader = 'x-ms-invocation-id';

export type Forwarding = {
  /** Resolves when the whole answer has been passed on. */
  readonly done: Promise<void>;
  readonly cancel: () => void;
};

/**
 * Asks the programming model for its capabilities, which starts its request server when the app called
 * `app.setup({ enableHttpStream: true })`. Returns that server's address, or undefined when the app does not stream.
 */
export async function startStreaming(model: ProgrammingModel): Promise<URL | undefined> {
  const capabilities = await onLoopback(async () => model.getCapabilities?.({}));
  const uri = capabilities?.['HttpUri'];
  if (uri === undefined) {
    return undefined;
  }
  const url = new URL(uri);
  url.hostname = '127.0.0.1';
  return url;
}

/** Passes the request to the library and its answer to the client, both as streams; host and protocol as the cloud's host names them. */
export function forwardToWorker(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: RequestTarget,
  invocationId: string,
  workerUrl: URL,
): Forwarding {
  const headers = {
    ...bodyHeaders(incoming),
    [invocationIdHeader]: invocationId,
    'x-forwarded-host': incoming.headers.host,
    'x-forwarded-proto': 'http',
  };
  const forwarded = request(workerUrl, { method: incoming.method ?? 'GET', path: `${target.encodedPath}${target.queryString}`, headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    forwarded.once('response', resolve);
    forwarded.once('error', reject);
  });
  pipeline(upToLimit(incoming), forwarded).catch((error: unknown) => forwarded.destroy(error instanceof Error ? error : undefined));
  const done = answered.then(async (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, withoutInvocationId(answer.rawHeaders));
    await pipeline(answer, outgoing);
  });
  outgoing.once('close', () => forwarded.destroy());
  return { done, cancel: () => forwarded.destroy() };
}

/** Leaves the connection alone when it ends early: the client is still owed an answer. */
async function* upToLimit(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const part of incoming.iterator({ destroyOnReturn: false })) {
    size += part.length;
    if (size > bodyLimitBytes) {
      throw new RangeError('The body is larger than the host takes.');
    }
    yield part;
  }
}

function bodyHeaders(incoming: IncomingMessage): Record<string, string> {
  const { 'content-length': length, 'transfer-encoding': encoding } = incoming.headers;
  if (encoding !== undefined) {
    return { 'transfer-encoding': encoding };
  }
  return length === undefined ? {} : { 'content-length': length };
}

function withoutInvocationId(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (![invocationIdHeader, 'connection', 'keep-alive', 'transfer-encoding'].includes(name.toLowerCase())) {
      kept.push(name, rawHeaders[at + 1] ?? '');
    }
  }
  return kept;
}

/** The library listens on every interface and offers no choice; while it starts, a server without a host gets loopback. */
async function onLoopback<T>(start: () => Promise<T>): Promise<T> {
  const listen = Server.prototype.listen;
  Server.prototype.listen = new Proxy(listen, {
    apply: (target, self, args: unknown[]) => Reflect.apply(target, self, typeof args[0] === 'function' ? [0, '127.0.0.1', args[0]] : args),
  });
  try {
    return await start();
  } finally {
    Server.prototype.listen = listen;
  }
}

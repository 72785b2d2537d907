import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

/** A request whose body has been read whole; `rawUrl` is the request target exactly as it came. */
export type LocalRequest = {
  readonly method: string;
  readonly rawUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

export type LocalAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for an answer without a body. */
  readonly body: string | undefined;
  /** Where the connection is to break in place of a whole answer, as an injected fault has it. */
  readonly breaks?: 'beforeAnswer' | 'withinBody';
};

export type RequestHandlers = {
  readonly handle: (request: LocalRequest) => Promise<LocalAnswer>;
  /** Answers a request whose body is over the limit, and was not read. */
  readonly refuseTooLarge: (request: Omit<LocalRequest, 'body'>) => LocalAnswer;
};

export type LoopbackServerOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Absent for plain http. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string };
  readonly bodyLimitBytes: number;
  /** Called once with the port, before the first request. */
  readonly makeHandlers: (port: number) => RequestHandlers;
};

export type LoopbackServer = { readonly port: number; readonly stop: () => Promise<void> };

/** Serves on 127.0.0.1 only. Stopping lets the requests under way be answered, then closes every connection. */
export async function startLoopbackServer(options: LoopbackServerOptions): Promise<LoopbackServer> {
  const underWay = new Set<Promise<void>>();
  const server =
    options.tls === undefined
      ? createHttpServer()
      : createHttpsServer({ cert: options.tls.certPem, key: options.tls.keyPem, minVersion: 'TLSv1.2' });
  const port = await listen(server, options.port, (openPort) => {
    const exchange: Exchange = { limitBytes: options.bodyLimitBytes, handlers: options.makeHandlers(openPort), underWay };
    server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      serve(incoming, outgoing, exchange).catch((error: unknown) => {
        console.error('A stand-in failed to read a request.', error);
        outgoing.destroy();
      });
    });
  });
  return { port, stop: () => stop(server, underWay) };
}

type Exchange = {
  readonly limitBytes: number;
  readonly handlers: RequestHandlers;
  readonly underWay: Set<Promise<void>>;
};

/** An answer in JSON. */
export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): LocalAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) };
}

/** Parses a body as JSON; undefined, which no JSON is, where it is none. */
export function parseJsonBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, exchange: Exchange): Promise<void> {
  const body = await readBody(incoming, exchange.limitBytes);
  if (body === 'aborted') {
    return;
  }
  const answering = answer(incoming, outgoing, exchange.handlers, body).finally(() => exchange.underWay.delete(answering));
  exchange.underWay.add(answering);
  await answering;
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handlers: RequestHandlers,
  body: Buffer | 'tooLarge',
): Promise<void> {
  try {
    const head = { method: incoming.method ?? '', rawUrl: incoming.url ?? '', headers: incoming.headers };
    if (body === 'tooLarge') {
      // What is still coming is read and dropped by node: a connection closed in the middle would hide the answer from the client.
      await send(outgoing, handlers.refuseTooLarge(head));
      return;
    }
    await send(outgoing, await handlers.handle({ ...head, body }));
  } catch (error) {
    console.error('A stand-in failed to answer.', error);
    await send(outgoing, { status: 500, headers: {}, body: undefined });
  }
}

/** Resolves once the answer is out, or the client gone. */
function send(outgoing: ServerResponse, { status, headers, body, breaks }: LocalAnswer): Promise<void> {
  if (outgoing.headersSent || outgoing.destroyed) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    outgoing.once('close', resolve);
    if (breaks === 'beforeAnswer') {
      outgoing.destroy();
      return;
    }
    const mayHaveLength = body !== undefined || (status !== 204 && status !== 304);
    outgoing.writeHead(status, mayHaveLength ? { ...headers, 'content-length': Buffer.byteLength(body ?? '') } : headers);
    if (breaks === 'withinBody' && body !== undefined) {
      outgoing.write(body.slice(0, Math.floor(body.length / 2)), () => outgoing.destroy());
      return;
    }
    outgoing.end(body);
  });
}

async function readBody(incoming: IncomingMessage, limitBytes: number): Promise<Buffer | 'tooLarge' | 'aborted'> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of incoming.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(part)) {
        throw new TypeError('A request body is read as bytes.');
      }
      size += part.length;
      if (size > limitBytes) {
        return 'tooLarge';
      }
      parts.push(part);
    }
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) {
      return 'aborted';
    }
    throw error;
  }
  return Buffer.concat(parts);
}

function listen(server: Server, port: number, onListening: (port: number) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') {
        reject(new Error('The server has no TCP port.'));
        return;
      }
      onListening(address.port);
      resolve(address.port);
    });
  });
}

async function stop(server: Server, underWay: ReadonlySet<Promise<void>>): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
  await Promise.allSettled(underWay);
  server.closeAllConnections();
  await closed;
}

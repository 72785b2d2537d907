import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TypedData } from './core-types.ts';
import { HostFailure } from './failure.ts';
import { writeAnswer, writeEmpty } from './http-answer.ts';
import { isTooLarge, joinHeaders, readBody, toRequestData } from './http-request.ts';
import { forwardToWorker } from './http-stream.ts';
import type { Invoker } from './invocation.ts';
import { logFailure } from './log.ts';
import { parseRequestTarget, type RequestTarget } from './request-target.ts';
import { makeRouteTable, type RouteTable } from './routes.ts';
import { makeTraceContext } from './trace-context.ts';
import type { FunctionDefinition, HttpTrigger } from './triggers.ts';

export type HttpServerOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  readonly routePrefix: string;
  readonly functions: readonly FunctionDefinition<HttpTrigger>[];
  readonly invoker: Invoker;
  /** The body of `GET /admin/functions`. */
  readonly listing: () => unknown;
  /** Where the library waits for requests when the app streams; undefined when it does not. */
  readonly workerUrl: URL | undefined;
};

export type HttpServer = {
  readonly port: number;
  /** Takes no more requests; resolves when those under way are answered and every connection is closed. */
  readonly stop: () => Promise<void>;
  /** Ends every connection at once. */
  readonly closeAll: () => void;
};

/** The header limits and the idle time of Kestrel. */
const maxHeaderBytes = 32 * 1024;
const keepAliveMs = 130_000;

/** Serves the HTTP triggers on 127.0.0.1. Throws `invalidRoute`, `portUnavailable`. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const table = makeRouteTable(
    options.functions.map((definition) => ({
      template: `${options.routePrefix}/${definition.trigger.route.replace(/^\/+/, '')}`,
      methods: definition.trigger.methods,
      value: definition,
    })),
  );
  const underWay = new Set<Promise<void>>();
  const server = createServer({ maxHeaderSize: maxHeaderBytes, keepAliveTimeout: keepAliveMs }, (incoming, outgoing) => {
    const ended = new Promise<void>((resolve) => outgoing.once('close', resolve)).finally(() => underWay.delete(ended));
    underWay.add(ended);
    outgoing.on('error', () => outgoing.destroy());
    serve(incoming, outgoing, table, options).catch((error: unknown) => {
      logFailure('The host failed to answer a request.', error);
      outgoing.destroy();
    });
  });
  const port = await listen(server, options.port);
  return { port, stop: () => stop(server, underWay), closeAll: () => server.closeAllConnections() };
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  table: RouteTable<FunctionDefinition<HttpTrigger>>,
  options: HttpServerOptions,
): Promise<void> {
  const target = parseRequestTarget(incoming.url ?? '');
  if (target === undefined || !isHost(incoming.headers.host)) {
    return writeEmpty(outgoing, 400, { connection: 'close' });
  }
  if (target.path === '/admin/functions') {
    return answerListing(incoming, outgoing, options);
  }
  const match = table.find(incoming.method ?? '', target.path);
  switch (match.kind) {
    case 'notFound':
      return writeEmpty(outgoing, 404);
    case 'methodNotAllowed':
      return writeEmpty(outgoing, 405, { allow: match.allow.join(', ') });
    case 'found':
      return options.workerUrl === undefined
        ? invokeBuffered(incoming, outgoing, target, match, options)
        : invokeStreamed(incoming, outgoing, target, match, options, options.workerUrl);
  }
}

type Found = { readonly value: FunctionDefinition<HttpTrigger>; readonly params: ReadonlyMap<string, string> };

async function invokeBuffered(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: RequestTarget,
  { value: definition, params }: Found,
  { invoker }: HttpServerOptions,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === 'aborted') {
    return;
  }
  if (body === 'tooLarge') {
    return writeEmpty(outgoing, 413);
  }
  const data = { http: toRequestData(incoming, target, params, body) };
  const invocationId = invoker.newInvocationId();
  try {
    const response = await invoker.invoke(definition, invocationId, { data, metadata: {}, traceContext: traceOf(incoming) });
    if (!outgoing.destroyed) {
      writeAnswer(outgoing, response);
    }
  } catch (error) {
    answerFailure(outgoing, definition, invocationId, error);
  }
}

/** The library takes the request and gives its answer over a connection of its own, matched by the invocation's id. */
async function invokeStreamed(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: RequestTarget,
  { value: definition, params }: Found,
  { invoker }: HttpServerOptions,
  workerUrl: URL,
): Promise<void> {
  if (isTooLarge(incoming)) {
    return writeEmpty(outgoing, 413);
  }
  const invocationId = invoker.newInvocationId();
  const metadata: Record<string, TypedData> = {
    ...Object.fromEntries([...params].map(([name, value]) => [name, { string: value }])),
    Headers: { json: JSON.stringify(Object.fromEntries(joinHeaders(incoming.rawHeaders))) },
  };
  const forwarding = forwardToWorker(incoming, outgoing, target, invocationId, workerUrl);
  const fail = (error: unknown): void => {
    forwarding.cancel();
    answerFailure(outgoing, definition, invocationId, error);
  };
  const input = { data: { json: 'null' }, metadata, traceContext: traceOf(incoming) };
  await Promise.all([
    invoker.invoke(definition, invocationId, input).catch(fail),
    forwarding.done.catch((error: unknown) => (outgoing.destroyed || outgoing.writableEnded ? undefined : fail(error))),
  ]);
}

/** 500 without a body, or, once an answer has begun, an end the client cannot take for a whole one. */
function answerFailure(outgoing: ServerResponse, definition: FunctionDefinition<HttpTrigger>, invocationId: string, error: unknown): void {
  logFailure('The function failed.', error, { function: definition.name, invocationId });
  if (outgoing.headersSent) {
    outgoing.destroy();
  } else if (!outgoing.destroyed) {
    for (const name of outgoing.getHeaderNames()) {
      outgoing.removeHeader(name);
    }
    writeEmpty(outgoing, 500);
  }
}

function answerListing(incoming: IncomingMessage, outgoing: ServerResponse, options: HttpServerOptions): void {
  if (incoming.method !== 'GET') {
    writeEmpty(outgoing, 405, { allow: 'GET' });
    return;
  }
  if (!isLoopbackHost(incoming.headers.host ?? '')) {
    writeEmpty(outgoing, 403);
    return;
  }
  const text = JSON.stringify(options.listing());
  outgoing.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  outgoing.end(text);
}

function traceOf(incoming: IncomingMessage): ReturnType<typeof makeTraceContext> {
  const headers = joinHeaders(incoming.rawHeaders);
  return makeTraceContext(headers.get('traceparent'), headers.get('tracestate'));
}

function isHost(host: string | undefined): boolean {
  return host !== undefined && /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host) && URL.canParse(`http://${host}/`);
}

/** The server listens on loopback only; the name keeps a web page from reaching the list through a name that it makes resolve here. */
function isLoopbackHost(host: string): boolean {
  return /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/i.test(host);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => reject(new HostFailure('portUnavailable', `Port ${port} cannot be used.`, { cause: error }));
    server.once('error', refuse);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', refuse);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** A connection without a request ends too: it may have been opened ahead of one, and would keep the server open. */
async function stop(server: Server, underWay: ReadonlySet<Promise<void>>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  while (underWay.size > 0) {
    await Promise.all(underWay);
  }
  server.closeAllConnections();
  await closed;
}

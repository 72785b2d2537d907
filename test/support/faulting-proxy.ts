import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/**
 * `refusedConnection`: the connection breaks before anything is passed on. `unavailable`, `serverError`: 503 and 500 in its place. `resetAfterEffect`: it is
 * passed on, and the connection breaks instead of the answer. `slowAnswer`: the answer takes a while.
 */
export const proxyFaultNames = ['refusedConnection', 'unavailable', 'serverError', 'resetAfterEffect', 'slowAnswer'] as const;
export type ProxyFault = (typeof proxyFaultNames)[number];

export type FaultingProxy = {
  readonly port: number;
  /** How likely each fault is from now on, from 0 to 1, for each request; what is left out does not happen. */
  readonly setRates: (rates: Readonly<Partial<Record<ProxyFault, number>>>) => void;
  /** How many of each have happened. */
  readonly happened: () => Readonly<Record<ProxyFault, number>>;
  readonly stop: () => Promise<void>;
};

export type FaultingProxyOptions = {
  readonly targetPort: number;
  /** In [0, 1); decides for each request. */
  readonly draw: () => number;
  readonly slowMs?: number;
  /** Is given the body of each request that is passed on. */
  readonly onBody?: (body: string) => void;
};

/** Stands on loopback in front of a plain HTTP service on loopback and passes every request on as it is, except for the faults that it is told to make. */
export async function startFaultingProxy({ targetPort, draw, slowMs = 300, onBody }: FaultingProxyOptions): Promise<FaultingProxy> {
  const counts: Record<ProxyFault, number> = { refusedConnection: 0, unavailable: 0, serverError: 0, resetAfterEffect: 0, slowAnswer: 0 };
  let rates: Readonly<Partial<Record<ProxyFault, number>>> = {};
  const upstream = new Agent({ keepAlive: true, maxSockets: 64 });

  const nextFault = (): ProxyFault | undefined => {
    const fault = proxyFaultNames.find((name) => draw() < (rates[name] ?? 0));
    if (fault !== undefined) counts[fault] += 1;
    return fault;
  };
  const server = createServer((incoming, outgoing) => {
    const fault = nextFault();
    if (fault === 'refusedConnection') incoming.socket.destroy();
    else if (fault === 'unavailable' || fault === 'serverError') refuse(incoming, outgoing, fault === 'unavailable' ? 503 : 500);
    else {
      if (onBody !== undefined) collect(incoming, onBody);
      passOn(incoming, outgoing, { targetPort, upstream, fault, slowMs });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen on a port');
  return {
    port: address.port,
    setRates: (next) => {
      rates = next;
    },
    happened: () => ({ ...counts }),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      upstream.destroy();
    },
  };
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number): void {
  incoming.resume();
  incoming.once('end', () => outgoing.writeHead(status, { 'content-length': '0' }).end());
}

function collect(incoming: IncomingMessage, onBody: (body: string) => void): void {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.once('end', () => onBody(Buffer.concat(chunks).toString('utf8')));
}

type Passing = {
  readonly targetPort: number;
  readonly upstream: Agent;
  readonly fault: ProxyFault | undefined;
  readonly slowMs: number;
};

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, { targetPort, upstream, fault, slowMs }: Passing): void {
  const { method, url, headers } = incoming;
  const onward = request({ host: '127.0.0.1', port: targetPort, method, path: url, headers, agent: upstream }, (answer) => {
    if (fault === 'resetAfterEffect') {
      answer.resume();
      answer.once('end', () => incoming.socket.destroy());
      return;
    }
    const send = (): void => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    };
    if (fault === 'slowAnswer') setTimeout(send, slowMs);
    else send();
  });
  onward.on('error', () => incoming.socket.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

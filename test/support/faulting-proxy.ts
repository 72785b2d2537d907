import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Exchange, type PassThrough, startPassThrough } from './pass-through.ts';

/**
 * `refusedConnection`: the connection breaks before anything is passed on. `unavailable`, `serverError`: 503 and 500 in its place. `resetAfterEffect`: it is
 * passed on, and the connection breaks instead of the answer. `slowAnswer`: the answer takes a while.
 */
export const proxyFaultNames = ['refusedConnection', 'unavailable', 'serverError', 'resetAfterEffect', 'slowAnswer'] as const;
export type ProxyFault = (typeof proxyFaultNames)[number];

export type FaultingProxy = PassThrough & {
  /** How likely each fault is from now on, from 0 to 1, for each request; what is left out does not happen. */
  readonly setRates: (rates: Readonly<Partial<Record<ProxyFault, number>>>) => void;
  /** How many of each have happened. */
  readonly happened: () => Readonly<Record<ProxyFault, number>>;
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

  const nextFault = (): ProxyFault | undefined => {
    const fault = proxyFaultNames.find((name) => draw() < (rates[name] ?? 0));
    if (fault !== undefined) counts[fault] += 1;
    return fault;
  };
  const proxy = await startPassThrough(targetPort, (exchange) => {
    const { incoming, outgoing } = exchange;
    const fault = nextFault();
    if (fault === 'refusedConnection') incoming.socket.destroy();
    else if (fault === 'unavailable' || fault === 'serverError') refuse(incoming, outgoing, fault === 'unavailable' ? 503 : 500);
    else {
      if (onBody !== undefined) collect(incoming, onBody);
      passOnWith(fault, exchange, slowMs);
    }
  });
  return {
    ...proxy,
    setRates: (next) => {
      rates = next;
    },
    happened: () => ({ ...counts }),
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

function passOnWith(fault: 'resetAfterEffect' | 'slowAnswer' | undefined, { incoming, passOn }: Exchange, slowMs: number): void {
  passOn((answer, send) => {
    if (fault === 'resetAfterEffect') answer.resume().once('end', () => incoming.socket.destroy());
    else if (fault === 'slowAnswer') setTimeout(send, slowMs);
    else send();
  });
}

import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** One request and its answer, as a proxy holds them. */
export type Exchange = {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Passes the request on as it is; `deliver` gets the answer, which is sent as it is unless something else is said. */
  readonly passOn: (deliver?: (answer: IncomingMessage, send: () => void) => void) => void;
};

export type PassThrough = { readonly port: number; readonly stop: () => Promise<void> };

/** Stands on loopback in front of a plain HTTP service on loopback; what becomes of each request is said by `onExchange`. */
export async function startPassThrough(targetPort: number, onExchange: (exchange: Exchange) => void): Promise<PassThrough> {
  const upstream = new Agent({ keepAlive: true, maxSockets: 64 });
  const server = createServer((incoming, outgoing) => {
    onExchange({
      incoming,
      outgoing,
      passOn: (deliver = (_, send) => send()) => {
        const { method, url, headers } = incoming;
        const onward = request({ host: '127.0.0.1', port: targetPort, method, path: url, headers, agent: upstream }, (answer) => {
          deliver(answer, () => {
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
          });
        });
        onward.on('error', () => incoming.socket.destroy());
        outgoing.on('close', () => onward.destroy());
        incoming.pipe(onward);
      },
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy does not listen on a port.');
  return {
    port: address.port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      upstream.destroy();
    },
  };
}

import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultingProxy, type ProxyFault, proxyFaultNames, startFaultingProxy } from './faulting-proxy.ts';

let target: Server;
let proxy: FaultingProxy;
let received: string[];
let bodies: string[];
/** The next numbers of chance; 0.5 where none is left. */
let draws: number[];

beforeEach(async () => {
  received = [];
  bodies = [];
  draws = [];
  target = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.once('end', () => {
      received.push(`${incoming.method} ${incoming.url} ${incoming.headers['x-given']} ${Buffer.concat(chunks).toString('utf8')}`);
      outgoing.writeHead(201, { etag: 'W/"1"' }).end('stored');
    });
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  const address = target.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy = await startFaultingProxy({
    targetPort: address.port,
    draw: () => draws.shift() ?? 0.5,
    slowMs: 20,
    onBody: (body) => bodies.push(body),
  });
});
afterEach(async () => {
  await proxy.stop();
  target.close();
  target.closeAllConnections();
});

/** Status and body, or the code of the error by which the connection ended. */
async function send(): Promise<readonly [number, string] | string> {
  return await new Promise((resolve) => {
    const options = { host: '127.0.0.1', port: proxy.port, method: 'POST', path: '/rows?x=%27a%27', headers: { 'x-given': 'yes' } };
    const sent = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.once('end', () => resolve([answer.statusCode ?? 0, text]));
    });
    sent.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    sent.end('row');
  });
}

const asSent = 'POST /rows?x=%27a%27 yes row';

describe('the proxy in front of a service', () => {
  it('passes everything on as it is where it is told of no fault', async () => {
    expect(await send()).toEqual([201, 'stored']);
    expect(received).toEqual([asSent]);
    expect(bodies).toEqual(['row']);
    expect(Object.values(proxy.happened())).toEqual([0, 0, 0, 0, 0]);
  });

  it.each<[ProxyFault, readonly [number, string] | string, readonly string[]]>([
    ['refusedConnection', 'ECONNRESET', []],
    ['unavailable', [503, ''], []],
    ['serverError', [500, ''], []],
    ['resetAfterEffect', 'ECONNRESET', [asSent]],
    ['slowAnswer', [201, 'stored'], [asSent]],
  ])('%s: the client sees it, the service what was passed on, and it is counted', async (name, seen, passedOn) => {
    proxy.setRates({ [name]: 1 });
    expect(await send()).toEqual(seen);
    expect(received).toEqual(passedOn);
    expect(bodies).toHaveLength(passedOn.length);
    expect(Object.entries(proxy.happened()).filter(([, times]) => times > 0)).toEqual([[name, 1]]);
  });

  it('lets chance decide for each fault in turn, and for each request anew', async () => {
    proxy.setRates(Object.fromEntries(proxyFaultNames.map((name) => [name, 0.1])));
    draws = [0.1, 0.09];
    expect(await send()).toEqual([503, '']);
    expect(await send()).toEqual([201, 'stored']);
  });

  it('makes no more faults once it is told so', async () => {
    proxy.setRates({ unavailable: 1 });
    proxy.setRates({});
    expect(await send()).toEqual([201, 'stored']);
  });

  it('breaks the connection where the service is away', async () => {
    target.close();
    target.closeAllConnections();
    expect(await send()).toBe('ECONNRESET');
  });

  it('ends with its connections, also those that nobody ends', async () => {
    const waiting = request({ host: '127.0.0.1', port: proxy.port, method: 'POST', path: '/' });
    const broken = once(waiting, 'error');
    waiting.write('never the end');
    await once(waiting, 'socket');
    await proxy.stop();
    expect(await broken).toHaveLength(1);
  });
});

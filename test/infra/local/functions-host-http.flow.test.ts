import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureHost, startFixture, withoutQueues } from './functions-host/fixture-host.ts';

let host: FixtureHost;

beforeAll(async () => {
  host = await startFixture(withoutQueues);
});

afterAll(async () => {
  await host.stop();
});

/** Sends bytes as they are, which `fetch` would tidy up first, and reads until the server closes. */
async function sendRaw(text: string): Promise<string> {
  const socket = connect(Number(new URL(host.address).port), '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.end(text, 'latin1');
  await once(socket, 'close');
  return Buffer.concat(parts).toString('latin1');
}

async function getRaw(target: string, ...headers: readonly string[]): Promise<Record<string, unknown>> {
  const answer = await sendRaw([`GET ${target} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', ...headers, '', ''].join('\r\n'));
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
}

describe('a request that no function sees', () => {
  it('has no route: 404 without a body', async () => {
    const response = await fetch(`${host.address}/api/nothing`);
    expect([response.status, await response.text()]).toEqual([404, '']);
  });

  it('has another method: 405 with the methods there are', async () => {
    const response = await fetch(`${host.address}/api/operations/op_1`, { method: 'DELETE' });
    expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([405, 'GET, POST', '']);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['no host', 'GET /api/operations/a HTTP/1.1\r\n\r\n'],
    ['a host with a path in it', 'GET /api/operations/a HTTP/1.1\r\nHost: x/y\r\nConnection: close\r\n\r\n'],
    ['an escaped NUL', 'GET /api/operations/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['two framings', 'POST /api/operations HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'POST /api/operations HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ])('is broken: %s', async (_, text) => {
    expect(await sendRaw(text)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('announces more than 100 MiB: 413', async () => {
    const answer = await sendRaw('POST /api/operations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 104857601\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('grows over 100 MiB without announcing it: 413', async () => {
    const piece = Buffer.alloc(1024 * 1024);
    const sent = httpRequest(`${host.address}/api/operations`, { method: 'POST', agent: new Agent() });
    const answered = once(sent, 'response');
    for (let count = 0; count <= 100; count += 1) {
      if (!sent.write(piece)) {
        await once(sent, 'drain');
      }
    }
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    sent.destroy();
  });
});

describe('what a function is given', () => {
  it('a literal route before a parameter', async () => {
    const response = await fetch(`${host.address}/api/operations/assess`, { method: 'POST' });
    expect(await response.json()).toMatchObject({ function: 'assess-operation', params: {} });
  });

  it('a parameter with more path behind it', async () => {
    const response = await fetch(`${host.address}/api/operations/op_1/cancel`, { method: 'POST' });
    expect(await response.json()).toMatchObject({ function: 'cancel-operation', params: { id: 'op_1' } });
  });

  it('method, query and headers', async () => {
    const response = await fetch(`${host.address}/arm/subscriptions?api-version=2024-01-01&a=1&a=2`, {
      method: 'PATCH',
      headers: { 'X-Custom': 'value', 'if-match': '"e"' },
    });
    expect(await response.json()).toMatchObject({
      function: 'gateway',
      method: 'PATCH',
      params: { path: 'subscriptions' },
      query: { 'api-version': '2024-01-01', a: '1,2' },
      headers: { 'x-custom': 'value', 'if-match': '"e"' },
    });
  });

  it('repeated headers joined', async () => {
    const seen = await getRaw('/arm/x', 'X-Twice: a', 'x-twice: b');
    expect(seen).toMatchObject({ headers: { 'x-twice': 'a,b' } });
  });

  it('the path as the cloud hands it on', async () => {
    expect(await getRaw('/arm/a%2Fb/../%63//d%20e')).toMatchObject({ url: 'http://127.0.0.1/arm/c//d%20e', params: { path: 'c//d e' } });
  });

  it('escaped dots of a doubly escaped path in the parameter, but not in the URL, as in the cloud', async () => {
    expect(await getRaw('/arm/a/%252e%252e/b')).toMatchObject({ url: 'http://127.0.0.1/arm/b', params: { path: 'a/%2e%2e/b' } });
  });

  it('four mebibytes of any bytes, exactly', async () => {
    const body = randomBytes(4 * 1024 * 1024);
    const response = await fetch(`${host.address}/api/operations`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({
      bodyBytes: 4_194_304,
      bodySha256: createHash('sha256').update(body).digest('hex'),
    });
  });

  it("the caller's trace with a span of its own", async () => {
    const response = await fetch(`${host.address}/arm/x`, {
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'vendor=1' },
    });
    expect(await response.json()).toMatchObject({
      traceParent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/),
      traceState: 'vendor=1',
    });
  });

  it('a new trace where the caller sent none that is valid', async () => {
    const response = await fetch(`${host.address}/arm/x`, {
      headers: { traceparent: '00-00000000000000000000000000000000-b7ad6b7169203331-01', tracestate: 'vendor=1' },
    });
    expect(await response.json()).toMatchObject({
      traceParent: expect.stringMatching(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-00$/),
      traceState: '',
    });
  });

  it('a hook ran before it', async () => {
    expect(await (await fetch(`${host.address}/answers/hooked`)).text()).toBe('seen');
  });
});

describe('what a caller is given', () => {
  it('status, headers and the exact bytes', async () => {
    const response = await fetch(`${host.address}/answers/bytes`);
    expect([response.status, response.headers.get('x-one'), response.headers.get('etag'), [...(await response.bytes())]]).toEqual([
      201,
      '1',
      '"abc"',
      [0, 255, 128, 10, 13],
    ]);
  });

  it('four mebibytes of any bytes, exactly', async () => {
    const body = randomBytes(4 * 1024 * 1024);
    const response = await fetch(`${host.address}/answers/body`, { method: 'POST', body });
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  it('each cookie in a header of its own', async () => {
    const response = await fetch(`${host.address}/answers/cookies`);
    expect(response.headers.getSetCookie()).toEqual([
      'a=1; path=/console; secure; samesite=strict; httponly',
      'b=two%20words; max-age=60; path=/',
    ]);
  });

  it('204 where the function answers nothing', async () => {
    const response = await fetch(`${host.address}/silent`);
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it('500 without a body where the function throws, and no log holds the payload', async () => {
    const response = await fetch(`${host.address}/answers/throws`, { method: 'POST', body: 'payload-secret' });
    expect([response.status, await response.text()]).toEqual([500, '']);
    const logged = JSON.parse(await host.line('"function":"answers"', 'The function failed.', 'TypeError'));
    expect(logged).toMatchObject({ level: 'error', function: 'answers', error: { name: 'TypeError' } });
    expect(logged.error.at[0]).toContain('fixture-entry.ts');
    expect(host.lines.filter((line) => line.includes('payload-secret'))).toEqual([]);
  });

  it('500 where the answer cannot be written', async () => {
    expect((await fetch(`${host.address}/answers/malformed`)).status).toBe(500);
  });

  it('answers on one connection, one after the other', async () => {
    const answer = await sendRaw(
      'GET /answers/hooked HTTP/1.1\r\nHost: x\r\n\r\nGET /answers/hooked HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
  });
});

describe('logs', () => {
  it('are one line of JSON each', async () => {
    await fetch(`${host.address}/answers/logs`);
    expect(JSON.parse(await host.line('one { two: 2 }'))).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      level: 'information',
      function: 'answers',
      invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      message: 'one { two: 2 }',
    });
    expect(JSON.parse(await host.line('line\\nbreak'))).toMatchObject({ level: 'warning', message: 'line\nbreak' });
  });
});

describe('the host goes on', () => {
  it('after errors that escaped from a function', async () => {
    expect((await fetch(`${host.address}/answers/strays`)).status).toBe(202);
    await host.line('An error escaped from a function.', 'RangeError');
    await host.line('An error escaped from a function.', 'SyntaxError');
    expect((await fetch(`${host.address}/answers/hooked`)).status).toBe(200);
  });

  it('after a client that went away before its answer', async () => {
    const gone = new AbortController();
    const answer = fetch(`${host.address}/wait/abandoned`, { signal: gone.signal });
    await host.line('waiting abandoned');
    gone.abort();
    await expect(answer).rejects.toThrow();
    expect((await fetch(`${host.address}/release/abandoned`, { method: 'POST' })).status).toBe(204);
    expect((await fetch(`${host.address}/answers/hooked`)).status).toBe(200);
  });

  it('after a client that went away in the middle of its body', async () => {
    const invocations = host.lines.length;
    const socket = connect(Number(new URL(host.address).port), '127.0.0.1');
    socket.write('POST /api/operations HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    socket.end().resume();
    await once(socket, 'close');
    expect((await fetch(`${host.address}/answers/hooked`)).status).toBe(200);
    expect(host.lines.slice(invocations)).toEqual([]);
  });
});

describe('the list of functions', () => {
  it('is in the order of registration, without those switched off', async () => {
    const response = await fetch(`${host.address}/admin/functions`);
    expect(await response.json()).toEqual(host.functions.map((name) => expect.objectContaining({ name })));
    expect(host.functions).toEqual([
      'submit-operation',
      'assess-operation',
      'read-operation',
      'cancel-operation',
      'by-guid',
      'gateway',
      'answers',
      'silent',
      'wait',
      'release',
      'measure',
    ]);
  });

  it('says what triggers each', async () => {
    const response = await fetch(`${host.address}/admin/functions`);
    expect(await response.json()).toContainEqual({
      name: 'read-operation',
      language: 'node',
      isDisabled: false,
      invoke_url_template: `${host.address}/api/operations/{id}`,
      config: {
        bindings: [
          expect.objectContaining({ type: 'httpTrigger', route: 'api/operations/{id}', methods: ['GET', 'POST'], authLevel: 'anonymous' }),
          { type: 'http', name: '$return', direction: 'out' },
        ],
      },
    });
  });

  it('is refused to a page that reached loopback by a name of its own', async () => {
    const answer = await sendRaw('GET /admin/functions HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });
});

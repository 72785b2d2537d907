import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureHost, startFixture } from './functions-host/fixture-host.ts';

let host: FixtureHost;

beforeAll(async () => {
  host = await startFixture({}, fileURLToPath(new URL('functions-host/streaming-entry.ts', import.meta.url)));
});

afterAll(async () => {
  await host.stop();
});

describe('an app that streams', () => {
  it('answers 404 and 405 as ever', async () => {
    expect((await fetch(`${host.address}/other`)).status).toBe(404);
    expect((await fetch(`${host.address}/streams/a`, { method: 'PUT' })).status).toBe(405);
  });

  it('answers 413 to a body that is announced too large', async () => {
    const sent = httpRequest(`${host.address}/streams/a`, { method: 'POST', headers: { 'content-length': '104857601' } });
    sent.flushHeaders();
    const [response] = await once(sent, 'response');
    expect(response.statusCode).toBe(413);
    sent.destroy();
  });

  it('answers 500 where the function throws', async () => {
    const response = await fetch(`${host.address}/streams/throws`, { method: 'POST', body: 'x' });
    expect([response.status, await response.text()]).toEqual([500, '']);
    await host.line('The function failed.', 'TypeError', 'stream-back');
  });

  it('gives the first piece back before the second is sent', async () => {
    const sent = httpRequest(`${host.address}/streams/a`, { method: 'POST' });
    sent.write('first');
    const [response] = await once(sent, 'response');
    const [first] = await once(response, 'data');
    sent.end('second');
    const [second] = await once(response, 'data');
    expect([String(first), String(second)]).toEqual(['first', 'second']);
  });

  it('keeps status, headers, cookies, URL and trace', async () => {
    const response = await fetch(`${host.address}/streams/a%20b?x=%2F`, {
      headers: { 'x-sent': 'value', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    expect([response.status, await response.text()]).toEqual([206, 'no body']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-seen': 'value',
      'x-url': `${host.address}/streams/a%20b?x=%2F`,
      'x-trace': expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-/),
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.has('x-ms-invocation-id')).toBe(false);
  });

  it('gives back four mebibytes of any bytes, exactly', async () => {
    const body = randomBytes(4 * 1024 * 1024);
    const response = await fetch(`${host.address}/streams/a`, { method: 'POST', body });
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  it('goes on after a client that went away in the middle', async () => {
    const sent = httpRequest(`${host.address}/streams/a`, { method: 'POST' });
    sent.on('error', () => {});
    sent.write('first');
    const [response] = await once(sent, 'response');
    response.on('error', () => {});
    const closed = new Promise((resolve) => response.on('close', resolve));
    sent.destroy();
    await closed;
    expect((await fetch(`${host.address}/streams/a`)).status).toBe(206);
  });
});

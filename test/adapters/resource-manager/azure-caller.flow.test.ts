import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ensureCertificates } from '../../../infra/local/certificates.ts';
import { makeAzureCaller } from '../../../shared/adapters/resource-manager/azure-caller.ts';
import type { ArmRequest } from '../../../shared/domain/arm-request.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { CallOutcome, Credential, PollOutcome, PollStyle } from '../../../shared/ports/azure.ts';
import { answering, type Behaviour, startRawServer, useCertificates } from './raw-server.ts';

const certificates = useCertificates();
const clock = { now: () => instant('2026-11-21T20:12:00.000Z') };
const credential: Credential = {
  tier: 'operator',
  identity: 'operator-client',
  token: 'the-token',
  expiresAt: instant('2026-11-21T21:12:00.000Z'),
};
const put: ArmRequest = {
  kind: 'arm',
  method: 'PUT',
  path: "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dev/providers/microsoft.web/sites/it's",
  apiVersion: '2024-01-01',
  query: { $expand: 'a b&c', force: 'true' },
  headers: { 'if-match': '"tag"' },
  body: { z: 1, a: 'é', m: [true, null] },
};
const restart: ArmRequest = {
  kind: 'arm',
  method: 'POST',
  path: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dev/providers/microsoft.compute/virtualmachines/vm/restart',
  apiVersion: '2024-07-01',
  query: {},
  headers: {},
  body: undefined,
};

const json = { 'content-type': 'application/json' };
const started = (behave: Behaviour) => startRawServer(certificates(), behave);
const callerAt = (endpoint: string, timeoutMs = 30_000) => makeAzureCaller({ endpoint, clock, timeoutMs });

/** One call against a server that behaves so; every one of these tests also proves that it received exactly one request. */
async function call(behave: Behaviour, request: ArmRequest = restart, timeoutMs?: number): Promise<CallOutcome> {
  const server = await started(behave);
  const outcome = await callerAt(server.origin, timeoutMs).callOnce(request, credential, 'op_a');
  expect(server.requests).toHaveLength(1);
  return outcome;
}

describe('what is sent', () => {
  it('is the canonical request, with the credential, once', async () => {
    const server = await started(answering(200));
    await callerAt(server.origin).callOnce(put, credential, 'op_a');
    expect(server.requests).toHaveLength(1);
    const [requestLine, ...headerLines] = server.requests[0]?.head.split('\r\n') ?? [];
    expect(requestLine).toBe(`PUT ${put.path}?api-version=2024-01-01&$expand=a%20b%26c&force=true HTTP/1.1`);
    const headers = Object.fromEntries(headerLines.map((line) => [line.split(': ')[0]?.toLowerCase(), line.split(': ')[1]]));
    expect(headers).toMatchObject({
      accept: 'application/json',
      authorization: 'Bearer the-token',
      'content-type': 'application/json; charset=utf-8',
      'if-match': '"tag"',
      'x-ms-client-request-id': 'op_a',
      connection: 'close',
    });
    expect(server.requests[0]?.body).toBe('{"a":"é","m":[true,null],"z":1}');
  });

  it('has no body where the request has none', async () => {
    const server = await started(answering(200));
    await callerAt(server.origin).callOnce(restart, credential, 'op_a');
    expect(server.requests[0]?.head).toMatch(/content-length: 0/i);
    expect(server.requests[0]?.head).not.toMatch(/content-type/i);
  });

  it('goes over a connection of its own', async () => {
    const server = await started((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n'));
    const caller = callerAt(server.origin);
    await caller.callOnce(restart, credential, 'op_a');
    await caller.callOnce(restart, credential, 'op_b');
    expect([server.requests.length, server.connections()]).toEqual([2, 2]);
  });
});

describe('an answer that a client would act on is passed on, and the request not sent again', () => {
  it.each<[number, Readonly<Record<string, string>>]>([
    [301, { location: 'https://localhost:1/elsewhere' }],
    [401, { 'www-authenticate': 'Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="' }],
    [409, {}],
    [501, {}],
  ])('%i', async (status, headers) => {
    expect(await call(answering(status, headers))).toEqual({ kind: 'answered', answer: { status, body: undefined } });
  });

  it('a redirect that would carry body and token elsewhere', async () => {
    const elsewhere = await started(answering(200));
    const outcome = await call(answering(307, { location: `${elsewhere.origin}/x` }), put);
    expect(outcome).toMatchObject({ kind: 'answered', answer: { status: 307 } });
    expect(elsewhere.connections()).toBe(0);
  });
});

describe('an answer by which Azure did nothing is a request to come again, and nothing is sent again here', () => {
  it.each<[number, Readonly<Record<string, string>>, number]>([
    [429, {}, 5_000],
    [429, { 'retry-after': '0' }, 1_000],
    [429, { 'retry-after': '17' }, 17_000],
    [429, { 'retry-after': 'Sat, 21 Nov 2026 20:13:00 GMT' }, 60_000],
    [429, { 'retry-after': '999999999' }, 3_600_000],
    [503, { 'retry-after': '30', 'retry-after-ms': '0', 'x-ms-retry-after-ms': '0' }, 30_000],
  ])('%i with %j', async (status, headers, retryAfterMs) => {
    expect(await call(answering(status, headers))).toEqual({ kind: 'busy', status, retryAfterMs });
  });

  it('503 to what only reads, whatever it says', async () => {
    const read: ArmRequest = { ...restart, method: 'GET', path: '/subscriptions/00000000-0000-0000-0000-000000000001' };
    expect(await call(answering(503), read)).toEqual({ kind: 'busy', status: 503, retryAfterMs: 5_000 });
  });
});

describe('an answer that does not tell whether the call happened is doubtful', () => {
  it.each([408, 500, 502, 503, 504])('%i', async (status) => {
    expect(await call(answering(status, status === 503 ? {} : { 'retry-after': '1' }))).toMatchObject({
      kind: 'doubtful',
      reason: `Azure answered ${status}, which does not tell whether the call happened.`,
    });
  });
});

describe('what ends after the request was there is doubtful', () => {
  it.each<[string, Behaviour]>([
    ['the connection ends without an answer', (socket) => socket.destroy()],
    ['the connection ends politely without an answer', (socket) => socket.end()],
    ['the answer ends in its headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
    ['the answer is not HTTP', (socket) => socket.end('SSH-2.0-x\r\n')],
  ])('%s', async (_, behave) => {
    expect(await call(behave)).toMatchObject({ kind: 'doubtful', reason: expect.stringContaining('may have happened') });
  });

  it('no answer comes in time', async () => {
    expect(await call(() => undefined, put, 300)).toMatchObject({ kind: 'doubtful', reason: expect.stringContaining('timeout') });
  });
});

describe('what fails before TLS is up was certainly not sent', () => {
  const notSent = { kind: 'notSent', reason: expect.stringContaining('nothing was sent') };

  it('nobody listens', async () => {
    expect(await callerAt('https://localhost:1').callOnce(put, credential, 'op_a')).toEqual(notSent);
  });

  it('the name does not exist', async () => {
    expect(await callerAt('https://countersign.invalid').callOnce(put, credential, 'op_a')).toEqual(notSent);
  });

  it.each<[string, 'destroy' | 'wait']>([
    ['the connection ends in the handshake', 'destroy'],
    ['the handshake takes too long', 'wait'],
  ])('%s', async (_, how) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => (how === 'destroy' ? socket.destroy() : undefined));
      onTestFinished(() => void socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(await callerAt(`https://localhost:${port}`, 300).callOnce(put, credential, 'op_a')).toEqual(notSent);
  });

  it('the certificate is from nobody we trust, whatever the environment says', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-other-ca-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const server = await startRawServer(await ensureCertificates(directory), answering(200));
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await callerAt(server.origin).callOnce(put, credential, 'op_a')).toEqual(notSent);
    expect(server.requests).toEqual([]);
  });

  it('the token cannot be a header', async () => {
    const server = await started(answering(200));
    expect(await callerAt(server.origin).callOnce(put, { ...credential, token: 'a\r\nb' }, 'op_a')).toEqual(notSent);
    expect(server.connections()).toBe(0);
  });
});

describe('the body of an answer', () => {
  it.each<[string, Behaviour, unknown]>([
    ['JSON', answering(200, json, '{"b":1,"a":[]}'), { b: 1, a: [] }],
    ['JSON of a subtype', answering(200, { 'content-type': 'application/problem+json; charset=utf-8' }, '{"a":1}'), { a: 1 }],
    ['JSON with a byte order mark', answering(200, json, '\ufeff{"a":1}'), { a: 1 }],
    ['JSON with a number that is no double', answering(200, json, '{"a":12345678901234567890}'), { a: 12345678901234567000 }],
    ['nothing', answering(204), undefined],
    ['XML', answering(200, { 'content-type': 'text/xml' }, '<a/>'), { contentType: 'text/xml', text: '<a/>' }],
    ['what only says that it is JSON', answering(200, json, '<html>'), { omitted: expect.stringContaining('not the JSON') }],
    [
      'JSON that nests too deeply',
      answering(200, json, `${'['.repeat(65)}${']'.repeat(65)}`),
      { omitted: expect.stringContaining('deeply') },
    ],
    [
      'a body that is cut off',
      answering(200, { ...json, 'content-length': '99' }, '{"a":'),
      { omitted: expect.stringContaining('ended before') },
    ],
    ['a body over 8 MiB', answering(200, json, `"${'x'.repeat(8 * 1024 * 1024)}"`), { omitted: expect.stringContaining('8 MiB') }],
  ])('%s', async (_, behave, body) => {
    expect(await call(behave)).toEqual({ kind: 'answered', answer: { status: expect.any(Number), body } });
  });

  it('long text is shortened and says so', async () => {
    const outcome = await call(answering(200, { 'content-type': 'text/plain' }, 'x'.repeat(70_000)));
    expect(outcome).toMatchObject({ answer: { body: { text: 'x'.repeat(65_536), omitted: '4464 more bytes.' } } });
  });

  it('of a HEAD is none', async () => {
    const head: ArmRequest = { ...restart, method: 'HEAD', path: '/subscriptions/00000000-0000-0000-0000-000000000001' };
    expect(await call(answering(204, { 'content-length': '0' }), head)).toEqual({
      kind: 'answered',
      answer: { status: 204, body: undefined },
    });
  });
});

/** Headers with addresses of the server itself, known only once a request is there. */
const ownAddress = (status: number, headers: (origin: string) => Readonly<Record<string, string>>, body = ''): Behaviour => {
  return (socket, request) => {
    const host = /^host: *(.+)$/im.exec(request.head)?.[1] ?? '';
    answering(status, { ...json, ...headers(`https://${host}`) }, body)(socket, request);
  };
};

describe('a call that Azure accepts', () => {
  it('is followed by Azure-AsyncOperation before Location', async () => {
    const outcome = await call(
      ownAddress(202, (origin) => ({ 'azure-asyncoperation': `${origin}/a?t=1`, location: `${origin}/b`, 'retry-after': '17' })),
    );
    expect(outcome).toEqual({
      kind: 'accepted',
      status: 202,
      pollUrl: expect.stringMatching(/^https:\/\/localhost:\d+\/a\?t=1$/),
      pollStyle: 'asyncOperation',
      retryAfterMs: 17_000,
    });
  });

  it('is followed by Location where that is all', async () => {
    const outcome = await call(ownAddress(202, (origin) => ({ location: `${origin}/b` })));
    expect(outcome).toMatchObject({ kind: 'accepted', pollStyle: 'location', retryAfterMs: 5_000 });
  });

  it('is doubtful where it gives no address and the target would not tell', async () => {
    for (const sent of [restart, put]) {
      expect(await call(answering(202), sent)).toMatchObject({
        kind: 'doubtful',
        accepted: true,
        reason: expect.stringContaining('gave no address'),
      });
    }
  });

  it.each<[number, string]>([
    [200, '{"properties":{"provisioningState":"Updating"}}'],
    [201, '{"properties":{"provisioningState":"Creating"}}'],
    [201, '{"properties":{"provisioningState":"Cr'],
  ])('is followed by the target itself where a PUT is answered %i without an address: %s', async (status, body) => {
    expect(await call(answering(status, { ...json, 'retry-after': '3' }, body), put)).toEqual({
      kind: 'accepted',
      status,
      pollUrl: expect.stringMatching(/^https:\/\/localhost:\d+\/subscriptions\/.*\/sites\/it's\?api-version=2024-01-01$/),
      pollStyle: 'target',
      retryAfterMs: 3_000,
    });
  });

  it('is done where what only reads finds a resource that is being provisioned', async () => {
    const read: ArmRequest = { ...put, method: 'GET', body: undefined };
    expect(await call(answering(200, json, '{"properties":{"provisioningState":"Updating"}}'), read)).toMatchObject({ kind: 'answered' });
  });

  it.each([
    [200, 'Updating', 'accepted'],
    [201, 'Creating', 'accepted'],
    [201, 'Succeeded', 'answered'],
    [200, 'Failed', 'answered'],
    [400, 'Updating', 'answered'],
  ])('%i with provisioningState %s is %s', async (status, provisioningState, kind) => {
    const body = JSON.stringify({ properties: { provisioningState } });
    expect(
      await call(
        ownAddress(status, (origin) => ({ 'azure-asyncoperation': `${origin}/a` }), body),
        put,
      ),
    ).toMatchObject({ kind });
  });

  it('is followed though the body was cut off', async () => {
    const cut = ownAddress(201, (origin) => ({ 'azure-asyncoperation': `${origin}/a`, 'content-length': '99' }), '{');
    expect(await call(cut, put)).toMatchObject({ kind: 'accepted' });
  });

  it.each([
    ['another host', 'https://evil.example/a'],
    ['another port', 'https://localhost:1/a'],
    ['plain http', 'http://localhost/a'],
    ['a name with our host before an @', 'https://localhost@evil.example/a'],
    ['no address', '/relative'],
  ])('is doubtful where the address to ask is %s', async (_, address) => {
    expect(await call(answering(202, { location: address }))).toMatchObject({
      kind: 'doubtful',
      reason: expect.stringContaining('polling address'),
    });
  });
});

describe('asking how it went', () => {
  const status = (state: string) => JSON.stringify({ status: state, error: state === 'Failed' ? { code: 'Conflict' } : undefined });

  async function poll(style: PollStyle, behave: Behaviour): Promise<PollOutcome> {
    const server = await started(behave);
    const outcome = await callerAt(server.origin).poll(`${server.origin}/operations/1?api-version=x`, style, credential);
    expect(server.requests).toHaveLength(1);
    return outcome;
  }

  it.each<[string, PollStyle, Behaviour, unknown]>([
    [
      'goes on',
      'asyncOperation',
      answering(200, { ...json, 'retry-after': '2' }, status('InProgress')),
      { kind: 'pending', retryAfterMs: 2_000 },
    ],
    ['goes on under a word of its own', 'asyncOperation', answering(200, json, status('Accepted')), { kind: 'pending' }],
    ['succeeded', 'asyncOperation', answering(200, json, status('Succeeded')), { kind: 'answered', succeeded: true }],
    [
      'failed',
      'asyncOperation',
      answering(200, json, status('Failed')),
      { kind: 'answered', succeeded: false, answer: { body: { error: { code: 'Conflict' } } } },
    ],
    ['was cancelled', 'asyncOperation', answering(200, json, status('Canceled')), { kind: 'answered', succeeded: false }],
    ['says no status', 'asyncOperation', answering(200, json, '{}'), { kind: 'unreadable' }],
    ['refuses the question', 'asyncOperation', answering(403, json, '{}'), { kind: 'unreadable' }],
    ['has forgotten', 'asyncOperation', answering(404, json, '{}'), { kind: 'gone' }],
    ['has forgotten for good', 'location', answering(410), { kind: 'gone' }],
    ['goes on', 'target', answering(200, json, '{"properties":{"provisioningState":"Creating"}}'), { kind: 'pending' }],
    ['is done', 'target', answering(200, json, '{"properties":{"provisioningState":"Succeeded"}}'), { kind: 'answered', succeeded: true }],
    ['says nothing of it, which means that it is done', 'target', answering(200, json, '{}'), { kind: 'answered', succeeded: true }],
    ['failed', 'target', answering(200, json, '{"properties":{"provisioningState":"Failed"}}'), { kind: 'answered', succeeded: false }],
    ['was deleted or moved', 'target', answering(404, json, '{}'), { kind: 'gone' }],
    ['is refused', 'target', answering(409, json, '{}'), { kind: 'unreadable' }],
    ['is throttled', 'asyncOperation', answering(429, { 'retry-after': '30' }), { kind: 'pending', retryAfterMs: 30_000 }],
    ['goes on', 'location', answering(202, { 'retry-after': '0' }), { kind: 'pending', retryAfterMs: 1_000 }],
    [
      'is done',
      'location',
      answering(200, json, '{"a":1}'),
      { kind: 'answered', succeeded: true, answer: { status: 200, body: { a: 1 } } },
    ],
    ['is done without a word', 'location', answering(204), { kind: 'answered', succeeded: true, answer: { status: 204 } }],
    [
      'failed',
      'location',
      answering(409, json, '{"error":{"code":"Conflict"}}'),
      { kind: 'answered', succeeded: false, answer: { status: 409 } },
    ],
    ['is out of order', 'location', answering(503), { kind: 'pending' }],
    ['refuses the question', 'location', answering(401), { kind: 'unreadable' }],
    ['sends elsewhere', 'location', answering(302, { location: 'https://evil.example/' }), { kind: 'unreadable' }],
    ['breaks off', 'location', (socket) => socket.destroy(), { kind: 'unreadable' }],
  ])('Azure %s (%s)', async (_, style, behave, outcome) => {
    expect(await poll(style, behave)).toMatchObject(JSON.parse(JSON.stringify(outcome)));
  });

  it('never takes the token to another host', async () => {
    const server = await started(answering(200));
    const elsewhere = await started(answering(200));
    const outcome = await callerAt(server.origin).poll(`${elsewhere.origin}/operations/1`, 'location', credential);
    expect(outcome).toMatchObject({ kind: 'unreadable' });
    expect(elsewhere.connections()).toBe(0);
  });
});

describe('an endpoint that a token must not go to', () => {
  it.each(['http://localhost', 'https://user@management.azure.com', 'https://management.azure.com/path', 'management.azure.com'])(
    '%s',
    (endpoint) => {
      expect(() => makeAzureCaller({ endpoint, clock })).toThrow(RangeError);
    },
  );
});

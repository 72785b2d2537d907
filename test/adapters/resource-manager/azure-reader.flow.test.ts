import { describe, expect, it } from 'vitest';
import { makeAzureReader } from '../../../shared/adapters/resource-manager/azure-reader.ts';
import { answering, type Behaviour, startRawServer, useCertificates } from './raw-server.ts';

const certificates = useCertificates();
const json = { 'content-type': 'application/json' };
const path = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dev';
const credential = { getToken: async () => ({ token: 'reader-token', expiresOnTimestamp: Date.now() + 3_600_000 }) };
const error = (code: string) => JSON.stringify({ error: { code, message: 'x' } });

async function readFrom(...behaviours: readonly Behaviour[]) {
  const left = [...behaviours];
  const server = await startRawServer(certificates(), (socket, request) => (left.length > 1 ? left.shift() : left[0])?.(socket, request));
  const outcome = await makeAzureReader({ endpoint: server.origin, credential }).read(path, '2021-04-01');
  return { outcome, requests: server.requests };
}

describe('reading', () => {
  it('asks once, with the reader identity', async () => {
    const { outcome, requests } = await readFrom(answering(200, json, '{"name":"rg-dev"}'));
    expect(outcome).toEqual({ state: 'present', body: { name: 'rg-dev' } });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.head).toMatch(
      /^GET \/subscriptions\/00000000-0000-0000-0000-000000000001\/resourceGroups\/rg-dev\?api-version=2021-04-01 HTTP/,
    );
    expect(requests[0]?.head).toMatch(/^authorization: Bearer reader-token$/im);
  });

  it.each<[string, Behaviour]>([
    ['429', answering(429, { 'retry-after': '0' })],
    ['429 without a time', answering(429)],
    ['503', answering(503)],
    ['a broken connection', (socket) => socket.destroy()],
  ])('asks again after %s', async (_, failing) => {
    const { outcome, requests } = await readFrom(failing, answering(200, json, '{}'));
    expect(outcome).toEqual({ state: 'present', body: {} });
    expect(requests).toHaveLength(2);
  });

  it('asks four times at most', async () => {
    const { outcome, requests } = await readFrom(answering(503, json, error('ServerBusy')));
    expect(outcome).toEqual({ state: 'unreadable', reason: 'Azure answered 503 (ServerBusy).', passing: true });
    expect(requests).toHaveLength(4);
  });

  it('does not wait for minutes', async () => {
    const { outcome, requests } = await readFrom(answering(429, { 'retry-after': '300' }));
    expect(outcome).toMatchObject({ state: 'unreadable' });
    expect(requests).toHaveLength(1);
  });

  it.each<[string, Behaviour, unknown]>([
    ['404', answering(404, json, error('ResourceNotFound')), { state: 'absent' }],
    ['404 without a word', answering(404), { state: 'absent' }],
    [
      '404 since the subscription cannot be seen',
      answering(404, json, error('SubscriptionNotFound')),
      { state: 'unreadable', reason: 'Azure answered 404 (SubscriptionNotFound).' },
    ],
    [
      '404 since the type is unknown',
      answering(404, json, error('InvalidResourceType')),
      { state: 'unreadable', reason: 'Azure answered 404 (InvalidResourceType).' },
    ],
    ['401', answering(401), { state: 'unreadable', reason: 'Azure does not accept the reader identity.' }],
    ['403', answering(403), { state: 'unreadable', reason: 'The reader identity may not read this.' }],
    ['a redirect', answering(302, { location: 'https://localhost:1/' }), { state: 'unreadable', reason: 'Azure answered 302.' }],
    ['204', answering(204), { state: 'unreadable', reason: 'Azure answered 204.' }],
    [
      'text',
      answering(200, { 'content-type': 'text/html' }, 'x'),
      { state: 'unreadable', reason: 'Azure did not give one whole JSON answer.', passing: true },
    ],
    [
      'what is too large to be read',
      answering(200, json, `"${'x'.repeat(8 * 1024 * 1024)}"`),
      { state: 'unreadable', reason: 'Azure did not give one whole JSON answer.' },
    ],
    ['a code that is a text', answering(400, json, error('x"\n<script>')), { state: 'unreadable', reason: 'Azure answered 400.' }],
  ])('understands %s', async (_, behave, outcome) => {
    expect((await readFrom(behave)).outcome).toEqual(outcome);
  });

  it('says so where Azure cannot be reached', async () => {
    const reader = makeAzureReader({ endpoint: 'https://localhost:1', credential });
    expect(await reader.read(path, '2021-04-01')).toMatchObject({ state: 'unreadable' });
  });

  it('says so where there is no credential', async () => {
    const server = await startRawServer(certificates(), answering(200, json, '{}'));
    const none = { getToken: () => Promise.reject(new Error('no identity')) };
    expect(await makeAzureReader({ endpoint: server.origin, credential: none }).read(path, '2021-04-01')).toMatchObject({
      state: 'unreadable',
    });
    expect(server.requests).toEqual([]);
  });

  it('never goes to plain http', () => {
    expect(() => makeAzureReader({ endpoint: 'http://localhost', credential })).toThrow(RangeError);
  });
});

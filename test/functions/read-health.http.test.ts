import { describe, expect, it } from 'vitest';
import { makeMeasureOperationsHandler } from '../../functions/measure-operations.timer.ts';
import { makeReadHealthHandler } from '../../functions/read-health.http.ts';
import { makeTeamsMessagesHandler } from '../../functions/teams-messages.http.ts';
import { exchange } from '../support/http-exchange.ts';

describe('GET /api/health', () => {
  it('is up where every probe answers', async () => {
    const handler = makeReadHealthHandler({ probes: { store: async () => undefined, queues: async () => 3 } });
    const { status, headers, body } = await exchange(handler, { url: '/api/health' });
    expect([status, body, headers.get('cache-control')]).toEqual([200, { status: 'up' }, 'no-store']);
  });

  it('is down where one does not, and does not say which or why', async () => {
    const store = async () => {
      throw new Error('account stcountersign: key expired');
    };
    const { status, text } = await exchange(makeReadHealthHandler({ probes: { store, queues: async () => 3 } }), { url: '/api/health' });
    expect([status, text]).toEqual([503, '{"status":"down"}']);
  });
});

describe('POST /api/messages', () => {
  it('hands on the bytes and headers as they came, and answers what the endpoint answers', async () => {
    const seen: unknown[] = [];
    const handler = makeTeamsMessagesHandler({
      endpoint: async ({ headers, body }) => {
        seen.push(headers['authorization'], Buffer.from(body).toString('utf8'));
        return { status: 200, body: { statusCode: 200 } };
      },
    });
    const { status, body } = await exchange(handler, { method: 'POST', token: 'of-the-connector', body: '{"type":"invoke"}' });
    expect([status, body]).toEqual([200, { statusCode: 200 }]);
    expect(seen).toEqual(['Bearer of-the-connector', '{"type":"invoke"}']);
  });

  it('answers without a body where there is none', async () => {
    const handler = makeTeamsMessagesHandler({ endpoint: async () => ({ status: 401, body: undefined }) });
    const { status, text } = await exchange(handler, { method: 'POST', body: '{}' });
    expect([status, text]).toEqual([401, '']);
  });

  it('is a 413 for what says that it is too large, and the endpoint never sees it', async () => {
    const handler = makeTeamsMessagesHandler({ endpoint: () => Promise.reject(new Error('it was seen')) });
    const { status } = await exchange(handler, { method: 'POST', body: '{}', headers: { 'content-length': '4194305' } });
    expect(status).toBe(413);
  });
});

it('the timer measures, and fails where the measurement does', async () => {
  const handler = makeMeasureOperationsHandler(() => Promise.reject(new Error('the index is away')));
  await expect(async () => await Reflect.apply(handler, undefined, [])).rejects.toThrow('the index is away');
});

import { describe, expect, it } from 'vitest';
import { makeMeasureOperationsHandler } from '../../functions/measure-operations.timer.ts';
import { makeReadHealthHandler } from '../../functions/read-health.http.ts';
import { makeTeamsMessagesHandler } from '../../functions/teams-messages.http.ts';
import { instant } from '../../shared/domain/instant.ts';
import { type Caller, TokenError } from '../../shared/ports/token-verifier.ts';
import type { Health } from '../../shared/use-cases/read-health.ts';
import { exchange } from '../support/http-exchange.ts';
import { makeRecordedLog } from '../support/recorded-log.ts';

const issuer = 'https://login.example/v2.0';
const health: Health = {
  status: 'down',
  checkedAt: instant('2026-11-21T20:12:00.000Z'),
  dependencies: [{ name: 'storage', status: 'down', latencyMs: 2000, error: { code: 'Timeout', message: 'Look after storage.' } }],
};

const running = { role: 'edge', version: '1.2.3', policyVersion: 'sha256:ab', sealingKeyIds: ['key-2', 'key-1'] } as const;

function healthHandler(read: Health, caller?: Partial<Extract<Caller, { kind: 'person' }>>) {
  const person: Caller = {
    kind: 'person',
    issuer,
    tenantId: 'tenant',
    objectId: 'auditor',
    proof: { issuer },
    absentGroups: [],
    name: 'Audrey Auditor',
    scopes: ['Audit.Read'],
    clientId: 'console',
    ...caller,
  };
  return makeReadHealthHandler({
    readHealth: async () => read,
    running,
    personClients: new Map([[issuer, new Set(['console'])]]),
    tokens: {
      verify: async (authorization) => {
        if (authorization !== 'Bearer of-the-auditor') throw new TokenError('invalid', 'no');
        return person;
      },
    },
    log: makeRecordedLog(),
  });
}

describe('GET /api/health', () => {
  const asked = { url: '/api/health' } as const;

  it('is up where what is vital answers', async () => {
    const { status, headers, body } = await exchange(healthHandler({ ...health, status: 'up' }), asked);
    expect([status, body, headers.get('cache-control')]).toEqual([200, { status: 'up' }, 'no-store']);
  });

  it('is down where it does not, and does not tell anybody which or why', async () => {
    const { status, text } = await exchange(healthHandler(health), asked);
    expect([status, text]).toEqual([503, '{"status":"down"}']);
  });

  it('tells who may audit which, why and what to do, and what runs', async () => {
    const { status, body } = await exchange(healthHandler(health), { ...asked, token: 'of-the-auditor' });
    expect([status, body]).toEqual([503, { ...health, running }]);
  });

  it.each([
    ['a token that is none', 'stolen', {}, 401, 'InvalidToken'],
    ['a token without the scope', 'of-the-auditor', { scopes: ['Operation.Approve'] }, 403, 'MissingRole'],
    ['a token that a command line obtained', 'of-the-auditor', { clientId: 'command-line' }, 403, 'ClientNotAllowed'],
  ])('tells nothing for %s', async (_, token, caller, status, code) => {
    const answer = await exchange(healthHandler(health, caller), { ...asked, token });
    expect([answer.status, answer.headers.get('x-ms-error-code'), answer.text.includes('storage')]).toEqual([status, code, false]);
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

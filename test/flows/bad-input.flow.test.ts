import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TokenOverrides } from '../../infra/local/identity/access-tokens.ts';
import { type Answer, answerOf } from '../support/api-client.ts';
import { production, storageAccount, storageVersion, useSharedEnvironment } from '../support/running-environment.ts';
import { describeHostileHttp } from './hostile-http.ts';

const running = useSharedEnvironment();
const json = { 'content-type': 'application/json' };
const limitBytes = 4 * 1024 * 1024;
const unknownId = 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa';
const removal = { kind: 'arm', method: 'DELETE', path: storageAccount(production, 'stproddata'), apiVersion: storageVersion };
const submission = { target: removal, justification: 'The migration is done' };

type Sent = {
  readonly who?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ReadableStream;
};

async function send(method: string, path: string, { who = 'deploy-agent', headers = {}, body }: Sent): Promise<Answer> {
  const { api, endpoints } = running();
  const authorization = `Bearer ${await api.tokenOf(who)}`;
  const request = { method, headers: { authorization, ...headers }, ...(body === undefined ? {} : { body, duplex: 'half' as const }) };
  return await answerOf(await fetch(`${endpoints.api}${path}`, request));
}

async function submit(body: unknown, headers: Readonly<Record<string, string>> = json): Promise<Answer> {
  return await send('POST', '/operations', { headers, body: JSON.stringify(body) });
}

function expectRefusal(answer: Answer, status: number, code: string, target?: string): void {
  expect([answer.status, answer.errorCode()]).toEqual([status, code]);
  expect(answer.text).not.toMatch(/\bat .+:\d+|\.ts\b|node_modules|Error:/);
  expect(answer.headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  if (target !== undefined) expect(JSON.parse(answer.text)).toMatchObject({ error: { target } });
}

describe('what is refused leaves nothing behind', () => {
  /** What must be so after every refusal: nothing stored, nothing sent, and the next caller served. */
  let began: string;
  let sent: readonly unknown[];
  beforeAll(() => {
    began = new Date().toISOString();
    sent = running().resourceManager.requests();
  });
  afterEach(async () => {
    const { api, resourceManager } = running();
    const list = await api.send('auditor', 'GET', `/operations?from=${began}`);
    expect([list.status, JSON.parse(list.text)]).toEqual([200, { value: [] }]);
    expect(resourceManager.requests()).toEqual(sent);
  });

  describe('a body that is no submission', () => {
    it.each([
      ['nothing', ''],
      ['no JSON', '{"target": '],
      ['JSON with a comment', '{/**/"target":{}}'],
      ['JSON with something after it', `${JSON.stringify(submission)} {}`],
      ['a name twice', '{"justification":"a","justification":"b"}'],
      ['a name twice, once escaped', '{"justification":"a","\\u006austification":"b"}'],
      ['a number that would be another', '{"justification":9007199254740993}'],
      ['half a character', '{"justification":"\\ud800"}'],
      ['what is nested too deeply', `${'['.repeat(65)}${']'.repeat(65)}`],
      ['what is nested far too deeply', '['.repeat(200_000)],
      ['hundreds of thousands of values', `[${'0,'.repeat(200_000)}0]`],
      ['a byte order mark', `\ufeff${JSON.stringify(submission)}`],
      ['no UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
    ])('is refused as invalid JSON: %s', async (_, body) => {
      expectRefusal(await send('POST', '/operations', { headers: json, body }), 400, 'InvalidJson');
    });

    it.each<[string, unknown, string]>([
      ['null', null, 'body'],
      ['a list', [submission], 'body'],
      ['no target', { justification: 'x' }, 'target'],
      ['no justification', { target: removal }, 'justification'],
      ['a justification of spaces', { ...submission, justification: '   ' }, 'justification'],
      ['a justification that is too long', { ...submission, justification: 'x'.repeat(4001) }, 'justification'],
      ['a number for a justification', { ...submission, justification: 7 }, 'justification'],
      ['a field that nobody knows', { ...submission, approved: true }, 'approved'],
      [
        'a field of the target that nobody knows',
        { ...submission, target: { ...removal, url: 'https://elsewhere.example' } },
        'target.url',
      ],
      ['another kind of target', { ...submission, target: { ...removal, kind: 'sql' } }, 'target.kind'],
      ['a number for a path', { ...submission, target: { ...removal, path: 1 } }, 'target.path'],
      ['a method that nobody knows', { ...submission, target: { ...removal, method: 'MOVE' } }, 'target.method'],
      ['a list for a query value', { ...submission, target: { ...removal, query: { a: ['1', '2'] } } }, 'target.query.a'],
      [
        'an API version in the query',
        { ...submission, target: { ...removal, query: { 'Api-Version': '2015-01-01' } } },
        'target.query.Api-Version',
      ],
      [
        'a header that is not passed on',
        { ...submission, target: { ...removal, headers: { 'x-ms-force': '1' } } },
        'target.headers.x-ms-force',
      ],
      [
        'a header with a line feed',
        { ...submission, target: { ...removal, headers: { 'if-match': 'a\r\nx: y' } } },
        'target.headers.if-match',
      ],
      ['a DELETE with a body', { ...submission, target: { ...removal, body: { force: true } } }, 'target.body'],
      ['a path to another host', { ...submission, target: { ...removal, path: '//elsewhere.example/x' } }, 'target.path'],
      ['a path that climbs', { ...submission, target: { ...removal, path: `${production}/../rg-dev` } }, 'target.path'],
      ['an encoded path', { ...submission, target: { ...removal, path: `${production}%2fproviders` } }, 'target.path'],
    ])('is refused with the field at fault: %s', async (_, body, target) => {
      expectRefusal(await submit(body), 400, 'InvalidRequest', target);
    });

    it.each([
      ['an own prototype', '"__proto__":{"approved":true}', undefined],
      ['an own prototype of the target', undefined, '"__proto__":{"method":"GET"}'],
      ['an own prototype of the query', undefined, '"query":{"__proto__":"x"}'],
      ['an own prototype of the headers', undefined, '"headers":{"__proto__":"x"}'],
    ])('is refused where it brings %s', async (_, outside, inside) => {
      const target = `{"kind":"arm","method":"DELETE","path":"${removal.path}","apiVersion":"2024-01-01"${inside === undefined ? '' : `,${inside}`}}`;
      const body = `{"target":${target},"justification":"x"${outside === undefined ? '' : `,${outside}`}}`;
      expectRefusal(await send('POST', '/operations', { headers: json, body }), 400, 'InvalidRequest');
    });

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'application/json, text/plain', ''])(
      'is refused as the wrong type: "%s"',
      async (type) => {
        expectRefusal(await submit(submission, type === '' ? {} : { 'content-type': type }), 415, 'UnsupportedMediaType');
      },
    );

    it('is refused where it announces more than 4 MiB', async () => {
      const body = JSON.stringify({ ...submission, justification: 'x'.repeat(limitBytes) });
      expectRefusal(await send('POST', '/operations', { headers: json, body }), 413, 'BodyTooLarge');
    });

    it('is refused where it is more than 4 MiB without announcing it', async () => {
      const body = new ReadableStream({
        start: (controller) => {
          for (let sent = 0; sent <= limitBytes; sent += 64 * 1024) controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
          controller.close();
        },
      });
      expectRefusal(await send('POST', '/operations', { headers: json, body }), 413, 'BodyTooLarge');
    });
  });

  describe('headers and parameters that are odd', () => {
    it.each([
      ['api-version', '/operations?api-version=latest', {}],
      ['x-ms-client-request-id', '/operations', { 'x-ms-client-request-id': 'has a space' }],
      ['status', '/operations?status=done', {}],
      ['status', '/operations?status=approved&status=denied', {}],
      ['top', '/operations?top=0', {}],
      ['top', '/operations?top=1e3', {}],
      ['from', '/operations?from=yesterday', {}],
      ['from', '/operations?from=2026-02-31', {}],
      ['filter', '/operations?filter=1', {}],
      ['continuationToken', '/operations?continuationToken=e30', {}],
      ['continuationToken', '/operations?continuationToken=..%2F..%2F', {}],
    ])('are refused by name: %s in %s', async (target, path, headers: Record<string, string>) => {
      expectRefusal(await send('GET', path, { headers }), 400, 'InvalidRequest', target);
    });
  });

  describe('a token that is not one for this', () => {
    const overrides = {
      'of another issuer': { claims: { iss: 'http://127.0.0.1:1/11111111-1111-4111-8111-111111111111/v2.0' } },
      'for another audience': { claims: { aud: 'https://management.azure.com' } },
      'of another tenant': { claims: { tid: '99999999-9999-4999-8999-999999999999' } },
    };
    it.each(Object.entries(overrides))('is foreign: %s', async (_, override) => {
      const token = await running().identity.issueToken('deploy-agent', override);
      expectRefusal(await send('POST', '/operations', { headers: { ...json, authorization: `Bearer ${token}` } }), 401, 'ForeignToken');
    });

    it('is missing', async () => {
      const answer = await answerOf(await fetch(`${running().endpoints.api}/operations`, { method: 'POST', body: '{}', headers: json }));
      expectRefusal(answer, 401, 'MissingToken');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    });

    it('has expired', async () => {
      const now = Math.floor(Date.now() / 1000);
      const token = await running().identity.issueToken('deploy-agent', { claims: { iat: now - 7200, nbf: now - 7200, exp: now - 120 } });
      expectRefusal(await send('GET', '/operations', { headers: { authorization: `Bearer ${token}` } }), 401, 'ExpiredToken');
    });

    it('is signed with a key of somebody else', async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const key = await webcrypto.subtle.importKey(
        'pkcs8',
        privateKey.export({ type: 'pkcs8', format: 'der' }),
        { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
        false,
        ['sign'],
      );
      const token = await running().identity.issueToken('deploy-agent', { key });
      expectRefusal(await send('GET', '/operations', { headers: { authorization: `Bearer ${token}` } }), 401, 'InvalidToken');
    });

    it.each<[string, TokenOverrides]>([
      ['not signed', { header: { alg: 'none' } }],
      ['signed with a secret', { header: { alg: 'HS256' }, key: new Uint8Array(32) }],
      ['bringing its own key', { header: { jwk: { kty: 'oct' } } }],
      ['of no kind', { claims: { idtyp: undefined, scp: undefined } }],
      ['an agent and a person at once', { claims: { scp: 'Operation.Approve' } }],
      ['valid only later', { claims: { nbf: 4_000_000_000 } }],
      ['without an end', { claims: { exp: undefined } }],
    ])('is invalid: %s', async (_, override) => {
      const token = await running().identity.issueToken('deploy-agent', override);
      expectRefusal(await send('GET', '/operations', { headers: { authorization: `Bearer ${token}` } }), 401, 'InvalidToken');
    });

    it.each(['Basic ZGVwbG95LWFnZW50OnNlY3JldA==', 'Bearer', 'Bearer x', 'Bearer a.b.c', `Bearer ${'a'.repeat(20_000)}.b.c`])(
      'is no token: %s',
      async (authorization) => {
        expectRefusal(await send('GET', '/operations', { headers: { authorization } }), 401, 'InvalidToken');
      },
    );

    it('is a person’s where an agent asks', async () => {
      expectRefusal(
        await send('POST', '/operations', { who: 'approver-1', headers: json, body: JSON.stringify(submission) }),
        403,
        'AgentRequired',
      );
    });

    it('is an agent’s without the app role', async () => {
      const token = await running().identity.issueToken('deploy-agent', { claims: { roles: [] } });
      expectRefusal(await send('GET', '/operations', { headers: { authorization: `Bearer ${token}` } }), 403, 'MissingRole');
    });

    it('is of an agent that nobody registered', async () => {
      const oid = '44444444-4444-4444-8444-00000000dead';
      const token = await running().identity.issueToken('deploy-agent', { claims: { oid, sub: oid } });
      expectRefusal(await send('GET', '/operations', { headers: { authorization: `Bearer ${token}` } }), 403, 'AgentRefused');
    });
  });

  describe('an operation that is not there', () => {
    it.each([unknownId, 'op_', 'x', '..', '%2e%2e', 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa%00', "op_aaaaaaaaaaaaaaaaaaaaaaaaa'", 'assess'])(
      'is not found by "%s"',
      async (id) => {
        const answer = await send('GET', `/operations/${id}/events`, { who: 'auditor' });
        expect([400, 404]).toContain(answer.status);
      },
    );

    it('has nothing to read, vote on or cancel', async () => {
      const vote = JSON.stringify({ decision: 'approve', digest: 'sha256:x', reason: '' });
      expectRefusal(await send('GET', `/operations/${unknownId}`, {}), 404, 'OperationNotFound');
      expectRefusal(
        await send('POST', `/operations/${unknownId}/decisions`, { who: 'approver-1', headers: json, body: vote }),
        404,
        'OperationNotFound',
      );
      expectRefusal(await send('POST', `/operations/${unknownId}/cancel`, {}), 404, 'OperationNotFound');
    });

    it.each(['PUT', 'PATCH', 'DELETE'])('is not made or changed by %s', async (method) => {
      const { endpoints } = running();
      const response = await fetch(`${endpoints.api}/operations/${unknownId}`, { method });
      expect([response.status, await response.text()]).toEqual([405, '']);
    });
  });

  describe('the address of the bot', () => {
    const activity = (serviceUrl: string) => ({
      type: 'message',
      channelId: 'msteams',
      serviceUrl,
      conversation: { id: '19:countersign-approvals@thread.tacv2', tenantId: '11111111-1111-4111-8111-111111111111' },
      from: { aadObjectId: '55555555-5555-4555-8555-000000000001', name: 'Ada Approver' },
      text: 'hello',
    });

    it('takes nothing of an agent, not even with a token for the bot', async () => {
      const { endpoints, identity, teams } = running();
      const audiences = [undefined, '22222222-2222-4222-8222-000000000001'];
      for (const aud of audiences) {
        const token = await identity.issueToken('deploy-agent', { claims: aud === undefined ? {} : { aud, serviceurl: teams.serviceUrl } });
        const response = await fetch(`${endpoints.api}/messages`, {
          method: 'POST',
          headers: { ...json, authorization: `Bearer ${token}` },
          body: JSON.stringify(activity(teams.serviceUrl)),
        });
        expect([response.status, JSON.parse(await response.text())]).toMatchObject([401, { error: { code: 'wrongIssuer' } }]);
      }
    });

    it('takes nothing that is not signed, or not by the Bot Connector', async () => {
      const { endpoints, teams } = running();
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const forged = await new SignJWT({ serviceurl: teams.serviceUrl })
        .setProtectedHeader({ alg: 'RS256', kid: 'mine' })
        .setIssuer(teams.issuer)
        .setAudience('22222222-2222-4222-8222-000000000001')
        .setExpirationTime('5m')
        .sign(privateKey);
      for (const headers of [{}, { authorization: `Bearer ${forged}` }, { authorization: 'Bearer x' }]) {
        const response = await fetch(`${endpoints.api}/messages`, {
          method: 'POST',
          headers: { ...json, ...headers },
          body: JSON.stringify(activity(teams.serviceUrl)),
        });
        expect(response.status).toBe(401);
        expect(await response.text()).not.toMatch(/\bat .+:\d+|\.ts\b/);
      }
    });
  });
});

describeHostileHttp(running);

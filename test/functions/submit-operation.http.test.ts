import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../shared/domain/json.ts';
import { StoreError } from '../../shared/ports/operation-store.ts';
import { routesOf } from '../support/functions-of.ts';
import { exchange, type Sent } from '../support/http-exchange.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { account, standAccount, storedOf } from '../support/scenarios.ts';
import { deny } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

const target = { kind: 'arm', method: 'GET', path: account, apiVersion: '2024-01-01' };
const aRead = { target, justification: 'To see it.' };
const aDeletion = { target: { ...target, method: 'DELETE' }, justification: 'It is no longer needed.' };
const url = 'https://countersign.example/api/operations/op_aaaaaaaaaaaaaaaaaaaaaaaaaa';

function submit(world: World, body: JsonValue, sent: Sent = {}) {
  return exchange(routesOf(world).submit, { method: 'POST', token: 'deploy-agent', body, ...sent });
}

describe('an accepted submission', () => {
  it('is a 202 that says where to look and when', async () => {
    const world = makeWorld();
    standAccount(world);
    const { status, headers, body } = await submit(world, aDeletion);
    expect([status, headers.get('operation-location'), headers.get('retry-after')]).toEqual([202, url, '15']);
    expect(body).toMatchObject({
      id: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa',
      status: 'awaitingApproval',
      next: 'wait',
      action: 'microsoft.storage/storageaccounts/delete',
      justification: 'It is no longer needed.',
      agent: { name: 'deploy-agent' },
      createdAt: '2026-11-21T20:12:00.000Z',
      risk: { environment: 'production' },
      decision: {
        outcome: 'requireApproval',
        approval: { required: 1, received: 0, groups: ['approvers'], expiresAt: '2026-11-22T00:12:00.000Z', url },
      },
    });
  });

  it('holds no digest to vote for before there is a preview', async () => {
    const { body } = await submit(makeWorld(), aDeletion);
    expect(body).not.toHaveProperty('decision.approval.digest');
  });

  it('is a 202 with a short wait where it runs by itself', async () => {
    const { status, headers, body } = await submit(makeWorld(), aRead);
    expect([status, headers.get('retry-after')]).toEqual([202, '1']);
    expect(body).toMatchObject({ status: 'approved', next: 'wait', executeBy: '2026-11-21T21:12:00.000Z' });
  });

  it('that is denied is a 200, which is an answer and no error', async () => {
    const world = makeWorld();
    world.policies.script('risky', deny('Nobody deletes the shop.'));
    const { status, headers, body } = await submit(world, aDeletion);
    expect([status, headers.has('retry-after'), headers.has('x-ms-error-code')]).toEqual([200, false, false]);
    expect(body).toMatchObject({ status: 'denied', next: 'stop', detail: 'Nobody deletes the shop.', decision: { outcome: 'deny' } });
  });

  it('carries the trace and the client request id into what is stored and sent', async () => {
    const world = makeWorld();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await submit(world, aRead, { headers: { traceparent, 'x-ms-client-request-id': 'build-17' } });
    const { events } = await storedOf(world, 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa');
    expect(events[0]?.detail).toMatchObject({ traceparent, clientRequestId: 'build-17' });
    expect(world.announcer.announced[0]).toMatchObject({ traceparent });
  });

  it.each(['00-0-0-01', '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x'])(
    'leaves out a trace that is none: %s',
    async (traceparent) => {
      const world = makeWorld();
      expect((await submit(world, aRead, { headers: { traceparent } })).status).toBe(202);
      expect((await storedOf(world, 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa')).operation.traceparent).toBeUndefined();
    },
  );
});

describe('a submission that prefers to wait', () => {
  it('is a 200 with the result once there is one, and says that it waited', async () => {
    const world = makeWorld();
    const delivery = makeMessageDelivery(world);
    world.azure.answerCalls({ kind: 'answered', answer: { status: 200, body: { name: 'stshop', password: 'hunter2-hunter2' } } });
    world.pauses.meanwhile(async () => {
      await delivery.deliverDue();
    });
    const { status, headers, body } = await submit(world, aRead, { headers: { prefer: 'wait=20' } });
    expect([status, headers.get('preference-applied'), headers.has('retry-after')]).toEqual([200, 'wait=20', false]);
    expect(body).toMatchObject({
      status: 'succeeded',
      next: 'done',
      detail: 'Azure answered 200.',
      result: { status: 200, body: { name: 'stshop', password: '«masked 1»' }, masked: ['password'] },
    });
  });

  it('is a 202 when the time is over', async () => {
    const world = makeWorld();
    const { status, headers } = await submit(world, aDeletion, { headers: { prefer: 'respond-async, wait=5' } });
    expect([status, headers.get('preference-applied'), headers.get('retry-after')]).toEqual([202, 'wait=5', '15']);
    expect(world.pauses.taken.reduce((sum, pause) => sum + pause, 0)).toBe(5_000);
  });

  it.each([
    ['wait=99999', 'wait=60', 60_000],
    ['wait="3"', 'wait=3', 3_000],
    ['wait=0', null, 0],
    ['await=20', null, 0],
    ['wait=-1', null, 0],
    ['wait=1e3', null, 0],
    ['return=minimal', null, 0],
  ])('as %s waits for %s', async (prefer, applied, waitedMs) => {
    const world = makeWorld();
    const { headers } = await submit(world, aDeletion, { headers: { prefer } });
    expect(headers.get('preference-applied')).toBe(applied);
    expect(world.pauses.taken.reduce((sum, pause) => sum + pause, 0)).toBe(waitedMs);
  });

  it('is still a 202 where the store goes away after it was accepted', async () => {
    const world = makeWorld();
    world.store.read = async () => {
      throw new StoreError('unreachable', 'the tables cannot be reached');
    };
    const { status, headers } = await submit(world, aRead, { headers: { prefer: 'wait=1' } });
    expect([status, headers.get('operation-location')]).toEqual([202, url]);
  });
});

describe('a repeated submission', () => {
  const headers = {
    'repeatability-request-id': '0b1e6a5c-0000-4000-8000-000000000001',
    'repeatability-first-sent': 'Sat, 21 Nov 2026 20:12:00 GMT',
  };

  it('is answered with the same operation', async () => {
    const world = makeWorld();
    const first = await submit(world, aRead, { headers });
    const second = await submit(world, aRead, { headers });
    expect(second).toEqual(first);
    expect(second.headers.get('repeatability-result')).toBe('accepted');
  });

  it('is a 409 where the request is another one', async () => {
    const world = makeWorld();
    await submit(world, aRead, { headers });
    const { status, body } = await submit(world, aDeletion, { headers });
    expect(status).toBe(409);
    expect(body).toMatchObject({ error: { code: 'RepeatabilityConflict', target: 'Repeatability-Request-ID' } });
  });

  it.each([
    ['an id with a space', { 'repeatability-request-id': 'a b' }, 'Repeatability-Request-ID'],
    ['an empty id', { 'repeatability-request-id': '' }, 'Repeatability-Request-ID'],
    ['a first-sent alone', { 'repeatability-first-sent': 'Sat, 21 Nov 2026 20:12:00 GMT' }, 'Repeatability-First-Sent'],
    [
      'a first-sent in another form',
      { 'repeatability-request-id': 'r-1', 'repeatability-first-sent': '2026-11-21T20:12:00Z' },
      'Repeatability-First-Sent',
    ],
  ])('is a 400 with %s', async (_what, wrong, named) => {
    const world = makeWorld();
    const { status, body } = await submit(world, aRead, { headers: wrong });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'InvalidRequest', target: named } });
    expect(world.effects).toEqual([]);
  });
});

describe('a submission that cannot be taken', () => {
  const wrongBodies: readonly [string, JsonObject | string, string, string][] = [
    ['no JSON', '{"target":', 'InvalidJson', 'notJson'],
    ['a name twice', '{"justification":"a","justification":"b"}', 'InvalidJson', 'duplicateName'],
    ['a number that a double cannot hold', '{"justification":1e400}', 'InvalidJson', 'numberNotExact'],
    ['a nesting without end', `{"a":${'['.repeat(70)}${']'.repeat(70)}}`, 'InvalidJson', 'tooDeep'],
    ['no target', { justification: 'x' }, 'InvalidRequest', 'target'],
    ['no justification', { target }, 'InvalidRequest', 'justification'],
    ['an empty justification', { target, justification: '   ' }, 'InvalidRequest', 'justification'],
    ['a justification without end', { target, justification: 'x'.repeat(4_001) }, 'InvalidRequest', 'justification'],
    ['a kind that nobody knows', { ...aRead, target: { ...target, kind: 'ssh' } }, 'InvalidRequest', 'target.kind'],
    ['a field that nobody knows', { ...aRead, force: true }, 'InvalidRequest', 'force'],
    ['a field of the target that nobody knows', { ...aRead, target: { ...target, host: 'x' } }, 'InvalidRequest', 'target.host'],
    ['a method that nobody knows', { ...aRead, target: { ...target, method: 'TRACE' } }, 'InvalidRequest', 'target.method'],
    ['a query that is no text', { ...aRead, target: { ...target, query: { top: 1 } } }, 'InvalidRequest', 'target.query.top'],
    ['a path with an escape', { ...aRead, target: { ...target, path: `${account}%2f..` } }, 'InvalidRequest', 'target.path'],
    ['a list', '[]', 'InvalidRequest', 'body'],
  ];

  it.each(wrongBodies)('is a 400 that names the field: %s', async (_what, body, code, field) => {
    const world = makeWorld();
    const { status, headers, body: answer } = await submit(world, body);
    expect(status).toBe(400);
    expect(headers.get('x-ms-error-code')).toBe(code);
    expect(answer).toMatchObject({ error: { code, target: field, details: [] } });
    expect(world.effects).toEqual([]);
  });

  it.each([
    ['text/plain', 415],
    ['application/json; charset=utf-16', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=utf-8', 202],
    ['Application/JSON', 202],
  ])('has the content type %s: %i', async (contentType, expected) => {
    const { status, headers } = await submit(makeWorld(), aRead, { headers: { 'content-type': contentType } });
    expect(status).toBe(expected);
    if (expected === 415) expect(headers.get('x-ms-error-code')).toBe('UnsupportedMediaType');
  });

  it('is a 413 where it says that it is too large, before it is read', async () => {
    const { status, headers } = await submit(makeWorld(), aRead, { headers: { 'content-length': String(4 * 1024 * 1024 + 1) } });
    expect([status, headers.get('x-ms-error-code')]).toEqual([413, 'BodyTooLarge']);
  });

  it('is a 413 where it is too large and does not say so', async () => {
    const { status } = await submit(makeWorld(), `{"justification":"${'x'.repeat(4 * 1024 * 1024)}"}`);
    expect(status).toBe(413);
  });

  it.each([
    ['anna', 'AgentRequired'],
    ['agent-without-role', 'MissingRole'],
  ])('is a 403 with the token of %s: %s', async (token, code) => {
    const { status, headers } = await submit(makeWorld(), aRead, { token });
    expect([status, headers.get('x-ms-error-code')]).toEqual([403, code]);
  });

  it('is a 503 while the directory is away', async () => {
    const world = makeWorld();
    world.directory.setAway(true);
    const { status, headers } = await submit(world, aRead);
    expect([status, headers.get('retry-after')]).toEqual([503, '10']);
  });
});

describe('what was taken is answered as taken', () => {
  const failing = async (): Promise<never> => {
    throw new StoreError('unreachable', 'the tables cannot be reached any more');
  };

  it('although its documents cannot be read', async () => {
    const world = makeWorld();
    const submitting = routesOf({ ...world, withBodies: failing }).submit;
    const { status, body } = await exchange(submitting, { method: 'POST', token: 'deploy-agent', body: aRead });
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'approved', next: 'wait' });
    expect(world.log.lines.at(-1)).toContain('were left out of an answer');
  });

  it('although nobody can say how it goes on', async () => {
    const submitting = routesOf({ ...makeWorld(), awaitEnd: failing }).submit;
    const { status } = await exchange(submitting, { method: 'POST', token: 'deploy-agent', body: aRead, headers: { prefer: 'wait=5' } });
    expect(status).toBe(202);
  });
});

describe('a dry run', () => {
  it('is a 200 with assessment and decision, and has no effect', async () => {
    const world = makeWorld();
    const { status, headers, body } = await exchange(routesOf(world).assess, { method: 'POST', token: 'deploy-agent', body: aDeletion });
    expect([status, headers.has('operation-location')]).toEqual([200, false]);
    expect(body).toMatchObject({
      action: 'microsoft.storage/storageaccounts/delete',
      risk: { environment: 'production' },
      decision: { outcome: 'requireApproval', approval: { required: 1, groups: ['approvers'], expiresInSeconds: 14_400 } },
    });
    expect(world.effects).toEqual([]);
  });
});

describe('a dry run over the limit of its agent', () => {
  it('is a 429 that names the limit and says when to come again', async () => {
    const world = makeWorld({ limits: [{ of: 'assess', name: 'operationsPerMinute', most: 1 }] });
    const assess = async () => await exchange(routesOf(world).assess, { method: 'POST', token: 'deploy-agent', body: aRead });
    await assess();
    world.clock.advanceMs(10_000);
    const { status, headers, body } = await assess();
    expect([status, headers.get('retry-after'), headers.get('x-ms-error-code')]).toEqual([429, '50', 'TooManyRequests']);
    expect(body).toMatchObject({ error: { target: 'assess.operationsPerMinute' } });
  });
});

describe('a submission over a limit of its agent', () => {
  it('is a 429 that names the limit, says when to come again and what to do', async () => {
    const world = makeWorld({ limits: [{ of: 'read', name: 'operationsPerMinute', most: 1 }] });
    await submit(world, aRead);
    world.clock.advanceMs(10_000);
    const { status, headers, body } = await submit(world, aRead);
    expect([status, headers.get('retry-after'), headers.get('x-ms-error-code')]).toEqual([429, '50', 'TooManyRequests']);
    expect(body).toEqual({
      error: {
        code: 'TooManyRequests',
        message:
          'The limit of deploy-agent is reached: 1 operations of the class read a minute. Nothing was stored. Send the same request again after Retry-After.',
        target: 'read.operationsPerMinute',
        details: [{ code: 'LimitReached', target: 'read.operationsPerMinute', message: 'read.operationsPerMinute is 1' }],
      },
    });
  });
});

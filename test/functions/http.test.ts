import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../functions/http.ts';
import { AnnounceError } from '../../shared/ports/announcer.ts';
import { StoreError } from '../../shared/ports/operation-store.ts';
import { routesOf } from '../support/functions-of.ts';
import { exchange } from '../support/http-exchange.ts';
import { account } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const unknownId = `op_${'z'.repeat(26)}`;
const aRead = { target: { kind: 'arm', method: 'GET', path: account, apiVersion: '2024-01-01' }, justification: 'To see it.' };

describe('a request without a valid token', () => {
  it.each([
    [undefined, 'MissingToken', 'Bearer'],
    ['nobody-knows-this', 'InvalidToken', 'Bearer error="invalid_token"'],
    ['expired', 'ExpiredToken', 'Bearer error="invalid_token"'],
    ['foreign', 'ForeignToken', 'Bearer error="invalid_token"'],
  ])('of %s is a 401 with a challenge on every route, and has no effect', async (token, code, challenge) => {
    const world = makeWorld();
    for (const handler of Object.values(routesOf(world))) {
      const { status, headers, body } = await exchange(handler, {
        method: 'POST',
        ...(token === undefined ? {} : { token }),
        body: aRead,
        id: unknownId,
      });
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe(challenge);
      expect(headers.get('x-ms-error-code')).toBe(code);
      expect(body).toMatchObject({ error: { code, details: [] } });
    }
    expect(world.effects).toEqual([]);
    expect(world.interruptions.calls).toEqual([]);
  });

  it('is a 503 that asks for patience while the keys of the issuer cannot be had', async () => {
    const { status, headers } = await exchange(routesOf(makeWorld()).list, { token: 'signed-by-unknown-keys' });
    expect([status, headers.get('retry-after'), headers.get('x-ms-error-code')]).toEqual([503, '5', 'Unavailable']);
  });

  it('is refused before its parameters are looked at', async () => {
    const { status } = await exchange(routesOf(makeWorld()).list, { url: '/api/operations?api-version=never' });
    expect(status).toBe(401);
  });
});

describe('every answer', () => {
  it.each([
    ['a success', 'deploy-agent', 200],
    ['a refusal', 'agent-without-role', 403],
    ['a 401', 'expired', 401],
  ])('%s repeats the API version and the id that the client gave the request, and is not to be stored', async (_what, token, expected) => {
    const { status, headers } = await exchange(routesOf(makeWorld()).list, {
      url: '/api/operations?api-version=2026-11-01-preview',
      token,
      headers: { 'x-ms-client-request-id': 'build-17' },
    });
    expect(status).toBe(expected);
    expect(Object.fromEntries(headers.entries())).toMatchObject({
      'api-version': '2026-11-01-preview',
      'x-ms-client-request-id': 'build-17',
      'x-ms-request-id': 'invocation-1',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  it('names our API version where none was asked for, and no id where none was given', async () => {
    const { headers } = await exchange(routesOf(makeWorld()).list, { token: 'deploy-agent' });
    expect(headers.get('api-version')).toBe('2026-11-01');
    expect(headers.has('x-ms-client-request-id')).toBe(false);
  });

  it.each(['latest', '2026-11-01-beta', '2026-11-01, 2026-12-01'])(
    'to api-version=%s is a 400 that does not repeat it',
    async (version) => {
      const { status, headers, body } = await exchange(routesOf(makeWorld()).list, {
        url: `/api/operations?api-version=${encodeURIComponent(version)}`,
        token: 'deploy-agent',
      });
      expect(status).toBe(400);
      expect(body).toMatchObject({ error: { code: 'InvalidRequest', target: 'api-version' } });
      expect(headers.get('api-version')).toBe('2026-11-01');
    },
  );

  it.each(['two words', 'x'.repeat(129)])('to a client request id that is none is a 400 that does not repeat it', async (id) => {
    const { status, headers, body } = await exchange(routesOf(makeWorld()).list, {
      token: 'deploy-agent',
      headers: { 'x-ms-client-request-id': id },
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'InvalidRequest', target: 'x-ms-client-request-id' } });
    expect(headers.has('x-ms-client-request-id')).toBe(false);
  });
});

describe('a fault of ours', () => {
  it('is a 500 that tells nothing of it but what to quote', async () => {
    const world = makeWorld();
    world.store.read = async () => {
      throw new TypeError('secret internals of op-store-7');
    };
    const { status, headers, body, text } = await exchange(routesOf(world).read, { token: 'deploy-agent', id: unknownId });
    expect(status).toBe(500);
    expect(body).toEqual({
      error: { code: 'InternalError', message: 'Something went wrong on our side. Quote x-ms-request-id invocation-1.', details: [] },
    });
    expect(headers.get('x-ms-error-code')).toBe('InternalError');
    expect(text).not.toMatch(/internals|op-store|TypeError|\.ts:|at /);
  });

  it('is logged by its kind, never by its message', async () => {
    const world = makeWorld();
    world.store.read = async () => {
      throw new TypeError('secret internals of op-store-7');
    };
    await exchange(routesOf(world).read, { token: 'deploy-agent', id: unknownId });
    expect(world.log.lines).toEqual(['error: request failed {"function":"under-test","invocationId":"invocation-1","error":"TypeError"}']);
  });

  it('is a 500 where a stored operation was tampered with', async () => {
    const world = makeWorld();
    world.store.read = async () => {
      throw new StoreError('corrupt', `the chain of ${unknownId} breaks at event 2`);
    };
    const { status, text } = await exchange(routesOf(world).read, { token: 'deploy-agent', id: unknownId });
    expect(status).toBe(500);
    expect(text).not.toContain('chain');
  });
});

describe('what is away for the moment', () => {
  it('is a 503 that asks for patience', async () => {
    const world = makeWorld();
    world.announcer.failNext();
    const { status, headers, body, text } = await exchange(routesOf(world).submit, { method: 'POST', token: 'deploy-agent', body: aRead });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(body).toMatchObject({ error: { code: 'Unavailable' } });
    expect(text).not.toContain('queues');
  });

  it.each([
    ['the queues', new AnnounceError('internal'), 'Unavailable'],
    ['the store', new StoreError('unreachable', 'internal'), 'Unavailable'],
    ['nothing: the request is too large to be stored', new StoreError('tooLarge', 'internal'), 'BodyTooLarge'],
  ])('is told apart: %s', (_what, error, code) => {
    const refusal = refusalOf(error);
    expect(refusal?.code).toBe(code);
    expect(refusal?.message).not.toContain('internal');
  });

  it.each([new StoreError('corrupt', 'x'), new Error('x'), 'x', undefined])('is not what a fault is: %s', (error) => {
    expect(refusalOf(error)).toBeUndefined();
  });
});

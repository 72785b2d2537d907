import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  at,
  computeVersion,
  devAccount,
  devMachine,
  outcome,
  refusal,
  resourcesVersion,
  storageVersion,
  subscription,
  useResourceManager,
} from './resource-manager-setup.ts';

const arm = useResourceManager();
const account = at(devAccount, storageVersion);
const machine = at(devMachine, computeVersion);
const faults = () => arm.manager().faults;

/** What the log says of every request: method, status, effect, faults. */
const logged = () =>
  arm
    .manager()
    .requests()
    .map(({ method, status, effect, faults: met }) => [method, status, effect?.kind ?? null, met]);

const operations = () =>
  arm
    .manager()
    .operations()
    .map(({ status, error }) => [status, error?.code]);

describe('a request that is not taken', () => {
  it('is throttled with the seconds to wait, and does nothing', async () => {
    faults().inject({ name: 'throttle', retryAfterSeconds: 17 });
    const throttled = await arm.send('DELETE', account);
    expect([outcome(throttled), throttled.headers.get('retry-after')]).toEqual([refusal(429, 'TooManyRequests'), '17']);
    expect((await arm.send('GET', account)).status).toBe(200);
    expect(logged()).toEqual([
      ['DELETE', 429, null, ['throttle']],
      ['GET', 200, null, []],
    ]);
  });

  it('is throttled until a date', async () => {
    faults().inject({ name: 'throttle', retryAfterSeconds: 60, retryAfterAs: 'date' });
    const { headers } = await arm.send('GET', account);
    expect(headers.get('retry-after')).toBe(new Date(arm.now() + 60_000).toUTCString());
  });

  it.each([
    ['without a time', {}, null],
    ['with the seconds to wait', { retryAfterSeconds: 5 }, '5'],
  ])('meets a service that is not there, %s', async (_, options, retryAfter) => {
    faults().inject({ name: 'unavailable', ...options });
    const unavailable = await arm.send('DELETE', account);
    expect([outcome(unavailable), unavailable.headers.get('retry-after')]).toEqual([refusal(503, 'ServiceUnavailable'), retryAfter]);
    expect(logged()).toEqual([['DELETE', 503, null, ['unavailable']]]);
  });

  it('loses its connection before anything is done', async () => {
    faults().inject({ name: 'resetBeforeEffect' });
    await expect(arm.send('DELETE', account)).rejects.toThrow();
    expect((await arm.send('GET', account)).status).toBe(200);
    expect(logged()).toEqual([
      ['DELETE', null, null, ['resetBeforeEffect']],
      ['GET', 200, null, []],
    ]);
  });
});

describe('an answer that does not come whole', () => {
  it('is lost after everything was done', async () => {
    faults().inject({ name: 'resetAfterEffect' });
    await expect(arm.send('DELETE', account)).rejects.toThrow();
    expect((await arm.send('GET', account)).status).toBe(404);
    expect(logged()).toEqual([
      ['DELETE', 200, 'delete', ['resetAfterEffect']],
      ['GET', 404, null, []],
    ]);
  });

  it('breaks off within its body', async () => {
    faults().inject({ name: 'truncatedBody' });
    await expect(arm.send('GET', account)).rejects.toThrow('terminated');
    expect(logged()).toEqual([['GET', 200, null, ['truncatedBody']]]);
  });

  it('is a page of a gateway', async () => {
    faults().inject({ name: 'notJson' });
    await expect(arm.send('GET', account)).rejects.toThrow(SyntaxError);
  });

  it('lacks the way to the operation that it accepted', async () => {
    faults().inject({ name: 'lostPollingAddress' });
    await arm.send('GET', account);
    const { status, headers } = await arm.send('DELETE', machine);
    expect([status, headers.get('azure-asyncoperation'), headers.get('location'), headers.get('retry-after')]).toEqual([
      202,
      null,
      null,
      '1',
    ]);
  });
});

describe('a slow answer', () => {
  it('comes when it is released, long after the effect', async () => {
    const slow = faults().inject({ name: 'slow', match: { method: 'DELETE' } });
    const deleting = arm.send('DELETE', account);
    await slow.reached;
    expect((await arm.send('GET', account)).status).toBe(404);
    slow.release();
    expect((await deleting).status).toBe(200);
  });

  it('comes with an effect that is as late, where the request itself was slow', async () => {
    const slow = faults().inject({ name: 'slowBeforeEffect', match: { method: 'DELETE' } });
    const deleting = arm.send('DELETE', account);
    await slow.reached;
    expect((await arm.send('GET', account)).status).toBe(200);
    slow.release();
    expect((await deleting).status).toBe(200);
    expect((await arm.send('GET', account)).status).toBe(404);
  });

  it('has its effect though its caller has gone', async () => {
    const slow = faults().inject({ name: 'slowBeforeEffect', match: { method: 'DELETE' } });
    const caller = new AbortController();
    const gone = expect(
      fetch(`${arm.manager().address}${account}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${arm.operatorToken()}` },
        signal: caller.signal,
      }),
    ).rejects.toThrow();
    await slow.reached;
    caller.abort();
    await gone;
    slow.release();
    await expect.poll(logged).toEqual([['DELETE', 200, 'delete', ['slowBeforeEffect']]]);
  });

  it('comes after its time', async () => {
    faults().inject({ name: 'slow', delayMs: 1 });
    expect((await arm.send('GET', account)).status).toBe(200);
  });
});

describe('a long-running operation', () => {
  it('fails without its effect', async () => {
    faults().inject({ name: 'failLongRunning', code: 'AllocationFailed', message: 'There is no capacity.' });
    await arm.send('GET', account);
    await arm.send('DELETE', machine);
    arm.advance(1000);
    expect(operations()).toEqual([['Failed', 'AllocationFailed']]);
    expect(await arm.send('GET', machine)).toMatchObject({ status: 200, body: { properties: { provisioningState: 'Failed' } } });
  });

  it('does not end until it is released, whether or not the stand-in runs meanwhile', async () => {
    const stalled = faults().inject({ name: 'stallLongRunning' });
    await arm.send('DELETE', machine);
    arm.advance(100_000);
    const before = operations();
    stalled.release();
    expect([before, operations()]).toEqual([[['InProgress', undefined]], [['Succeeded', undefined]]]);
  });

  it('stays as it is over a restart, and ends when all faults do', async () => {
    faults().inject({ name: 'stallLongRunning' });
    await arm.send('DELETE', machine);
    arm.advance(100_000);
    await arm.restart();
    const before = operations();
    faults().clear();
    expect([before, operations()]).toEqual([[['InProgress', undefined]], [['Succeeded', undefined]]]);
  });

  it('is polled through a throttle, which slows down nothing but the answer', async () => {
    const { headers } = await arm.send('DELETE', machine);
    const status = headers.get('azure-asyncoperation') ?? '';
    faults().inject({ name: 'throttle', match: { pathPart: '/operations/' }, retryAfterSeconds: 2 });
    arm.advance(1000);
    const polls = [await arm.send('GET', status), await arm.send('GET', status)];
    expect(polls.map((poll) => poll.status)).toEqual([429, 200]);
    expect(polls[1]?.body).toMatchObject({ status: 'Succeeded' });
  });

  it('is named in the log by the request that began it', async () => {
    await arm.send('DELETE', machine);
    const [request] = arm.manager().requests();
    expect(request?.operationId).toBe(arm.manager().operations()[0]?.id);
  });
});

describe('the administration', () => {
  const administer = (method: string, path: string, key: string, body?: unknown) =>
    fetch(`${arm.manager().address}${path}`, {
      method,
      headers: { 'x-admin-key': key },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('knows nobody without its key, not even the operator', async () => {
    const statuses = [
      (await administer('POST', '/_faults', 'wrong', { inject: { name: 'throttle' } })).status,
      (await arm.send('DELETE', '/_faults')).status,
    ];
    expect(statuses).toEqual([401, 401]);
    expect((await arm.send('GET', account)).status).toBe(200);
  });

  it.each([
    ['no JSON object', 'x'],
    ['an unknown fault', { inject: { name: 'earthquake' } }],
    ['an unknown field', { inject: { name: 'throttle', retries: 3 } }],
    ['a rate over one', { randomly: { seed: 1, rates: { throttle: 2 } } }],
  ])('refuses %s', async (_, body) => {
    expect((await administer('POST', '/_faults', arm.manager().adminKey, body)).status).toBe(400);
  });

  it('arms, counts, releases and ends faults', async () => {
    const key = arm.manager().adminKey;
    const armed = await administer('POST', '/_faults', key, { inject: { name: 'stallLongRunning' } });
    const { id } = z.object({ id: z.string() }).parse(await armed.json());
    await arm.send('DELETE', machine);
    arm.advance(1000);
    const released = await administer('POST', `/_faults/${id}/release`, key);
    expect([armed.status, released.status, operations()]).toEqual([201, 204, [['Succeeded', undefined]]]);
    await administer('POST', '/_faults', key, { randomly: { seed: 1, rates: { unavailable: 1 } } });
    const unavailable = await arm.send('GET', at(subscription, resourcesVersion));
    await administer('DELETE', '/_faults', key);
    expect([unavailable.status, (await arm.send('GET', at(subscription, resourcesVersion))).status]).toEqual([503, 200]);
    const counted = await administer('GET', '/_faults', key);
    expect(await counted.json()).toEqual({ happened: { stallLongRunning: 1, unavailable: 1 } });
  });

  it('is not in the log of requests', async () => {
    await administer('GET', '/_faults', arm.manager().adminKey);
    expect(logged()).toEqual([]);
  });
});

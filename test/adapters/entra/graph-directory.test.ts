import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { makeGraphDirectory } from '../../../shared/adapters/entra/graph-directory.ts';
import { type Instant, instant } from '../../../shared/domain/instant.ts';

const ada = '55555555-5555-4555-8555-000000000001';
const approvers = '33333333-3333-4333-8333-000000000001';
const auditors = '33333333-3333-4333-8333-000000000002';

type Answer = { readonly status: number; readonly body?: unknown };

/** A directory in front of canned answers, with a clock that stands until it is moved. */
function directoryOver(answer: (method: string, path: string, body: string) => Answer, maxAgeMs?: number) {
  const asked: string[] = [];
  const clock = { at: instant('2026-11-21T20:12:00.000Z'), now: (): Instant => clock.at };
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      asked.push(`${request.method} ${request.url} ${request.headers.get('authorization')}`);
      const { status, body } = answer(request.method, new URL(request.url).pathname, typeof request.body === 'string' ? request.body : '');
      return { request, status, headers: createHttpHeaders(), bodyAsText: JSON.stringify(body ?? {}) };
    },
  };
  const credential = { getToken: async () => ({ token: 'graph-token', expiresOnTimestamp: 0 }) };
  const remembered = maxAgeMs === undefined ? {} : { maxAgeMs };
  const directory = makeGraphDirectory({
    endpoint: 'https://graph.example/v1.0',
    credential,
    scope: 's',
    clock,
    httpClient,
    ...remembered,
  });
  return { directory, asked, clock };
}

const memberships = (...value: readonly string[]) => directoryOver(() => ({ status: 200, body: { value } }));

describe('what Microsoft Graph is never asked', () => {
  it.each(['', '../groups', 'approver-1@contoso.example', `${ada}/manager`, ada.toUpperCase().replace('5', 'A')])(
    'about the person %j',
    async (id) => {
      const { directory, asked } = memberships(approvers);
      expect(await directory.memberOf(id, [approvers])).toEqual([]);
      expect(await directory.account(id)).toBe('missing');
      expect(asked).toEqual([]);
    },
  );

  it('about a group that is no GUID', async () => {
    await expect(memberships().directory.memberOf(ada, ['approvers'])).rejects.toMatchObject({ name: 'DirectoryError' });
  });
});

describe('an answer that cannot be used is an error, never a yes', () => {
  it.each<[string, Answer]>([
    ['a refusal', { status: 403 }],
    ['a redirect', { status: 302 }],
    ['another shape', { status: 200, body: { values: [approvers] } }],
    ['no JSON object', { status: 200, body: 'yes' }],
  ])('%s', async (_, answer) => {
    const { directory } = directoryOver(() => answer);
    await expect(directory.memberOf(ada, [approvers])).rejects.toMatchObject({ name: 'DirectoryError' });
    await expect(directory.account(ada)).rejects.toMatchObject({ name: 'DirectoryError' });
  });

  it('somebody else', async () => {
    const { directory } = directoryOver(() => ({ status: 200, body: { id: approvers, accountEnabled: true } }));
    await expect(directory.account(ada)).rejects.toMatchObject({ name: 'DirectoryError' });
  });

  it('is not remembered', async () => {
    const answers = [{ status: 403 }, { status: 200, body: { id: ada, accountEnabled: true } }];
    const { directory } = directoryOver(() => answers.shift() ?? { status: 500 });
    await expect(directory.account(ada)).rejects.toMatchObject({ name: 'DirectoryError' });
    expect(await directory.account(ada)).toBe('enabled');
  });
});

describe('memberships', () => {
  it('are those groups that were asked about and answered', async () => {
    const { directory, asked } = memberships(approvers.toUpperCase(), '33333333-3333-4333-8333-00000000ffff');
    expect(await directory.memberOf(ada, [approvers, auditors])).toEqual([approvers]);
    expect(asked).toEqual([`POST https://graph.example/v1.0/users/${ada}/checkMemberGroups Bearer graph-token`]);
  });

  it('of somebody unknown are none', async () => {
    expect(await directoryOver(() => ({ status: 404 })).directory.memberOf(ada, [approvers])).toEqual([]);
  });

  it('in more than twenty groups are asked for in parts', async () => {
    const many = Array.from({ length: 45 }, (_, index) => `33333333-3333-4333-8333-${String(index).padStart(12, '0')}`);
    const { directory, asked } = directoryOver((_method, _path, body) => ({ status: 200, body: { value: JSON.parse(body).groupIds } }));
    expect(await directory.memberOf(ada, many)).toEqual(many);
    expect(asked).toHaveLength(3);
  });

  it('are remembered for less than 60 s, per person and groups', async () => {
    const { directory, asked, clock } = memberships(approvers);
    await directory.memberOf(ada, [approvers, auditors]);
    clock.at = instant('2026-11-21T20:12:59.999Z');
    await directory.memberOf(ada, [auditors, approvers]);
    expect(asked).toHaveLength(1);
    await directory.memberOf(ada, [approvers]);
    expect(asked).toHaveLength(2);
    clock.at = instant('2026-11-21T20:13:00.000Z');
    await directory.memberOf(ada, [approvers, auditors]);
    expect(asked).toHaveLength(3);
  });
});

describe('an account', () => {
  it.each<[string, Answer]>([
    ['enabled', { status: 200, body: { id: ada, accountEnabled: true } }],
    ['disabled', { status: 200, body: { id: ada, accountEnabled: false } }],
    ['missing', { status: 404 }],
  ])('is %s', async (state, answer) => {
    expect(await directoryOver(() => answer).directory.account(ada)).toBe(state);
  });

  it('is asked for by two properties', async () => {
    const { directory, asked } = directoryOver(() => ({ status: 404 }));
    await directory.account(ada);
    expect(asked).toEqual([`GET https://graph.example/v1.0/users/${ada}?$select=id,accountEnabled Bearer graph-token`]);
  });
});

describe('the age that an answer may have', () => {
  it.each([60_001, -1, Number.NaN, Number.POSITIVE_INFINITY])('is never %d ms', (maxAgeMs) => {
    expect(() => directoryOver(() => ({ status: 404 }), maxAgeMs)).toThrow(RangeError);
  });

  it('may be none at all: then every question is asked', async () => {
    const { directory, asked } = directoryOver(() => ({ status: 404 }), 0);
    await directory.account(ada);
    await directory.account(ada);
    expect(asked).toHaveLength(2);
  });

  it('may be less than a minute', async () => {
    const { directory, asked, clock } = directoryOver(() => ({ status: 404 }), 5_000);
    await directory.account(ada);
    clock.at = instant('2026-11-21T20:12:04.999Z');
    await directory.account(ada);
    expect(asked).toHaveLength(1);
    clock.at = instant('2026-11-21T20:12:05.000Z');
    await directory.account(ada);
    expect(asked).toHaveLength(2);
  });
});

describe('the address of Microsoft Graph', () => {
  it('is never plain http outside this machine', () => {
    const credential = { getToken: async () => null };
    const clock = { now: () => instant('2026-11-21T20:12:00.000Z') };
    expect(() => makeGraphDirectory({ endpoint: 'http://graph.example/v1.0', credential, scope: 's', clock })).toThrow(RangeError);
  });
});

import { describe, expect, it } from 'vitest';
import { maxBodyBytes, parseListQuery, parseSubmission, parseVote } from '../../shared/contracts/operation-request.ts';
import { RequestError } from '../../shared/domain/request-error.ts';

const json = 'application/json';
const path = '/subscriptions/00000000-0000-0000-0000-000000000001';
const target = { kind: 'arm', method: 'GET', path, apiVersion: '2022-12-01' };
const submission = { target, justification: 'To see what is there.' };

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Code and field of the refusal. */
function refusalOf(act: () => unknown): [string, string | undefined] | 'accepted' {
  try {
    act();
    return 'accepted';
  } catch (error) {
    if (error instanceof RequestError) return [error.code, error.target];
    throw error;
  }
}

const submit = (value: unknown, contentType: string | null = json) => refusalOf(() => parseSubmission(contentType, bytesOf(value)));
const castVote = (value: unknown, contentType: string | null = json) => refusalOf(() => parseVote(contentType, bytesOf(value)));
const list = (query: string) => refusalOf(() => parseListQuery(new URLSearchParams(query)));

describe('UnsupportedMediaType: the content type', () => {
  it.each([
    null,
    '',
    'text/plain',
    'application/jsonp',
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json, text/plain',
    'text/plain; application/json',
  ])('%j', (contentType) => {
    expect(submit(submission, contentType)).toEqual(['UnsupportedMediaType', undefined]);
    expect(castVote({ decision: 'approve', digest: 'x' }, contentType)).toEqual(['UnsupportedMediaType', undefined]);
  });

  it.each(['application/json', 'Application/JSON', 'application/json;charset=utf-8', 'application/json; charset="UTF-8"'])(
    'not %j',
    (contentType) => {
      expect(submit(submission, contentType)).toBe('accepted');
    },
  );
});

describe('BodyTooLarge', () => {
  const filled = (length: number) => {
    const empty = JSON.stringify({ target: { ...target, body: '' }, justification: 'x' });
    return JSON.stringify({ target: { ...target, body: 'a'.repeat(length - empty.length) }, justification: 'x' });
  };

  it('of 4 MiB and a byte, before anything of it is read', () => {
    expect(submit(' '.repeat(maxBodyBytes + 1), 'text/plain')).toEqual(['BodyTooLarge', undefined]);
    expect(submit(filled(maxBodyBytes + 1))).toEqual(['BodyTooLarge', undefined]);
  });

  it('not of 4 MiB', () => {
    expect(submit(filled(maxBodyBytes))).toBe('accepted');
  });
});

describe('InvalidJson, with the kind of fault', () => {
  it.each([
    ['nothing', '', 'notJson'],
    ['a byte order mark', `\uFEFF${JSON.stringify(submission)}`, 'notJson'],
    ['a name given twice', '{"justification":"a","justification":"b"}', 'duplicateName'],
    ['a number that is rounded', `{"target":{"kind":"arm","body":{"id":12345678901234567890}}}`, 'numberNotExact'],
    ['nesting over 64', `{"target":{"body":${'['.repeat(63)}${']'.repeat(63)}}}`, 'tooDeep'],
    ['half of a surrogate pair', '{"justification":"\\ud800"}', 'loneSurrogate'],
  ])('%s', (_, text, fault) => {
    expect(submit(text)).toEqual(['InvalidJson', fault]);
  });

  it('and its place', () => {
    expect(() => parseSubmission(json, bytesOf('{"a":1,"a":2}'))).toThrow('The name "a" occurs twice in one object. (at character 7)');
  });
});

describe('InvalidRequest names the field', () => {
  it.each<[string, unknown, string]>([
    ['no object', [], 'body'],
    ['null', null, 'body'],
    ['no target', { justification: 'x' }, 'target'],
    ['no justification', { target }, 'justification'],
    ['a justification of spaces', { target, justification: ' \n\t ' }, 'justification'],
    ['a justification of 4,001 characters', { target, justification: 'a'.repeat(4001) }, 'justification'],
    ['a justification that is no text', { target, justification: { toString: 'x' } }, 'justification'],
    ['another kind of target', { ...submission, target: { ...target, kind: 'postgresql' } }, 'target.kind'],
    ['no kind of target', { ...submission, target: { ...target, kind: undefined } }, 'target.kind'],
    ['a method that is no text', { ...submission, target: { ...target, method: ['GET'] } }, 'target.method'],
    ['no path', { ...submission, target: { ...target, path: undefined } }, 'target.path'],
    ['no API version', { ...submission, target: { ...target, apiVersion: null } }, 'target.apiVersion'],
    ['a query that is a text', { ...submission, target: { ...target, query: 'a=b' } }, 'target.query'],
    ['a query that is a list', { ...submission, target: { ...target, query: ['a'] } }, 'target.query'],
    ['a number in the query', { ...submission, target: { ...target, query: { $top: 1 } } }, 'target.query.$top'],
    ['a list in the headers', { ...submission, target: { ...target, headers: { 'if-match': ['*'] } } }, 'target.headers.if-match'],
    ['a further field', { ...submission, approved: true }, 'approved'],
    ['a further field of the target', { ...submission, target: { ...target, host: 'evil.example' } }, 'target.host'],
    ['a field in other case', { ...submission, target: { ...target, Method: 'DELETE' } }, 'target.Method'],
  ])('%s', (_, value, field) => {
    expect(submit(value)).toEqual(['InvalidRequest', field]);
  });

  it.each([
    ['the request', '{"__proto__":{},"target":{"kind":"arm","method":"GET","path":"/","apiVersion":"1"},"justification":"x"}', '__proto__'],
    [
      'the target',
      '{"target":{"__proto__":{},"kind":"arm","method":"GET","path":"/","apiVersion":"1"},"justification":"x"}',
      'target.__proto__',
    ],
    [
      'the query',
      '{"target":{"kind":"arm","method":"GET","path":"/","apiVersion":"1","query":{"__proto__":"x"}},"justification":"x"}',
      'target.query',
    ],
    [
      'the headers',
      '{"target":{"kind":"arm","method":"GET","path":"/","apiVersion":"1","headers":{"__proto__":"x"}},"justification":"x"}',
      'target.headers',
    ],
  ])('__proto__ in %s, which is not silently dropped', (_, text, field) => {
    expect(submit(text)).toEqual(['InvalidRequest', field]);
  });

  it('a target inherited from __proto__', () => {
    expect(submit(`{"__proto__":${JSON.stringify(submission)},"justification":"x"}`)).toEqual(['InvalidRequest', 'target']);
  });

  it('and cuts a name that fills the answer', () => {
    const [code, field] = submit({ ...submission, ['x'.repeat(5000)]: 1 });
    expect([code, field?.length]).toEqual(['InvalidRequest', 200]);
  });
});

describe('a submission', () => {
  const parsed = (value: unknown) => parseSubmission(json, bytesOf(value));

  it('has an empty query and no headers where it names none', () => {
    expect(parsed(submission)).toEqual({
      target: { method: 'GET', path, apiVersion: '2022-12-01', query: {}, headers: {}, body: undefined },
      justification: 'To see what is there.',
    });
  });

  it('leaves to the grammar of requests what it holds', () => {
    expect(parsed({ ...submission, target: { ...target, method: 'NONSENSE', path: '../x' } }).target).toMatchObject({
      method: 'NONSENSE',
      path: '../x',
    });
  });

  it('keeps a body as it is: null, a list, or with __proto__ as a name', () => {
    expect(parsed({ ...submission, target: { ...target, body: null } }).target).toHaveProperty('body', null);
    expect(parsed({ ...submission, target: { ...target, body: [1, 'a'] } }).target).toHaveProperty('body', [1, 'a']);
    const { target: odd } = parsed(
      '{"target":{"kind":"arm","method":"PUT","path":"/","apiVersion":"1","body":{"__proto__":{"a":1}}},"justification":"x"}',
    );
    expect(JSON.stringify('body' in odd ? odd.body : undefined)).toBe('{"__proto__":{"a":1}}');
  });

  it('has its justification without outer spaces, up to 4,000 characters', () => {
    expect(parsed({ target, justification: `  ${'a'.repeat(4000)}\n` }).justification).toBe('a'.repeat(4000));
  });
});

describe('a vote', () => {
  it.each<[string, unknown, string]>([
    ['no decision', { digest: 'x' }, 'decision'],
    ['a decision that nobody can make', { decision: 'maybe', digest: 'x' }, 'decision'],
    ['a decision in other case', { decision: 'Approve', digest: 'x' }, 'decision'],
    ['no digest of what was seen', { decision: 'approve' }, 'digest'],
    ['a digest that is no text', { decision: 'approve', digest: null }, 'digest'],
    ['a digest of 201 characters', { decision: 'approve', digest: 'x'.repeat(201) }, 'digest'],
    ['a reason of 2,001 characters', { decision: 'approve', digest: 'x', reason: 'a'.repeat(2001) }, 'reason'],
    ['another voter', { decision: 'approve', digest: 'x', voter: 'alice' }, 'voter'],
  ])('is refused: %s', (_, value, field) => {
    expect(castVote(value)).toEqual(['InvalidRequest', field]);
  });

  it('needs no reason', () => {
    expect(parseVote(json, bytesOf({ decision: 'reject', digest: 'sha256:00' }))).toEqual({
      decision: 'reject',
      digest: 'sha256:00',
      reason: '',
    });
  });
});

describe('the query of a listing', () => {
  it.each([
    ['$top=5', '$top'],
    ['Status=approved', 'Status'],
    ['status=approved&status=denied', 'status'],
    ['status=running', 'status'],
    ['status=', 'status'],
    ['status=toString', 'status'],
    ['top=0', 'top'],
    ['top=201', 'top'],
    ['top=-1', 'top'],
    ['top=1e2', 'top'],
    ['top=10.5', 'top'],
    ['top=', 'top'],
    ['from=yesterday', 'from'],
    ['from=2026-02-31', 'from'],
    ['from=2026-11-21T00:00:00%2B01:00', 'from'],
    ['to=2026-11-21T24:00:00Z', 'to'],
    ['to=', 'to'],
  ])('%s is refused and named', (query, name) => {
    expect(list(query)).toEqual(['InvalidRequest', name]);
  });

  it('may be empty', () => {
    expect(parseListQuery(new URLSearchParams())).toEqual({ top: 50 });
  });

  it('is read', () => {
    const query =
      'api-version=2026-11-01&status=awaitingApproval&agent=44444444-4444-4444-8444-00000000000A&action=Microsoft.Storage%2FstorageAccounts%2Fdelete&top=200&continuationToken=t';
    expect(parseListQuery(new URLSearchParams(query))).toEqual({
      status: 'awaitingApproval',
      agentId: '44444444-4444-4444-8444-00000000000a',
      action: 'microsoft.storage/storageaccounts/delete',
      top: 200,
      continuationToken: 't',
    });
  });

  it('keeps the case of an agent that another issuer names', () => {
    const agent = 'repo:Octo-Org/octo-repo:ref:refs/heads/main';
    expect(parseListQuery(new URLSearchParams({ agent }))).toMatchObject({ agentId: agent });
  });

  it.each([
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21T20:12:00Z', '2026-11-21T20:12:00.000Z'],
    ['2026-11-21T20:12:00.123Z', '2026-11-21T20:12:00.123Z'],
  ])('takes %s for %s', (given, read) => {
    expect(parseListQuery(new URLSearchParams({ from: given, to: given }))).toEqual({ from: read, to: read, top: 50 });
  });
});

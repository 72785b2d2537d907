import { describe, expect, it } from 'vitest';
import { type OperationRequest, requestDigest, requestMac, type SealedRequest } from '../../shared/domain/request-digest.ts';
import { agent, sealed, target } from './sample-operation.ts';

const { request } = sealed;

/** Everything that makes another request of it, one thing at a time. */
const otherRequests: readonly [string, OperationRequest][] = [
  ['another agent', { ...request, agent: { ...agent, id: '44444444-4444-4444-8444-000000000002' } }],
  ['another tenant', { ...request, agent: { ...agent, tenantId: '11111111-1111-4111-8111-111111111112' } }],
  ['another issuer', { ...request, agent: { ...agent, issuer: 'https://login.example/v1.0' } }],
  ['another justification', { ...request, justification: 'The account is no longer needed!' }],
  ['another method', { ...request, target: { ...target, method: 'GET' } }],
  ['another path', { ...request, target: { ...target, path: `${target.path}2` } }],
  ['another case in a name', { ...request, target: { ...target, path: target.path.replace('rg-prod', 'RG-prod') } }],
  ['another API version', { ...request, target: { ...target, apiVersion: '2024-01-02' } }],
  ['another query value', { ...request, target: { ...target, query: { forcedeletion: 'false' } } }],
  ['no query', { ...request, target: { ...target, query: {} } }],
  ['another header value', { ...request, target: { ...target, headers: { 'if-match': '"1"' } } }],
  ['a query value moved to the headers', { ...request, target: { ...target, query: {}, headers: { ...target.headers, ...target.query } } }],
  ['a body', { ...request, target: { ...target, body: {} } }],
  ['a body of null', { ...request, target: { ...target, body: null } }],
];

describe('the digest of a request', () => {
  it.each(otherRequests)('is another with %s', (_, other) => {
    expect(requestDigest({ ...sealed, request: other })).not.toBe(requestDigest(sealed));
  });

  it('is another with each byte of the body', () => {
    const digests = ['secret-1', 'secret-2', 'Secret-1', 'secret-1 ', 'secret–1'].map((password) =>
      requestDigest({ ...sealed, request: { ...request, target: { ...target, method: 'PUT', body: { password } } } }),
    );
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('is another with another salt, so that nobody can guess a password by hashing guesses', () => {
    expect(requestDigest({ ...sealed, salt: 'another-salt' })).not.toBe(requestDigest(sealed));
  });

  it('does not depend on the order in which names were given', () => {
    const body = { b: 1, a: { d: 2, c: 3 } };
    const reordered = { a: { c: 3, d: 2 }, b: 1 };
    const digestOfBody = (value: typeof body): string =>
      requestDigest({ ...sealed, request: { ...request, target: { ...target, method: 'PUT', body: value } } });
    expect(digestOfBody(body)).toBe(digestOfBody(reordered));
  });

  it('is this one, by which what is stored today can be verified tomorrow', () => {
    const salted: SealedRequest = {
      salt: 'salt',
      request: { agent, justification: 'why', target: { ...target, method: 'GET', headers: {}, query: {} } },
    };
    expect(requestDigest(salted)).toBe('sha256:5933e50a78eb0b2ee15b3b2a46e2da5e769702254cd66b695e5a608c5acde5b0');
  });
});

describe('the fingerprint by which a repeat is told from a conflict', () => {
  const key = new Uint8Array(32).fill(7);

  it.each(otherRequests.filter(([what]) => what !== 'another issuer'))('is another with %s', (_, other) => {
    expect(requestMac(key, other)).not.toBe(requestMac(key, request));
  });

  it('is the same by whatever name and issuer the agent comes, since it is still that agent', () => {
    const renamed = { ...request, agent: { ...agent, name: 'deploy-agent-2', issuer: 'https://login.example/v1.0' } };
    expect(requestMac(key, renamed)).toBe(requestMac(key, request));
  });

  it('is another with another key', () => {
    expect(requestMac(new Uint8Array(32).fill(8), request)).not.toBe(requestMac(key, request));
  });

  it('is the same for the same request, whatever its salt will be', () => {
    expect(requestMac(key, { ...request, target: { ...target } })).toBe(requestMac(key, request));
  });
});

import { describe, expect, it } from 'vitest';
import { approvalDigest, type Vote, type Voter } from '../../shared/domain/approval.ts';
import { mayBeRepeated, type Stop, type ToldRequest, verifyForExecution, votesSuffice } from '../../shared/domain/execution.ts';
import { instant } from '../../shared/domain/instant.ts';
import type { Approved, Operation } from '../../shared/domain/operation.ts';
import { requestDigest, type SealedRequest } from '../../shared/domain/request-digest.ts';
import {
  agent,
  alice,
  allow,
  assessment,
  bob,
  deny,
  digestFilledWith,
  operations,
  ownerId,
  preview,
  requireApproval,
  requirements,
  sealed,
  summary,
  target,
  voteOf,
} from './sample-operation.ts';

const now = instant('2026-11-21T20:22:00.000Z');
const approved = asApproved(operations.approved);
const allowed = asApproved(operations.allowed);

function asApproved(operation: Operation): Approved {
  if (operation.status !== 'approved') throw new RangeError('the sample is not approved');
  return operation;
}

/** What may be told of a request without secrets: all of it. */
function toldOf({ request }: SealedRequest): ToldRequest {
  const { query, headers } = request.target.kind === 'arm' ? request.target : { query: {}, headers: {} };
  return { justification: request.justification, query, headers };
}

function stopOf(operation: Approved, request: SealedRequest = sealed, at = now, told = toldOf(request)): Stop | undefined {
  const verification = verifyForExecution(operation, request, told, at);
  return verification.ok ? undefined : verification.stop;
}

/** The sample as it would have been shown and approved had the policies asked for so many votes. */
function operationRequiring(required: number): Approved {
  const changed = { ...requirements, required };
  const digest = approvalDigest({
    requestDigest: approved.digest,
    assessment,
    policyVersion: 'sha256:policy-1',
    requirements: changed,
    preview,
  });
  return { ...approved, decision: { ...requireApproval, requirements: changed }, shown: { preview, approvalDigest: digest } };
}

function bound(operation: Approved, voter: Voter): Vote {
  if (operation.shown === undefined) throw new RangeError('nothing was shown');
  return { ...voteOf(voter), digest: operation.shown.approvalDigest };
}

describe('tooLate', () => {
  it('at the end of the time to run', () => {
    expect(stopOf(approved, sealed, instant('2026-11-21T21:20:00.000Z'))).toMatchObject({ code: 'tooLate', end: 'expired' });
    expect(stopOf(allowed, sealed, instant('2026-11-21T21:12:00.000Z'))).toMatchObject({ code: 'tooLate', end: 'expired' });
  });

  it('and not a millisecond before', () => {
    expect(stopOf(approved, sealed, instant('2026-11-21T21:19:59.999Z'))).toBeUndefined();
  });
});

describe('digestMismatch: the sealed request is not the one that was submitted', () => {
  const { request } = sealed;
  it.each<[string, SealedRequest]>([
    ['its salt', { ...sealed, salt: 'another' }],
    ['its path', { ...sealed, request: { ...request, target: { ...target, path: `${target.path}2` } } }],
    ['its method', { ...sealed, request: { ...request, target: { ...target, method: 'GET' } } }],
    ['its query', { ...sealed, request: { ...request, target: { ...target, query: {} } } }],
    ['its headers', { ...sealed, request: { ...request, target: { ...target, headers: {} } } }],
    ['its body', { ...sealed, request: { ...request, target: { ...target, body: {} } } }],
    ['its agent', { ...sealed, request: { ...request, agent: { ...agent, id: bob.id } } }],
    ['its justification', { ...sealed, request: { ...request, justification: 'Because.' } }],
  ])('where somebody changed %s', (_, tampered) => {
    expect(stopOf(approved, tampered)).toEqual({
      code: 'digestMismatch',
      end: 'denied',
      detail: 'The stored request is not the one that was submitted.',
    });
  });

  it('for what needed no vote too', () => {
    expect(stopOf(allowed, { ...sealed, salt: 'another' })).toMatchObject({ code: 'digestMismatch' });
  });
});

describe('digestMismatch: people were told something else than the request says', () => {
  const otherAccount = summary.path.replace('stproddata', 'stdevdata');
  it.each<[string, Partial<Approved>]>([
    ['another method', { target: { ...summary, method: 'GET' } }],
    ['another path', { target: { ...summary, path: otherAccount } }],
    ['another API version', { target: { ...summary, apiVersion: '2023-01-01' } }],
    ['another resource for the policies', { target: { ...summary, resourceId: otherAccount.toLowerCase() } }],
    ['another type for the policies', { target: { ...summary, type: 'microsoft.compute/virtualmachines' } }],
    ['another action for the policies', { action: 'microsoft.storage/storageaccounts/read' }],
    ['no query', { target: { ...summary, query: {} } }],
    ['another query value', { target: { ...summary, query: { forcedeletion: 'false' } } }],
    ['a masked parameter of another name', { target: { ...summary, query: { other: '«masked»' } } }],
    ['one parameter too many', { target: { ...summary, query: { ...summary.query, a: 'b' } } }],
    ['another header value', { target: { ...summary, headers: { 'if-match': '"1"' } } }],
    ['another agent', { agent: { ...agent, name: 'harmless-agent' } }],
    ['another justification', { justification: 'A routine clean-up.' }],
  ])('%s', (_, told) => {
    expect(stopOf({ ...approved, ...told })).toEqual({
      code: 'digestMismatch',
      end: 'denied',
      detail: 'What people were told of the request is not what it says.',
    });
  });

  it('and not where a secret was masked from them', () => {
    const masked = { ...toldOf(sealed), justification: '«masked 1»', query: { forcedeletion: '«masked 2»' } };
    const told = { ...approved, justification: '«masked 1»', target: { ...summary, query: { forcedeletion: '«masked 2»' } } };
    expect(stopOf(told, sealed, now, masked)).toBeUndefined();
  });

  it('but where something was masked that is no secret', () => {
    expect(stopOf({ ...approved, justification: '«masked 1»' })).toMatchObject({ code: 'digestMismatch' });
  });
});

describe('digestMismatch: what the approvers saw is not what is stored', () => {
  it.each<[string, Partial<Approved>]>([
    ['the level of its risk', { assessment: { ...assessment, level: 'low' } }],
    ['its environment', { assessment: { ...assessment, environment: 'nonProduction' } }],
    ['a factor', { assessment: { ...assessment, factors: [] } }],
    ['the policies', { decision: { ...requireApproval, policyVersion: 'sha256:policy-2' } }],
    ['the groups', { decision: { ...requireApproval, requirements: { ...requirements, groups: ['everyone'] } } }],
    ['the preview', { shown: approved.shown && { ...approved.shown, preview: { state: 'absent', readAt: now } } }],
    ['the approval digest', { shown: approved.shown && { ...approved.shown, approvalDigest: digestFilledWith('0') } }],
  ])('where somebody changed %s', (_, tampered) => {
    expect(stopOf({ ...approved, ...tampered })).toEqual({
      code: 'digestMismatch',
      end: 'denied',
      detail: 'What was shown to the approvers is not what is stored.',
    });
  });

  it('where a vote is bound to another digest, though enough others are right', () => {
    const stray = { ...voteOf(bob), digest: digestFilledWith('0') };
    expect(stopOf({ ...approved, votes: [...approved.votes, stray] })).toEqual({
      code: 'digestMismatch',
      end: 'denied',
      detail: 'A vote is bound to something else.',
    });
  });
});

describe('votesInsufficient', () => {
  it('where there is no vote', () => {
    expect(stopOf({ ...approved, votes: [] })).toMatchObject({ code: 'votesInsufficient', end: 'denied' });
  });

  it('where one person voted twice and two are asked for', () => {
    const stricter = operationRequiring(2);
    expect(stopOf({ ...stricter, votes: [bound(stricter, alice), bound(stricter, alice)] })).toMatchObject({ code: 'votesInsufficient' });
    expect(stopOf({ ...stricter, votes: [bound(stricter, alice), bound(stricter, bob)] })).toBeUndefined();
  });

  it('where somebody rejected', () => {
    expect(stopOf({ ...approved, votes: [...approved.votes, voteOf(bob, 'reject')] })).toMatchObject({ code: 'votesInsufficient' });
  });

  it('where the owner of the agent is among the voters', () => {
    expect(stopOf({ ...approved, votes: [...approved.votes, voteOf({ id: ownerId, name: 'Owner' })] })).toMatchObject({
      code: 'votesInsufficient',
      detail: "The agent's owner voted.",
    });
  });

  it('where nobody was shown anything', () => {
    expect(stopOf({ ...approved, shown: undefined })).toMatchObject({
      code: 'votesInsufficient',
      detail: 'It was never shown to anybody.',
    });
  });

  it('where the policies asked for no vote at all and yet for an approval', () => {
    const none = operationRequiring(0);
    expect(stopOf({ ...none, votes: [] })).toMatchObject({ code: 'votesInsufficient' });
  });
});

it('policyRefuses: what was denied does not run', () => {
  expect(stopOf({ ...allowed, decision: deny })).toEqual({ code: 'policyRefuses', end: 'denied', detail: 'It was denied.' });
});

describe('what is verified', () => {
  it('is the sealed request, once people approved it', () => {
    const verification = verifyForExecution(approved, sealed, toldOf(sealed), now);
    expect(verification).toEqual({ ok: true, verified: { request: sealed.request.target } });
  });

  it('is the sealed request, where the policies allow it by itself', () => {
    expect(verifyForExecution({ ...allowed, decision: allow }, sealed, toldOf(sealed), now).ok).toBe(true);
  });
});

describe('the votes of those who are still entitled', () => {
  const both = new Set([alice.id, bob.id]);

  it('do not suffice where nobody is entitled any more', () => {
    expect(votesSuffice([voteOf(alice)], requirements, new Set())).toBe(false);
    expect(votesSuffice([voteOf(alice)], requirements, new Set([bob.id]))).toBe(false);
  });

  it('do not suffice where the policies now ask for more', () => {
    expect(votesSuffice([voteOf(alice)], { ...requirements, required: 2 }, both)).toBe(false);
  });

  it('do not suffice where one of two has left', () => {
    expect(votesSuffice([voteOf(alice), voteOf(bob)], { ...requirements, required: 2 }, new Set([bob.id]))).toBe(false);
  });

  it('do not suffice where no group can satisfy the policies', () => {
    expect(votesSuffice([voteOf(alice)], { ...requirements, groups: [] }, both)).toBe(false);
  });

  it('do not suffice where one of them rejected', () => {
    expect(votesSuffice([voteOf(alice), voteOf(bob, 'reject')], requirements, both)).toBe(false);
  });

  it('do not suffice where there are none, even if none is asked for', () => {
    expect(votesSuffice([], { ...requirements, required: 0 }, both)).toBe(false);
  });

  it('count one person once', () => {
    expect(votesSuffice([voteOf(alice), voteOf(alice)], { ...requirements, required: 2 }, both)).toBe(false);
  });

  it('suffice where as many people as are required are entitled', () => {
    expect(votesSuffice([voteOf(alice)], requirements, both)).toBe(true);
    expect(votesSuffice([voteOf(alice), voteOf(bob)], { ...requirements, required: 2 }, both)).toBe(true);
  });
});

it('only reading may be repeated', () => {
  const repeatable = (['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE'] as const).filter((method) => mayBeRepeated({ ...target, method }));
  expect(repeatable).toEqual(['GET', 'HEAD']);
});

it('the digest that was submitted is the digest of the sealed request', () => {
  expect(approved.digest).toBe(requestDigest(sealed));
});

import { describe, expect, it } from 'vitest';
import { type ApprovalSubject, approvalDigest, approvalsReceived, quorum } from '../../shared/domain/approval.ts';
import { instant } from '../../shared/domain/instant.ts';
import { requestDigest } from '../../shared/domain/request-digest.ts';
import { alice, assessment, bob, digestFilledWith, preview, requirements, sealed, voteOf } from './sample-operation.ts';

describe('the quorum', () => {
  const two = { ...requirements, required: 2 };

  it('is not reached without a vote, even where a policy asks for none', () => {
    expect(quorum([], requirements)).toBe('waiting');
    expect(quorum([], { ...requirements, required: 0 })).toBe('waiting');
    expect(quorum([], { ...requirements, required: -1 })).toBe('waiting');
  });

  it('counts one person once, however often and wherever that person votes', () => {
    const votes = [voteOf(alice), { ...voteOf(alice), channel: 'api' as const }, voteOf({ ...alice, name: 'A. Approver' })];
    expect(quorum(votes, two)).toBe('waiting');
    expect(approvalsReceived(votes)).toBe(1);
  });

  it('is not reached by a person and a namesake who is the same', () => {
    expect(quorum([voteOf(alice), voteOf({ id: alice.id, name: bob.name })], two)).toBe('waiting');
  });

  it('is reached by two people of one name', () => {
    expect(quorum([voteOf(alice), voteOf({ id: bob.id, name: alice.name })], two)).toBe('approved');
  });

  it('is ended by one rejection, before, between or after approvals', () => {
    const [yes, no] = [voteOf(alice), voteOf(bob, 'reject')];
    expect(quorum([no], requirements)).toBe('rejected');
    expect(quorum([yes, no], requirements)).toBe('rejected');
    expect(quorum([no, yes], requirements)).toBe('rejected');
  });

  it('is ended by a rejection of somebody who approved before', () => {
    expect(quorum([voteOf(alice), voteOf(alice, 'reject')], requirements)).toBe('rejected');
  });

  it('is reached by as many people as are required', () => {
    expect(quorum([voteOf(alice)], requirements)).toBe('approved');
    expect(quorum([voteOf(alice)], two)).toBe('waiting');
    expect(quorum([voteOf(alice), voteOf(bob)], two)).toBe('approved');
  });

  it('does not count a rejection as an approval received', () => {
    expect(approvalsReceived([voteOf(alice), voteOf(bob, 'reject')])).toBe(1);
  });
});

describe('the approval digest is another with', () => {
  const subject: ApprovalSubject = {
    requestDigest: requestDigest(sealed),
    assessment,
    policyVersion: 'sha256:policy-1',
    requirements,
    preview,
  };
  const [factor] = assessment.factors;
  if (factor === undefined) throw new RangeError('the sample has a factor');

  it.each<[string, Partial<ApprovalSubject>]>([
    ['another request', { requestDigest: digestFilledWith('1') }],
    ['another level', { assessment: { ...assessment, level: 'critical' } }],
    ['another environment', { assessment: { ...assessment, environment: 'nonProduction' } }],
    ['no factor', { assessment: { ...assessment, factors: [] } }],
    ['another factor', { assessment: { ...assessment, factors: [{ ...factor, code: 'deletesResource' }] } }],
    ['another sentence of a factor', { assessment: { ...assessment, factors: [{ ...factor, detail: 'Nothing much.' }] } }],
    ['other evidence of a factor', { assessment: { ...assessment, factors: [{ ...factor, evidence: 'GET' }] } }],
    ['another level of a factor', { assessment: { ...assessment, factors: [{ ...factor, level: 'low' }] } }],
    ['one more factor', { assessment: { ...assessment, factors: [factor, factor] } }],
    ['other policies', { policyVersion: 'sha256:policy-2' }],
    ['another number of votes', { requirements: { ...requirements, required: 2 } }],
    ['another group', { requirements: { ...requirements, groups: ['security'] } }],
    ['another time to vote', { requirements: { ...requirements, expiresInMs: 1 } }],
    ['another state of the target', { preview: { ...preview, state: 'present', digest: digestFilledWith('b') } }],
    ['another time of reading it', { preview: { ...preview, readAt: instant('2026-11-21T20:12:30.001Z') } }],
    ['no target', { preview: { state: 'absent', readAt: preview.readAt } }],
    ['a target that could not be read', { preview: { state: 'unreadable', reason: 'forbidden', readAt: preview.readAt } }],
  ])('%s', (_, change) => {
    expect(approvalDigest({ ...subject, ...change })).not.toBe(approvalDigest(subject));
  });
});

it('the approval digest is the same for the same subject', () => {
  const subject = { requestDigest: digestFilledWith('1'), assessment, policyVersion: 'v', requirements, preview };
  expect(approvalDigest(subject)).toBe(approvalDigest(structuredClone(subject)));
});

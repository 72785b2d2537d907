import { describe, expect, it } from 'vitest';
import { type ApprovalRequirements, type Decision, isLaxer, stricter, stricterRequirements } from '../../shared/domain/decision.ts';
import { allow, deny, requireApproval, requirements } from './sample-operation.ts';

function requiring(changes: Partial<ApprovalRequirements>): Decision {
  return {
    outcome: 'requireApproval',
    reasons: ['later'],
    policyVersion: 'sha256:policy-2',
    requirements: { ...requirements, ...changes },
  };
}

describe('a later decision is laxer', () => {
  it.each<[string, Decision, Decision]>([
    ['allow than deny', allow, deny],
    ['allow than requireApproval', allow, requireApproval],
    ['requireApproval than deny', requireApproval, deny],
    ['with fewer votes', requiring({ required: 1 }), requiring({ required: 2 })],
    ['with more time', requiring({ expiresInMs: 14_400_001 }), requireApproval],
    ['with a further group', requiring({ groups: ['approvers', 'everyone'] }), requireApproval],
    ['with another group', requiring({ groups: ['everyone'] }), requireApproval],
    ['with any group where none was left', requireApproval, requiring({ groups: [] })],
    ['with more votes of a further group', requiring({ required: 9, groups: ['approvers', 'everyone'] }), requireApproval],
  ])('%s', (_, later, earlier) => {
    expect(isLaxer(later, earlier)).toBe(true);
  });
});

describe('a later decision is not laxer', () => {
  it.each<[string, Decision, Decision]>([
    ['deny than allow', deny, allow],
    ['deny than deny', deny, { ...deny, reasons: ['another'] }],
    ['requireApproval than allow', requireApproval, allow],
    ['the same', requireApproval, requireApproval],
    ['of other policies that ask for the same', requiring({}), requireApproval],
    ['with more votes', requiring({ required: 2 }), requireApproval],
    ['with less time', requiring({ expiresInMs: 60_000 }), requireApproval],
    ['with fewer groups', requireApproval, requiring({ groups: ['security', 'approvers'] })],
  ])('%s', (_, later, earlier) => {
    expect(isLaxer(later, earlier)).toBe(false);
  });
});

describe('the stricter of two decisions', () => {
  it('is the denial, whichever came first', () => {
    expect(stricter(allow, deny)).toBe(deny);
    expect(stricter(deny, allow)).toBe(deny);
    expect(stricter(requireApproval, deny)).toBe(deny);
    expect(stricter(deny, requireApproval)).toBe(deny);
  });

  it('is the one that asks people, where the other allows', () => {
    expect(stricter(allow, requireApproval)).toBe(requireApproval);
    expect(stricter(requireApproval, allow)).toBe(requireApproval);
  });

  it('asks for all that both ask for, by the later policies', () => {
    const later = requiring({ required: 1, groups: ['approvers', 'security'], expiresInMs: 60_000 });
    const earlier = requiring({ required: 2, groups: ['security'], expiresInMs: 14_400_000 });
    expect(stricter(later, earlier)).toEqual({
      outcome: 'requireApproval',
      reasons: ['later'],
      policyVersion: 'sha256:policy-2',
      requirements: { required: 2, groups: ['security'], expiresInMs: 60_000, voters: 'human' },
    });
  });
});

it('requirements leave the shorter time, whichever names it', () => {
  const short = { ...requirements, expiresInMs: 60_000 };
  expect(stricterRequirements(short, requirements).expiresInMs).toBe(60_000);
  expect(stricterRequirements(requirements, short).expiresInMs).toBe(60_000);
});

it('requirements that name different groups leave nobody who could vote', () => {
  expect(stricterRequirements({ ...requirements, groups: ['approvers'] }, { ...requirements, groups: ['security'] }).groups).toEqual([]);
});

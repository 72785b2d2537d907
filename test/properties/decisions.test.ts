import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Assessment,
  environments,
  isLaxerAssessment,
  riskLevels,
  riskRank,
  stricterAssessment,
} from '../../shared/domain/assessment.ts';
import { type ApprovalRequirements, type Decision, isLaxer, stricter, stricterRequirements } from '../../shared/domain/decision.ts';
import { runs } from './runs.ts';

const requirements: fc.Arbitrary<ApprovalRequirements> = fc.record({
  required: fc.integer({ min: 0, max: 9 }),
  groups: fc.subarray(['approvers', 'security', 'database', 'everyone']),
  expiresInMs: fc.integer({ min: 0, max: 14 * 24 * 3_600_000 }),
  voters: fc.constant('human' as const),
});

const said = { reasons: fc.array(fc.string(), { maxLength: 2 }), policyVersion: fc.string() };
const decisions: fc.Arbitrary<Decision> = fc.oneof(
  fc.record({ outcome: fc.constant('allow' as const), ...said }),
  fc.record({ outcome: fc.constant('deny' as const), ...said }),
  fc.record({ outcome: fc.constant('requireApproval' as const), ...said, requirements }),
);

describe('the stricter of two decisions', () => {
  it('of the same twice is the same', () => {
    fc.assert(
      fc.property(decisions, (decision) => {
        expect(stricter(decision, decision)).toEqual(decision);
        expect(isLaxer(decision, decision)).toBe(false);
      }),
      runs,
    );
  });

  it('is never laxer than either', () => {
    fc.assert(
      fc.property(decisions, decisions, (later, earlier) => {
        expect(isLaxer(stricter(later, earlier), earlier)).toBe(false);
        expect(isLaxer(stricter(later, earlier), later)).toBe(false);
      }),
      { ...runs, numRuns: 2_000 },
    );
  });

  it('has the same outcome and asks for the same, whichever came first', () => {
    fc.assert(
      fc.property(decisions, decisions, (one, other) => {
        const [ahead, behind] = [stricter(one, other), stricter(other, one)];
        expect(ahead.outcome).toBe(behind.outcome);
        if (ahead.outcome !== 'requireApproval' || behind.outcome !== 'requireApproval') return;
        expect({ ...ahead.requirements, groups: ahead.requirements.groups.toSorted() }).toEqual({
          ...behind.requirements,
          groups: behind.requirements.groups.toSorted(),
        });
      }),
      { ...runs, numRuns: 2_000 },
    );
  });

  it('of three asks for the same in whatever order they are combined', () => {
    fc.assert(
      fc.property(requirements, requirements, requirements, (a, b, c) => {
        expect(stricterRequirements(stricterRequirements(a, b), c)).toEqual(stricterRequirements(a, stricterRequirements(b, c)));
      }),
      runs,
    );
  });
});

it('of two decisions at most one is laxer, unless each asks for something that the other does not', () => {
  fc.assert(
    fc.property(decisions, decisions, (one, other) => {
      if (one.outcome !== other.outcome) expect(isLaxer(one, other)).not.toBe(isLaxer(other, one));
    }),
    runs,
  );
});

describe('the stricter of two assessments', () => {
  const assessments: fc.Arbitrary<Assessment> = fc.record({
    level: fc.constantFrom(...riskLevels),
    environment: fc.constantFrom(...environments),
    factors: fc.constant([]),
  });

  it('is never laxer than either, and never of a lower level', () => {
    fc.assert(
      fc.property(assessments, assessments, (later, earlier) => {
        const stricterOne = stricterAssessment(later, earlier);
        expect(isLaxerAssessment(stricterOne, earlier)).toBe(false);
        expect(isLaxerAssessment(stricterOne, later)).toBe(false);
        expect(riskRank(stricterOne.level)).toBe(Math.max(riskRank(later.level), riskRank(earlier.level)));
      }),
      runs,
    );
  });
});

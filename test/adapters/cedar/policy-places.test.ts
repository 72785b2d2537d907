import { describe, expect, it } from 'vitest';
import { placeFaults } from '../../../shared/adapters/cedar/policy-places.ts';

const text = `@id("calm")
@advice("never \\"mood\\"")
forbid (principal, action, resource) // "hihg"
when {
  context.riskLevel == "hihg" ||
  context.riskLevel == "mood"
};`;
const policy = { file: 'a.cedar', line: 11, text };

function linesOf(word: string, times = 1): readonly (number | undefined)[] {
  const faults = Array.from({ length: times }, () => ({ reason: 'It is wrong.', word }));
  return placeFaults('literal', policy, faults).map(({ line }) => line);
}

describe('the place of a fault', () => {
  it('is the policy where its word stands nowhere, or more often than it is wrong', () => {
    expect(linesOf('"gone"')).toEqual([11]);
    expect(linesOf('riskLevel')).toEqual([11]);
  });

  it('is the line of its word, which comments and annotations do not hold', () => {
    expect(linesOf('"hihg"')).toEqual([15]);
    expect(linesOf('"mood"')).toEqual([16]);
    expect(linesOf('"calm"')).toEqual([11]);
  });

  it('is each line where each is wrong', () => {
    expect(linesOf('riskLevel', 2)).toEqual([15, 16]);
  });

  it('is the line of an annotation', () => {
    expect(linesOf('@advice')).toEqual([12]);
  });
});

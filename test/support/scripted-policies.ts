import { type RiskLevel, riskLevels } from '../../shared/domain/assessment.ts';
import type { ApprovalRequirements, Decision } from '../../shared/domain/decision.ts';
import type { PolicyEngine, PolicyQuestion } from '../../shared/ports/policy-engine.ts';

export const policyVersion = 'sha256:policies-1';

const fourHoursMs = 4 * 60 * 60 * 1000;

export function allow(): Decision {
  return { outcome: 'allow', reasons: ['low-risk-runs'], policyVersion };
}

export function deny(...reasons: readonly string[]): Decision {
  return { outcome: 'deny', reasons, policyVersion };
}

/** So many approvals of people in these groups, within four hours unless it says otherwise. */
export function requireApproval(required: number, groups: readonly string[], changed: Partial<ApprovalRequirements> = {}): Decision {
  const requirements: ApprovalRequirements = { required, groups, expiresInMs: fourHoursMs, voters: 'human', ...changed };
  return { outcome: 'requireApproval', reasons: ['people-decide'], policyVersion, requirements };
}

export type ScriptedPolicies = PolicyEngine & {
  readonly questions: readonly PolicyQuestion[];
  /** What is decided at this level from now on, or at every level that is not low. */
  script(level: RiskLevel | 'risky', decision: Decision): void;
  /** Groups whose members may read, and whose members' votes may count. */
  letRead(...groups: readonly string[]): void;
  letApprove(...groups: readonly string[]): void;
};

/** Policies that are a table by risk level: what is low runs, everything else needs one approval of the approvers. */
export function makeScriptedPolicies(): ScriptedPolicies {
  const one = requireApproval(1, ['approvers']);
  const table: Record<RiskLevel, Decision> = { low: allow(), medium: one, high: one, critical: one };
  const questions: PolicyQuestion[] = [];
  let readers: readonly string[] = ['approvers', 'security', 'auditors'];
  let voters: readonly string[] = ['approvers', 'security'];
  return {
    version: policyVersion,
    questions,
    script: (chosen, decision) => {
      for (const level of riskLevels) {
        if (level === chosen || (chosen === 'risky' && level !== 'low')) table[level] = decision;
      }
    },
    letRead: (...groups) => {
      readers = groups;
    },
    letApprove: (...groups) => {
      voters = groups;
    },
    decide: (question) => {
      questions.push(question);
      return table[question.assessment.level];
    },
    mayRead: (person) => person.groups.some((group) => readers.includes(group)),
    mayApprove: (person) => person.groups.some((group) => voters.includes(group)),
  };
}

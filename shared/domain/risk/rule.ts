import type { Environment, RiskFactor, RiskLevel } from '../assessment.ts';
import type { Differences } from './differences.ts';
import type { Effect } from './effect.ts';
import type { Opening } from './openings.ts';
import type { CallSubject } from './subject.ts';

/** One level, or one for production and one for everything that is certainly not. */
export type RowLevel = RiskLevel | { readonly production: RiskLevel; readonly nonProduction: RiskLevel };

/** What people are told of a factor; the rows of all tables together are `factors.md`. */
export type RiskRow = {
  readonly code: string;
  readonly level: RowLevel;
  /** A sentence for an approver. */
  readonly detail: string;
  /** What raises it, in words for a reader of the table. */
  readonly raisedBy: string;
};

/** A call as the rules see it: what it does, what would be different afterwards, and whom it lets in who is not let in now. */
export type JudgedCall = CallSubject & {
  readonly effect: Effect;
  readonly differences: Differences;
  readonly openings: readonly Opening[];
};

/** One row of a rule table. `find` answers with the evidence where the rule applies, else with undefined. The worst factor is the level. */
export type RiskRule = RiskRow & { readonly find: (call: JudgedCall) => string | undefined };

export function levelIn(row: Pick<RiskRow, 'level'>, environment: Environment): RiskLevel {
  return typeof row.level === 'string' ? row.level : row.level[environment];
}

const maxEvidenceLength = 300;

/** The factor of a row, with its evidence shortened to what a card can show. */
export function factorOf(row: RiskRow, environment: Environment, evidence: string): RiskFactor {
  const shown = evidence.length > maxEvidenceLength ? `${evidence.slice(0, maxEvidenceLength - 1)}…` : evidence;
  return { code: row.code, level: levelIn(row, environment), detail: row.detail, evidence: shown };
}

/** The levels of production: high where it would be medium elsewhere, and so on. */
export const oneHigher = {
  medium: { production: 'high', nonProduction: 'medium' },
  high: { production: 'critical', nonProduction: 'high' },
} as const satisfies Record<string, RowLevel>;

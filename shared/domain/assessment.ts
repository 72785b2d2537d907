import type { Instant } from './instant.ts';

export const riskLevels = ['low', 'medium', 'high', 'critical'] as const;
export type RiskLevel = (typeof riskLevels)[number];

export function riskRank(level: RiskLevel): number {
  return riskLevels.indexOf(level);
}

export function worst(left: RiskLevel, right: RiskLevel): RiskLevel {
  return riskRank(left) >= riskRank(right) ? left : right;
}

/** One reason for a level: a stable code, a sentence for people, and what it was seen in. */
export type RiskFactor = {
  readonly code: string;
  readonly level: RiskLevel;
  readonly detail: string;
  readonly evidence?: string;
};

/** Risk with its reasons; the same request and facts always give the same assessment. */
export type Assessment = {
  readonly level: RiskLevel;
  readonly environment: Environment;
  readonly factors: readonly RiskFactor[];
};

export const environments = ['production', 'nonProduction'] as const;
export type Environment = (typeof environments)[number];

/** Tags of one scope on the way from the target to its subscription; undefined where they could not be read. */
export type ScopeTags = {
  readonly scope: string;
  readonly tags: Readonly<Record<string, string>> | undefined;
};

/** What was read of the target, with the reader identity, before the risk is assessed. */
export type TargetFacts = {
  /** `notRead` for what is harmless whatever it addresses. */
  readonly existence: 'present' | 'absent' | 'unreadable' | 'notRead';
  readonly scopes: readonly ScopeTags[];
  readonly readAt: Instant;
};

/** True where `later` sees less danger than `earlier` did: a lower level, or no production any more at the same one. */
export function isLaxerAssessment(later: Assessment, earlier: Assessment): boolean {
  if (later.level !== earlier.level) return riskRank(later.level) < riskRank(earlier.level);
  return earlier.environment === 'production' && later.environment !== 'production';
}

/** The one of two assessments that says more danger; of equals the later. */
export function stricterAssessment(later: Assessment, earlier: Assessment): Assessment {
  return isLaxerAssessment(later, earlier) ? earlier : later;
}

import type { Instant } from './instant.ts';
import type { JsonValue } from './json.ts';

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
  /** State of the target as it is; absent where it does not exist or could not be read. */
  readonly current?: JsonValue;
  /** Locks on the target, on what contains it and on what it contains, with a template all of its subscription; absent where they could not be read. */
  readonly locks?: readonly ResourceLock[];
  /** Resources of the group that is addressed or deployed into; absent where the list was not asked for, could not be read or is not whole. */
  readonly contents?: readonly ContainedResource[];
  /** What was read of the resources that a template in the request would write; absent where it carries none. */
  readonly carried?: readonly CarriedTarget[];
};

/** A resource that a template would write, as it is; `id` is lower case, `tags` are undefined where it could not be read. */
export type CarriedTarget = {
  readonly id: string;
  readonly existence: 'present' | 'absent' | 'unreadable';
  readonly current: JsonValue | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
};

/** A management lock; `id` is lower case. Source: learn.microsoft.com/azure/azure-resource-manager/management/lock-resources. */
export type ResourceLock = { readonly id: string; readonly level: 'CanNotDelete' | 'ReadOnly' };

/** One resource of a group, as its list names it; `id` is lower case. */
export type ContainedResource = { readonly id: string; readonly tags: Readonly<Record<string, string>> };

/** True where `later` sees less danger than `earlier` did: a lower level, or no production any more at the same one. */
export function isLaxerAssessment(later: Assessment, earlier: Assessment): boolean {
  if (later.level !== earlier.level) return riskRank(later.level) < riskRank(earlier.level);
  return earlier.environment === 'production' && later.environment !== 'production';
}

/** The one of two assessments that says more danger; of equals the later. */
export function stricterAssessment(later: Assessment, earlier: Assessment): Assessment {
  return isLaxerAssessment(later, earlier) ? earlier : later;
}

/** What must be true of the votes before an operation may run. Several policies combine to the strictest. */
export type ApprovalRequirements = {
  readonly required: number;
  /** Names of groups; a voter is in at least one of them. */
  readonly groups: readonly string[];
  /** How long people may take, in milliseconds. */
  readonly expiresInMs: number;
  /** Who counts as a voter. */
  readonly voters: 'human';
};

/** A policy that decided: its `@id`, and its `@advice` where it forbids and has one. */
export type DecidingPolicy = { readonly id: string; readonly advice?: string };

type Decided = {
  /** Sentences for people, or policy ids, in the policy's order. */
  readonly reasons: readonly string[];
  /** Every policy that decided, in the policy's order; absent in decisions that were recorded before it was kept. */
  readonly policies?: readonly DecidingPolicy[];
  readonly policyVersion: string;
};

/** What the policy says of one operation at one moment. */
export type Decision =
  | (Decided & { readonly outcome: 'allow' })
  | (Decided & { readonly outcome: 'requireApproval'; readonly requirements: ApprovalRequirements })
  | (Decided & { readonly outcome: 'deny' });

const severity = { allow: 0, requireApproval: 1, deny: 2 } as const;

/** True where `later` asks for less than `earlier` did: a second look may only ever be stricter. */
export function isLaxer(later: Decision, earlier: Decision): boolean {
  if (severity[later.outcome] !== severity[earlier.outcome]) return severity[later.outcome] < severity[earlier.outcome];
  if (later.outcome !== 'requireApproval' || earlier.outcome !== 'requireApproval') return false;
  return areLaxer(later.requirements, earlier.requirements);
}

function areLaxer(later: ApprovalRequirements, earlier: ApprovalRequirements): boolean {
  const widened = later.groups.some((group) => !earlier.groups.includes(group));
  return widened || later.required < earlier.required || later.expiresInMs > earlier.expiresInMs;
}

/** The stricter of two decisions; of two that require approval, both sets of requirements at once. */
export function stricter(later: Decision, earlier: Decision): Decision {
  if (later.outcome === 'requireApproval' && earlier.outcome === 'requireApproval') {
    return { ...later, requirements: stricterRequirements(later.requirements, earlier.requirements) };
  }
  return severity[later.outcome] >= severity[earlier.outcome] ? later : earlier;
}

/**
 * More votes, less time, fewer groups: where two policies name groups, only those that both name count.
 * No group in common leaves an empty list, which nobody can satisfy: contradictory policies wait for a human to mend them.
 */
export function stricterRequirements(a: ApprovalRequirements, b: ApprovalRequirements): ApprovalRequirements {
  return {
    required: Math.max(a.required, b.required),
    groups: a.groups.filter((group) => b.groups.includes(group)),
    expiresInMs: Math.min(a.expiresInMs, b.expiresInMs),
    voters: 'human',
  };
}

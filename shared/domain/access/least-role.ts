import { coversAction, type RolePermission } from './role-actions.ts';

/** A built-in role that an operation may be given for its time. */
export type GrantableRole = RolePermission & {
  /** GUID of the built-in role, the same in every tenant. */
  readonly id: string;
  readonly name: string;
  /** Roles that hand out rights: given only together with a condition that names what may be handed out, to whom. */
  readonly onlyWithCondition: boolean;
};

/**
 * The least of the roles that cover all needs; undefined where none does. A role is less than another where its widest changing pattern is narrower (a literal action
 * before a wildcard below a type, before one below a provider, before everything); then where it has fewer changing patterns, then fewer patterns; then by id.
 */
export function leastRole(roles: readonly GrantableRole[], needs: readonly string[]): GrantableRole | undefined {
  return roles
    .filter((role) => needs.every((need) => coversAction(role, need)))
    .toSorted((left, right) => compare(rankOf(left), rankOf(right)) || (left.id < right.id ? -1 : 1))[0];
}

function rankOf({ actions }: GrantableRole): readonly number[] {
  const changing = actions.filter((pattern) => !pattern.toLowerCase().endsWith('/read'));
  return [Math.max(0, ...changing.map(widthOf)), changing.length, actions.length];
}

/** 0 for a literal action; the more, the fewer segments are fixed before the first wildcard. */
function widthOf(pattern: string): number {
  const star = pattern.indexOf('*');
  if (star === -1) return 0;
  const fixed = pattern.slice(0, star).split('/').length - 1;
  return 1 / (fixed + 1);
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

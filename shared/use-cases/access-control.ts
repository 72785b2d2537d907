import type { GrantRules } from '../domain/access/plan-grant.ts';
import type { AccessGranter } from '../ports/azure.ts';

/** Rights that are given for one operation; `rules` are configuration that no request can change. */
export type AccessControl = { readonly granter: AccessGranter; readonly rules: GrantRules };

export type WithAccess = {
  /** Undefined where the identities of the tiers hold standing rights. */
  readonly access: AccessControl | undefined;
};

/** How long a right may take to act before the operation has failed. Source: learn.microsoft.com/azure/role-based-access-control/troubleshooting, up to ten minutes. */
export const accessForMs = 10 * 60_000;

/** How long after one look at a right comes the next. */
const lookAgainAfterMs = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000] as const;

export function lookAgainMs(attempt: number): number {
  return lookAgainAfterMs[attempt] ?? 30_000;
}

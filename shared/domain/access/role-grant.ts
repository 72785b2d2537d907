import type { GrantedTier } from './tiers.ts';

/** One role assignment for one attempt at one operation. */
export type RoleGrant = {
  readonly attempt: number;
  readonly tier: GrantedTier;
  /** `{scope}/providers/Microsoft.Authorization/roleAssignments/{GUID}` */
  readonly assignmentId: string;
  readonly scope: string;
  readonly role: { readonly id: string; readonly name: string };
  readonly principalId: string;
  /** Actions that the identity must come to be allowed. */
  readonly needs: readonly string[];
  readonly condition?: string;
};

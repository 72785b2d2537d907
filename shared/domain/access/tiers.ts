/** Privilege tiers, one identity each. `reader` can change nothing; what answers with secrets has an identity of its own. */
export const tiers = ['reader', 'operator', 'secrets'] as const;
export type Tier = (typeof tiers)[number];

/** Tiers that hold a right only for the time of one operation, where rights are given per operation. */
export const grantedTiers = ['operator', 'secrets'] as const satisfies readonly Tier[];
export type GrantedTier = (typeof grantedTiers)[number];

export function isGrantedTier(tier: Tier): tier is GrantedTier {
  return tier !== 'reader';
}

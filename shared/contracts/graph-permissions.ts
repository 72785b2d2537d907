/**
 * What the identity that asks the directory may ask Microsoft Graph, and nothing else: whether an account is enabled, and who is in a group. Source: the least
 * privileged application permissions of "Get a user" and "directoryObject: checkMemberGroups" (learn.microsoft.com/graph/api).
 */
export const directoryPermissions = { accounts: 'User.Read.All', memberships: 'GroupMember.Read.All' } as const;

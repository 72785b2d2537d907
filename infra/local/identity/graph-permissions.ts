import { directoryPermissions } from '../../../shared/contracts/graph-permissions.ts';
import { managedIdentities } from '../seed.ts';

/** The application of Microsoft Graph, which has this id in every tenant. */
export const graphAppId = '00000003-0000-0000-c000-000000000000';
/** Its service principal in this tenant. */
export const graphPrincipalId = '77777777-7777-4777-8777-000000000001';

/** Some of its application permissions. Source: learn.microsoft.com/graph/permissions-reference. */
export const graphAppRoles = [
  { id: 'df021288-bdef-4463-88db-98f22de89214', value: 'User.Read.All' },
  { id: '98830695-27a2-44f7-8c18-0c3ebc9698f6', value: 'GroupMember.Read.All' },
  { id: '19dbc75e-c2e2-444c-a770-ec69d8559fc7', value: 'Directory.ReadWrite.All' },
] as const;

export type GraphPermission = (typeof graphAppRoles)[number]['value'];

/** Who holds which application permission, as lists show it at once. Tokens do not follow: the cloud keeps those of managed identities for a day. */
export type GraphPermissions = {
  readonly of: (principalId: string) => readonly GraphPermission[];
  /** Somebody consents to these for a principal, and to nothing else. */
  readonly set: (principalId: string, permissions: readonly GraphPermission[]) => void;
};

export function deployedPermissions(): GraphPermissions {
  const held = new Map<string, readonly GraphPermission[]>([
    [managedIdentities.directory.principalId, Object.values(directoryPermissions)],
  ]);
  return {
    of: (principalId) => held.get(principalId.toLowerCase()) ?? [],
    set: (principalId, permissions) => {
      held.set(principalId.toLowerCase(), permissions);
    },
  };
}

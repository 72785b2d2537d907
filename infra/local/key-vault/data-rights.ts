import { permits } from '../resource-manager/role-table.ts';
import { managedIdentities } from '../seed.ts';

/** Data actions on secrets. Source: learn.microsoft.com/azure/role-based-access-control/permissions/security, Microsoft.KeyVault. */
export type DataAction =
  | 'delete'
  | 'getSecret/action'
  | 'purge/action'
  | 'readMetadata/action'
  | 'recover/action'
  | 'setSecret/action'
  | 'update/action';

const prefix = 'Microsoft.KeyVault/vaults/secrets/';

export function dataActionName(action: DataAction): string {
  return `${prefix}${action}`;
}

/** A role assigned at a scope, as Azure Resource Manager has it. */
export type DataGrant = { readonly principalId: string; readonly roleId: string; readonly scopeId: string };

/** Built-in roles of Key Vault's data plane, by id. Source: learn.microsoft.com/azure/key-vault/general/rbac-guide. */
const builtInRoles: Readonly<Record<string, readonly string[]>> = {
  /** Key Vault Administrator */
  '00482a5a-887f-4fb3-b363-3b7fe8e74483': ['Microsoft.KeyVault/vaults/*'],
  /** Key Vault Reader */
  '21090545-7ca7-4776-b22c-e363652d74d2': ['Microsoft.KeyVault/vaults/*/read', dataActionName('readMetadata/action')],
  /** Key Vault Secrets Officer */
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': [`${prefix}*`],
  /** Key Vault Secrets User */
  '4633458b-17de-408a-b874-0445c86b69e6': [dataActionName('getSecret/action'), dataActionName('readMetadata/action')],
};

const reader = '21090545-7ca7-4776-b22c-e363652d74d2';
const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6';
/** A role that a deployment defines, since every built-in one that may write may also read values. */
const secretOperator = 'countersign-secret-operator';

const roles: Readonly<Record<string, readonly string[]>> = {
  ...builtInRoles,
  [secretOperator]: (['setSecret/action', 'delete', 'recover/action', 'purge/action'] as const).map(dataActionName),
};

/** What a deployment assigns once, at every vault. */
const deployed: readonly DataGrant[] = [
  { principalId: managedIdentities.reader.principalId, roleId: reader, scopeId: '' },
  { principalId: managedIdentities.operator.principalId, roleId: secretOperator, scopeId: '' },
  { principalId: managedIdentities.secrets.principalId, roleId: secretsUser, scopeId: '' },
];

export type DataRights = (principalId: string, action: DataAction, scopeId: string) => boolean;

/** Decides by the roles of a deployment and by what is assigned besides, inherited by everything below its scope. */
export function makeDataRights(assigned: () => readonly DataGrant[]): DataRights {
  return (principalId, action, scopeId) =>
    [...deployed, ...assigned()].some(
      (grant) =>
        grant.principalId.toLowerCase() === principalId.toLowerCase() &&
        isAtOrBelow(scopeId, grant.scopeId) &&
        permits({ actions: roles[grant.roleId.toLowerCase()] ?? [], notActions: [] }, dataActionName(action)),
    );
}

function isAtOrBelow(scopeId: string, ancestorId: string): boolean {
  const [scope, ancestor] = [scopeId.toLowerCase(), ancestorId.toLowerCase()];
  return scope === ancestor || scope.startsWith(`${ancestor}/`);
}

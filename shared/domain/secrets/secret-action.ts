import { type ArmPath, parseArmPath } from '../arm-path.ts';
import { type SecretRequest, secretNameOf } from './secret-request.ts';
import { vaultNameOf } from './vault-address.ts';

export const secretType = 'microsoft.keyvault/vaults/secrets';

/** The data action by which a value is read, by an agent or on its behalf. */
export const readValueAction = `${secretType}/getsecret/action`;

/**
 * Names the action of a call as Azure's data actions do, lower case.
 * Source: learn.microsoft.com/azure/role-based-access-control/permissions/security#microsoftkeyvault.
 */
export function secretActionOf(request: SecretRequest): string {
  switch (request.method) {
    case 'list':
      return `${secretType}/readmetadata/action`;
    case 'get':
      return request.revealTo === undefined ? `${secretType}/readmetadata/action` : readValueAction;
    case 'set':
      return `${secretType}/setsecret/action`;
    case 'delete':
      return `${secretType}/delete`;
    case 'recover':
      return `${secretType}/recover/action`;
    case 'purge':
      return `${secretType}/purge/action`;
  }
}

/**
 * Where a secret stands in the tree of Azure's resources, for policies and for people: below its vault. A vault that nobody could find stands right below the tenant, in
 * no scope that anybody could be permitted; {@link isUnplaced} tells.
 */
export function secretPath(request: SecretRequest, vaultId: string | undefined): ArmPath {
  const vault = vaultId ?? `/providers/microsoft.keyvault/vaults/${vaultNameOf(request.vault)}`;
  const name = secretNameOf(request);
  return parseArmPath(name === undefined ? `${vault}/secrets` : `${vault}/secrets/${name}`);
}

/** Whether the vault of a secret's path was found in no subscription. */
export function isUnplaced({ subscriptionId }: Pick<ArmPath, 'subscriptionId'>): boolean {
  return subscriptionId === undefined;
}

import { type ArmAnswer, answer } from '../resource-manager/arm-answer.ts';
import type { Caller } from '../resource-manager/token-check.ts';
import type { Vault } from './vaults.ts';

/** A refusal in Key Vault's shape. Source: learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses, error responses. */
export function vaultError(
  status: number,
  code: string,
  message: string,
  { inner, headers = {} }: { readonly inner?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): ArmAnswer {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  return answer(status, { headers, body: { error: { code, message, ...innererror } } });
}

export function badParameter(message: string): ArmAnswer {
  return vaultError(400, 'BadParameter', message);
}

export function secretNotFound(nameAndVersion: string): ArmAnswer {
  const help = 'If you recently deleted this secret you may be able to recover it using the correct recovery command.';
  return vaultError(404, 'SecretNotFound', `A secret with (name/id) ${nameAndVersion} was not found in this key vault. ${help}`);
}

export function deletedSecretNotFound(name: string): ArmAnswer {
  return vaultError(404, 'SecretNotFound', `Deleted Secret not found: ${name}`);
}

export function nameIsDeleted(name: string): ArmAnswer {
  const what = `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused`;
  return vaultError(409, 'Conflict', `${what}; in this state, the secret can only be recovered or purged.`, {
    inner: 'ObjectIsDeletedButRecoverable',
  });
}

export function secretDisabled(): ArmAnswer {
  return vaultError(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', { inner: 'SecretDisabled' });
}

export function purgeProtected({ name }: Vault): ArmAnswer {
  const why = 'Operation "purge" is not allowed because purge protection is enabled for this vault.';
  const then = 'Key Vault service will automatically purge it after the retention period has passed.';
  return vaultError(403, 'Forbidden', `${why} ${then}\r\nVault: ${name};location=westeurope`);
}

export function forbiddenByRbac({ clientId, objectId }: Caller, action: string, scopeId: string): ArmAnswer {
  const lines = [
    'Caller is not authorized to perform action on resource.',
    'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
    `Caller: appid=${clientId};oid=${objectId}`,
    `Action: '${action}'`,
    `Resource: '${scopeId}'`,
    'Assignment: (not found)',
    "DecisionReason: 'DeniedWithNoValidRBAC'",
  ];
  return vaultError(403, 'Forbidden', lines.join('\r\n'), { inner: 'ForbiddenByRbac' });
}

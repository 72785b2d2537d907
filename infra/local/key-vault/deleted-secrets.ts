import { type ArmAnswer, answer, methodNotAllowed, ok } from '../resource-manager/arm-answer.ts';
import { presentDeleted, presentVersion } from './present-secret.ts';
import { currentOf, type StoredSecret } from './secret-store.ts';
import { deletedSecretNotFound, purgeProtected } from './vault-answer.ts';
import { checkRight, effectOn, type VaultCall } from './vault-call.ts';

/** `/deletedsecrets/{name}`: shown, or purged where the vault lets it be. */
export function answerDeletedSecret(name: string, call: VaultCall): ArmAnswer {
  switch (call.method) {
    case 'GET': {
      const refusal = checkRight(call, 'readMetadata/action', name);
      if (refusal !== undefined) return refusal;
      const secret = findDeleted(name, call);
      return secret === undefined ? deletedSecretNotFound(name) : ok(presentDeleted(call, secret, 'alone'));
    }
    case 'DELETE':
      return purge(name, call);
    default:
      return methodNotAllowed(call.method, ['GET', 'DELETE']);
  }
}

/** `POST /deletedsecrets/{name}/recover`. */
export function answerRecovery(name: string, call: VaultCall): ArmAnswer {
  if (call.method !== 'POST') return methodNotAllowed(call.method, ['POST']);
  const refusal = checkRight(call, 'recover/action', name);
  if (refusal !== undefined) return refusal;
  const secret = findDeleted(name, call);
  if (secret === undefined) return deletedSecretNotFound(name);
  const recovered: StoredSecret = { vault: secret.vault, name: secret.name, versions: secret.versions };
  call.store.put(recovered);
  return ok(presentVersion(call, recovered, currentOf(recovered)), effectOn('action', call, name));
}

function purge(name: string, call: VaultCall): ArmAnswer {
  const refusal = checkRight(call, 'purge/action', name);
  if (refusal !== undefined) return refusal;
  if (call.vault.purgeProtection) return purgeProtected(call.vault);
  const secret = findDeleted(name, call);
  if (secret === undefined) return deletedSecretNotFound(name);
  call.store.remove(secret);
  return answer(204, { effect: effectOn('delete', call, name) });
}

function findDeleted(name: string, { store, vault }: VaultCall): StoredSecret | undefined {
  const secret = store.find(vault.name, name);
  return secret?.deleted === undefined ? undefined : secret;
}

import { randomBytes } from 'node:crypto';
import { type ArmAnswer, methodNotAllowed, ok } from '../resource-manager/arm-answer.ts';
import { presentDeleted, presentVersion } from './present-secret.ts';
import { readSet, readUpdate, type UpdateContent } from './secret-content.ts';
import { currentOf, type StoredSecret, type StoredVersion } from './secret-store.ts';
import { nameIsDeleted, secretDisabled, secretNotFound } from './vault-answer.ts';
import { checkRight, effectOn, type VaultCall } from './vault-call.ts';

type SecretTarget = { readonly name: string; readonly version: string | undefined };

const daySeconds = 24 * 60 * 60;

/** `/secrets/{name}` and `/secrets/{name}/{version}`. */
export function answerSecret(target: SecretTarget, call: VaultCall): ArmAnswer {
  switch (call.method) {
    case 'GET':
      return getSecret(target, call);
    case 'PATCH':
      return updateSecret(target, call);
    case 'PUT':
      return target.version === undefined ? setSecret(target.name, call) : methodNotAllowed(call.method, ['GET', 'PATCH']);
    case 'DELETE':
      return target.version === undefined ? deleteSecret(target.name, call) : methodNotAllowed(call.method, ['GET', 'PATCH']);
    default:
      return methodNotAllowed(call.method, ['GET', 'PUT', 'PATCH', 'DELETE']);
  }
}

/** One that has expired or is not yet valid is given all the same. Source: learn.microsoft.com/azure/key-vault/secrets/about-secrets, date-time controlled operations. */
function getSecret(target: SecretTarget, call: VaultCall): ArmAnswer {
  const refusal = checkRight(call, 'getSecret/action', target.name);
  if (refusal !== undefined) return refusal;
  const found = findVersion(target, call);
  if (found === undefined) return secretNotFound(nameAndVersion(target));
  return found.version.enabled ? ok(presentVersion(call, found.secret, found.version, found.version.value)) : secretDisabled();
}

function setSecret(name: string, call: VaultCall): ArmAnswer {
  const refusal = checkRight(call, 'setSecret/action', name);
  if (refusal !== undefined) return refusal;
  const read = readSet(call.body);
  if (read.kind === 'refused') return read.answer;
  const existing = call.store.find(call.vault.name, name);
  if (existing?.deleted !== undefined) return nameIsDeleted(name);
  const made: StoredVersion = describedAs(
    { version: randomBytes(16).toString('hex'), value: read.content.value, tags: {}, enabled: true, created: call.now, updated: call.now },
    read.content,
  );
  const secret: StoredSecret =
    existing === undefined ? { vault: call.vault.name, name, versions: [made] } : { ...existing, versions: [...existing.versions, made] };
  call.store.put(secret);
  return ok(presentVersion(call, secret, made, made.value), effectOn('write', call, name));
}

function updateSecret(target: SecretTarget, call: VaultCall): ArmAnswer {
  const refusal = checkRight(call, 'update/action', target.name);
  if (refusal !== undefined) return refusal;
  const read = readUpdate(call.body);
  if (read.kind === 'refused') return read.answer;
  const found = findVersion(target, call);
  if (found === undefined) return secretNotFound(nameAndVersion(target));
  const changed = describedAs({ ...found.version, updated: call.now }, read.content);
  const [first, ...others] = found.secret.versions;
  const replaced = (each: StoredVersion) => (each.version === changed.version ? changed : each);
  call.store.put({ ...found.secret, versions: [replaced(first), ...others.map(replaced)] });
  return ok(presentVersion(call, found.secret, changed), effectOn('write', call, target.name));
}

function deleteSecret(name: string, call: VaultCall): ArmAnswer {
  const refusal = checkRight(call, 'delete', name);
  if (refusal !== undefined) return refusal;
  const secret = call.store.find(call.vault.name, name);
  if (secret === undefined || secret.deleted !== undefined) return secretNotFound(name);
  const deleted: StoredSecret = { ...secret, deleted: { at: call.now, purgeAt: call.now + call.vault.retentionDays * daySeconds } };
  call.store.put(deleted);
  return ok(presentDeleted(call, deleted, 'alone'), effectOn('delete', call, name));
}

function findVersion(
  { name, version }: SecretTarget,
  { store, vault }: VaultCall,
): { secret: StoredSecret; version: StoredVersion } | undefined {
  const secret = store.find(vault.name, name);
  if (secret === undefined || secret.deleted !== undefined) return undefined;
  const found = version === undefined ? currentOf(secret) : secret.versions.find((each) => each.version === version.toLowerCase());
  return found === undefined ? undefined : { secret, version: found };
}

function describedAs(version: StoredVersion, { contentType, attributes = {}, tags }: UpdateContent): StoredVersion {
  const { enabled, nbf, exp } = attributes;
  return {
    ...version,
    ...(contentType === undefined ? {} : { contentType }),
    ...(tags === undefined ? {} : { tags }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(nbf === undefined ? {} : { notBefore: nbf }),
    ...(exp === undefined ? {} : { expires: exp }),
  };
}

function nameAndVersion({ name, version }: SecretTarget): string {
  return version === undefined ? name : `${name}/${version}`;
}

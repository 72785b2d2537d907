import { type ArmAnswer, armError } from './arm-answer.ts';
import { sameText, subscriptionIdOf } from './arm-path.ts';
import type { ArmCall } from './call.ts';
import { asObject, type JsonObject } from './json.ts';
import { newResource } from './new-resource.ts';
import type { StateStore, StoredResource } from './state-store.ts';

const vaultType = 'Microsoft.KeyVault/vaults';
export const deletedVaultType = 'Microsoft.KeyVault/locations/deletedVaults';
const dayMs = 24 * 60 * 60 * 1000;

/**
 * What stays of the vaults among the resources when these go: each can be recovered until its retention ends, or is purged.
 * Source: learn.microsoft.com/azure/key-vault/general/soft-delete-overview.
 */
export function remainsOf(removed: readonly StoredResource[], now: number): readonly StoredResource[] {
  return removed.filter(({ type }) => type === vaultType).map((vault) => remainsOfVault(vault, now));
}

/** What is removed with a resource: itself, and what lies below it. */
export function treeOf(store: StateStore, root: StoredResource): readonly StoredResource[] {
  return [root, ...store.below(root.id)];
}

function remainsOfVault(vault: StoredResource, now: number): StoredResource {
  const { content } = vault;
  const properties = asObject(content['properties']) ?? {};
  const { softDeleteRetentionInDays: days, enablePurgeProtection } = properties;
  const location = typeof content['location'] === 'string' ? content['location'] : 'global';
  const isProtected = enablePurgeProtection === true;
  const remains = newResource({
    id: `/subscriptions/${subscriptionIdOf(vault.id) ?? ''}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${vault.name}`,
    type: deletedVaultType,
    content: {
      properties: {
        vaultId: vault.id,
        location,
        tags: content['tags'] ?? {},
        deletionDate: new Date(now).toISOString(),
        scheduledPurgeDate: new Date(now + (typeof days === 'number' ? days : 90) * dayMs).toISOString(),
        ...(isProtected ? { purgeProtectionEnabled: true } : {}),
      },
    },
    now,
  });
  return { ...remains, hidden: { kind: 'deletedVault', content } };
}

/** The deleted vault of the name, until its retention has ended; names of vaults are unique across Azure. */
export function deletedVaultNamed(store: StateStore, name: string, now: number): StoredResource | undefined {
  return store.all().find((each) => each.type === deletedVaultType && sameText(each.name, name) && !hasEnded(each, now));
}

/**
 * What a PUT of a vault meets of a deleted one: the content to recover, a refusal, or nothing.
 * `createMode: recover` needs a deleted vault, and anything else must not meet one.
 */
export function checkDeletedVault(
  { type, id }: { readonly type: string; readonly id: string },
  body: JsonObject,
  { service, now }: ArmCall,
):
  | { readonly kind: 'recovers'; readonly content: JsonObject; readonly remains: string }
  | { readonly kind: 'refused'; readonly answer: ArmAnswer }
  | undefined {
  if (type !== vaultType || service.store.find(id) !== undefined) {
    return undefined;
  }
  const name = id.slice(id.lastIndexOf('/') + 1);
  const deleted = deletedVaultNamed(service.store, name, now);
  const mode = asObject(body['properties'])?.['createMode'];
  const recovers = typeof mode === 'string' && sameText(mode, 'recover');
  if (deleted?.hidden.kind === 'deletedVault' && recovers) {
    return { kind: 'recovers', content: deleted.hidden.content, remains: deleted.id };
  }
  if (recovers) {
    return { kind: 'refused', answer: armError(404, 'DeletedVaultNotFound', `The specified deleted vault '${name}' does not exist.`) };
  }
  const message =
    'A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.';
  return deleted === undefined ? undefined : { kind: 'refused', answer: armError(409, 'ConflictError', message) };
}

/** Whether the retention of a deleted vault is over, so that it is gone. */
export function hasEnded({ content }: StoredResource, now: number): boolean {
  const date = asObject(content['properties'])?.['scheduledPurgeDate'];
  return typeof date === 'string' && Date.parse(date) <= now;
}

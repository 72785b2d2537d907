import type { ArmAnswer, Effect } from '../resource-manager/arm-answer.ts';
import type { ArmQuery } from '../resource-manager/call.ts';
import type { Caller } from '../resource-manager/token-check.ts';
import type { DataAction, DataRights } from './data-rights.ts';
import { dataActionName } from './data-rights.ts';
import type { SecretStore } from './secret-store.ts';
import { forbiddenByRbac } from './vault-answer.ts';
import type { Vault } from './vaults.ts';

/** One authenticated request to one vault. */
export type VaultCall = {
  readonly store: SecretStore;
  readonly rights: DataRights;
  readonly vault: Vault;
  /** `https://NAME.vault.localhost:PORT`, as the client wrote it. */
  readonly vaultUrl: string;
  readonly caller: Caller;
  readonly method: string;
  readonly query: ArmQuery;
  readonly apiVersion: string;
  readonly body: Buffer;
  /** Seconds since the epoch; the same for everything that the request does. */
  readonly now: number;
};

/** The refusal of a caller who may not do it; undefined where it may. */
export function checkRight({ rights, caller, vault }: VaultCall, action: DataAction, name?: string): ArmAnswer | undefined {
  const scopeId = name === undefined ? vault.resourceId : `${vault.resourceId}/secrets/${name}`;
  return rights(caller.objectId, action, scopeId) ? undefined : forbiddenByRbac(caller, dataActionName(action), scopeId);
}

export function effectOn(kind: Effect['kind'], { vault }: VaultCall, name: string): Effect {
  return { kind, resourceId: `/${vault.name}/secrets/${name}` };
}

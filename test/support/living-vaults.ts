import { epochMsOf, type Instant, instant, instantFromEpochMs, plusMs } from '../../shared/domain/instant.ts';
import type { SecretRequest } from '../../shared/domain/secrets/secret-request.ts';
import { SecretText } from '../../shared/domain/secrets/secret-text.ts';
import { isVaultOf } from '../../shared/domain/secrets/vault-address.ts';
import { AzureError, type Credential, type CredentialBroker } from '../../shared/ports/azure.ts';
import type {
  DeletedSecret,
  KeptProperties,
  SecretCaller,
  SecretOutcome,
  SecretProperties,
  SecretReader,
  SecretState,
} from '../../shared/ports/key-vault.ts';
import type { Clock } from '../../shared/ports/system.ts';

export type MadeSecretCall = { readonly request: SecretRequest; readonly credential: Credential; readonly clientRequestId: string };

type Version = { readonly properties: SecretProperties; readonly value: string };
type Kept = { versions: Version[]; deleted: DeletedSecret | undefined };

export type LivingVaults = {
  readonly reader: SecretReader;
  readonly caller: SecretCaller;
  readonly broker: CredentialBroker;
  readonly calls: readonly MadeSecretCall[];
  /** Every call that changed something, in order. */
  readonly effects: readonly { readonly method: string; readonly clientRequestId: string }[];
  /** `vault name version` of every value that was read. */
  readonly valuesRead: readonly string[];
  /** Adds a version, as somebody else could. Returns its id. */
  put(vault: string, name: string, value: string, properties?: Partial<SecretProperties>): string;
  remove(vault: string, name: string): void;
  valueOf(vault: string, name: string): string | undefined;
  /** What the next call comes to: its effect happens or not, and its answer is lost, refused or put off. */
  answerNext(outcome: SecretOutcome, effect: 'happens' | 'none'): void;
  /** From now on nothing of the vault that is deleted can be purged. */
  protectFromPurge(vault: string): void;
  /** While it is away nothing can be read. */
  setAway(away: boolean): void;
};

const suffix = '.vault.azure.net';
const requestId = '99999999-9999-4999-8999-999999999999';
const retentionMs = 90 * 24 * 60 * 60 * 1_000;

/** Key Vault tells times in whole seconds. */
function wholeSecond(at: Instant): Instant {
  return instantFromEpochMs(Math.floor(epochMsOf(at) / 1_000) * 1_000);
}

/** Vaults of the public cloud with versions and soft delete, which write `vault <method>` and `value` into the shared list of effects. */
export function makeLivingVaults(clock: Clock, effects: string[] = []): LivingVaults {
  const secrets = new Map<string, Kept>();
  const isProtected = new Set<string>();
  const calls: MadeSecretCall[] = [];
  const valuesRead: string[] = [];
  const changes: { readonly method: string; readonly clientRequestId: string }[] = [];
  let made = 0;
  let away = false;
  let next: { readonly outcome: SecretOutcome; readonly effect: 'happens' | 'none' } | undefined;
  const keyOf = (vault: string, name: string) => `${vault} ${name}`;
  const keptOf = (vault: string, name: string): Kept => secrets.get(keyOf(vault, name)) ?? { versions: [], deleted: undefined };

  const put: LivingVaults['put'] = (vault, name, value, properties = {}) => {
    made += 1;
    const version = made.toString(16).padStart(32, '0');
    const at = wholeSecond(clock.now());
    const defaults = {
      name,
      version,
      enabled: true,
      created: at,
      updated: at,
      tags: {},
      managed: false,
      recoveryLevel: isProtected.has(vault) ? 'Recoverable' : 'Recoverable+Purgeable',
      recoverableDays: 90,
    };
    const kept = keptOf(vault, name);
    kept.versions.unshift({ properties: { ...defaults, ...properties }, value });
    secrets.set(keyOf(vault, name), kept);
    return version;
  };

  const remove: LivingVaults['remove'] = (vault, name) => {
    const kept = keptOf(vault, name);
    const [newest] = kept.versions;
    const at = wholeSecond(clock.now());
    if (newest !== undefined) kept.deleted = { ...newest.properties, deleted: at, scheduledPurge: plusMs(at, retentionMs) };
  };

  const stateOf = (vault: string, name: string): SecretState => {
    const { versions, deleted } = keptOf(vault, name);
    if (deleted !== undefined) return { state: 'deleted', secret: deleted };
    const [first, ...rest] = versions.map(({ properties }) => properties);
    return first === undefined ? { state: 'absent' } : { state: 'present', versions: [first, ...rest] };
  };

  const refusal = (status: number, code: string) => ({ kind: 'refused', status, code, message: 'The vault refuses.', requestId }) as const;
  const secret = (properties: SecretProperties): SecretOutcome => ({
    kind: 'done',
    status: 200,
    answer: { of: 'secret', secret: properties },
    requestId,
  });

  const perform = (request: SecretRequest, keptProperties: KeptProperties | undefined): SecretOutcome => {
    if (request.method === 'list') {
      const listed = [...secrets].filter(([key, kept]) => key.startsWith(`${request.vault} `) && kept.deleted === undefined);
      const byName = listed.toSorted(([one], [other]) => (one < other ? -1 : 1));
      const shown = byName.flatMap(([, { versions }]) => versions.slice(0, 1).map(({ properties: { version: _, ...rest } }) => rest));
      return { kind: 'done', status: 200, answer: { of: 'list', secrets: shown, isWhole: true }, requestId };
    }
    const { vault, name } = request;
    const state = stateOf(vault, name);
    switch (request.method) {
      case 'get': {
        const versions = state.state === 'present' ? state.versions : [];
        const found = versions.find(({ version }) => request.version === undefined || version === request.version);
        return found === undefined ? refusal(404, 'SecretNotFound') : secret(found);
      }
      case 'set': {
        if (state.state === 'deleted') return refusal(409, 'ObjectIsDeletedButRecoverable');
        put(vault, name, request.value.reveal(), keptProperties);
        return secretAnswer(stateOf(vault, name));
      }
      case 'delete': {
        if (state.state !== 'present') return refusal(404, 'SecretNotFound');
        remove(vault, name);
        return secretAnswer(stateOf(vault, name));
      }
      case 'recover':
        if (state.state !== 'deleted') return refusal(404, 'SecretNotFound');
        keptOf(vault, name).deleted = undefined;
        return secretAnswer(stateOf(vault, name));
      case 'purge':
        if (isProtected.has(vault)) return refusal(403, 'Forbidden');
        if (state.state !== 'deleted') return refusal(404, 'SecretNotFound');
        secrets.delete(keyOf(vault, name));
        return { kind: 'done', status: 204, answer: { of: 'nothing' }, requestId };
    }
  };

  const secretAnswer = (state: SecretState): SecretOutcome => {
    if (state.state === 'present') return secret(state.versions[0]);
    if (state.state === 'deleted') return { kind: 'done', status: 200, answer: { of: 'deleted', secret: state.secret }, requestId };
    return refusal(404, 'SecretNotFound');
  };

  return {
    calls,
    effects: changes,
    valuesRead,
    put,
    remove,
    valueOf: (vault, name) => keptOf(vault, name).versions[0]?.value,
    answerNext: (outcome, effect) => {
      next = { outcome, effect };
    },
    protectFromPurge: (vault) => void isProtected.add(vault),
    setAway: (isAway) => {
      away = isAway;
    },
    broker: {
      obtain: async (tier, operationId) => {
        effects.push(`credential ${tier}`);
        if (away) throw new AzureError('credentialRefused', 'the identity cannot be had');
        return {
          tier,
          identity: `${tier}-identity`,
          token: `vault token for ${operationId}`,
          expiresAt: instant('2026-11-21T21:12:00.000Z'),
        };
      },
    },
    reader: {
      read: async (vault, name) => {
        if (!isVaultOf(vault, suffix)) return { state: 'unreadable', reason: 'The address is not one of a vault.' };
        return away ? { state: 'unreadable', reason: 'The vault could not be reached.', passing: true } : stateOf(vault, name);
      },
    },
    caller: {
      callOnce: async (request, credential, clientRequestId, keptProperties) => {
        effects.push(`vault ${request.method}`);
        calls.push({ request, credential, clientRequestId });
        if (!isVaultOf(request.vault, suffix)) return { kind: 'notSent', reason: 'The address is not one of a vault; nothing was sent.' };
        const told = next;
        next = undefined;
        if (told?.effect === 'none') return told.outcome;
        const outcome = perform(request, keptProperties);
        if (outcome.kind === 'done' && request.method !== 'list' && request.method !== 'get')
          changes.push({ method: request.method, clientRequestId });
        return told?.outcome ?? outcome;
      },
      readValue: async (vault, name, version, { tier }) => {
        effects.push('value');
        valuesRead.push([vault, name, version ?? 'newest', tier].join(' '));
        if (!isVaultOf(vault, suffix)) return { kind: 'unreadable', reason: 'The address is not one of a vault; nothing was sent.' };
        const found = keptOf(vault, name).versions.find(({ properties }) => version === undefined || properties.version === version);
        if (found === undefined || keptOf(vault, name).deleted !== undefined) return refusal(404, 'SecretNotFound');
        if (!found.properties.enabled) return refusal(403, 'SecretDisabled');
        return { kind: 'value', value: new SecretText(found.value), properties: found.properties, requestId };
      },
    },
  };
}

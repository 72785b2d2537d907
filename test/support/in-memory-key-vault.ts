import { createHash } from 'node:crypto';
import { epochMsOf, instantFromEpochMs } from '../../shared/domain/instant.ts';
import type { SecretRequest } from '../../shared/domain/secrets/secret-request.ts';
import type { DeletedSecret, SecretProperties } from '../../shared/domain/secrets/secret-state.ts';
import { SecretText } from '../../shared/domain/secrets/secret-text.ts';
import { vaultNameOf } from '../../shared/domain/secrets/vault-address.ts';
import type { Credential } from '../../shared/ports/azure.ts';
import type { SecretCaller, SecretOutcome, SecretReader, SecretValueOutcome } from '../../shared/ports/key-vault.ts';
import type { Clock } from '../../shared/ports/system.ts';

type Version = { readonly properties: SecretProperties & { readonly version: string }; readonly value: string };
type Secret = { readonly versions: readonly Version[]; readonly deleted?: Pick<DeletedSecret, 'deleted' | 'scheduledPurge'> };
type Refused = Extract<SecretOutcome, { kind: 'refused' }>;
/** What happens to the next call instead of, or after, what it asks for. */
type Mishap = Extract<SecretOutcome, { kind: 'busy' | 'notSent' }> | { readonly kind: 'doubtful'; readonly happens: boolean };

export type InMemoryKeyVault = {
  readonly reader: SecretReader;
  readonly caller: SecretCaller;
  /** What was called, in order, without values. */
  readonly calls: readonly { readonly method: SecretRequest['method']; readonly vault: string; readonly clientRequestId: string }[];
  /** Makes a version, as a set does; its times are those of the clock unless others are said. */
  put(vault: string, name: string, value: string, properties?: Partial<SecretProperties>): SecretProperties;
  /** From now on, nothing of the vault that is deleted can be purged. */
  protectFromPurge(vault: string): void;
  /** What the next call, whatever it is, meets. */
  mishap(next: Mishap): void;
};

const retentionMs = 90 * 24 * 60 * 60 * 1_000;

/** Vaults below the suffix that behave as Key Vault does, with every right; other hosts are refused. */
export function makeInMemoryKeyVault(clock: Clock, suffix: string): InMemoryKeyVault {
  const secrets = new Map<string, Secret>();
  const isProtected = new Set<string>();
  const calls: InMemoryKeyVault['calls'][number][] = [];
  const mishaps: Mishap[] = [];
  let made = 0;
  const isVault = (vault: string) => vault === `https://${vaultNameOf(vault)}${suffix}`;
  const keyOf = (vault: string, name: string) => `${vault}/${name.toLowerCase()}`;
  const levelOf = (vault: string) => (isProtected.has(vault) ? 'Recoverable' : 'Recoverable+Purgeable');
  const current = (secret: Secret | undefined) => (secret?.deleted === undefined ? secret?.versions[0] : undefined);
  const put: InMemoryKeyVault['put'] = (vault, name, value, properties = {}) => {
    made += 1;
    const version = createHash('sha256').update(String(made)).digest('hex').slice(0, 32);
    const now = instantFromEpochMs(Math.floor(epochMsOf(clock.now()) / 1_000) * 1_000);
    const usual = {
      enabled: true,
      created: now,
      updated: now,
      tags: {},
      managed: false,
      recoveryLevel: levelOf(vault),
      recoverableDays: 90,
    };
    const stored = { ...usual, ...properties, name: name.toLowerCase(), version };
    const before = secrets.get(keyOf(vault, name))?.versions ?? [];
    secrets.set(keyOf(vault, name), { versions: [{ properties: stored, value }, ...before] });
    return stored;
  };
  const act = (request: SecretRequest): SecretOutcome => {
    const { vault } = request;
    if (request.method === 'list') {
      const here = [...secrets].filter(([key, { deleted }]) => key.startsWith(`${vault}/`) && deleted === undefined);
      const listed = here.toSorted(([one], [other]) => (one < other ? -1 : 1)).flatMap(([, secret]) => current(secret)?.properties ?? []);
      return done({ of: 'list', secrets: listed.map(({ version: _, ...rest }) => rest), isWhole: true });
    }
    const key = keyOf(vault, request.name);
    const secret = secrets.get(key);
    switch (request.method) {
      case 'get': {
        const versions = secret?.deleted === undefined ? (secret?.versions ?? []) : [];
        const found =
          request.version === undefined ? versions[0] : versions.find(({ properties }) => properties.version === request.version);
        return found === undefined ? notFound : done({ of: 'secret', secret: found.properties });
      }
      case 'set':
        if (secret?.deleted !== undefined) return refused(409, 'ObjectIsDeletedButRecoverable');
        return done({ of: 'secret', secret: put(vault, request.name, request.value.reveal()) });
      case 'delete': {
        const version = current(secret);
        if (secret === undefined || version === undefined) return notFound;
        const at = Math.floor(epochMsOf(clock.now()) / 1_000) * 1_000;
        const deleted = { deleted: instantFromEpochMs(at), scheduledPurge: instantFromEpochMs(at + retentionMs) };
        secrets.set(key, { ...secret, deleted });
        return done({ of: 'deleted', secret: { ...version.properties, ...deleted } });
      }
      case 'recover': {
        const [version] = secret?.versions ?? [];
        if (secret?.deleted === undefined || version === undefined) return notFound;
        secrets.set(key, { versions: secret.versions });
        return done({ of: 'secret', secret: version.properties });
      }
      case 'purge':
        if (isProtected.has(vault)) return refused(403, 'Forbidden');
        if (secret?.deleted === undefined) return notFound;
        secrets.delete(key);
        return { kind: 'done', status: 204, answer: { of: 'nothing' }, requestId: 'request' };
    }
  };
  const meet = (happens: () => SecretOutcome): SecretOutcome => {
    const mishap = mishaps.shift();
    if (mishap === undefined) return happens();
    if (mishap.kind !== 'doubtful') return mishap;
    if (mishap.happens) happens();
    return {
      kind: 'doubtful',
      reason: 'The connection to the vault ended before an answer came (ECONNRESET); the call may have happened.',
    };
  };
  return {
    calls,
    put,
    protectFromPurge: (vault) => void isProtected.add(vault),
    mishap: (next) => void mishaps.push(next),
    reader: {
      read: async (vault, name) => {
        if (!isVault(vault)) return { state: 'unreadable', reason: 'The address is not one of a vault.' };
        const secret = secrets.get(keyOf(vault, name));
        const [newest, ...older] = (secret?.versions ?? []).map(({ properties }) => properties);
        if (newest === undefined) return { state: 'absent' };
        if (secret?.deleted !== undefined) return { state: 'deleted', secret: { ...newest, ...secret.deleted } };
        return { state: 'present', versions: [newest, ...older] };
      },
    },
    caller: {
      callOnce: async (request, _credential: Credential, clientRequestId) => {
        if (!isVault(request.vault)) return { kind: 'notSent', reason: 'The address is not one of a vault; nothing was sent.' };
        calls.push({ method: request.method, vault: request.vault, clientRequestId });
        return meet(() => act(request));
      },
      readValue: async (vault, name, version): Promise<SecretValueOutcome> => {
        if (!isVault(vault)) return { kind: 'unreadable', reason: 'The address is not one of a vault; nothing was sent.' };
        const mishap = mishaps.shift();
        if (mishap !== undefined)
          return mishap.kind === 'busy' ? mishap : { kind: 'unreadable', reason: 'The vault could not be reached.' };
        const secret = secrets.get(keyOf(vault, name));
        const versions = secret?.deleted === undefined ? (secret?.versions ?? []) : [];
        const found = version === undefined ? versions[0] : versions.find(({ properties }) => properties.version === version);
        if (found === undefined) return notFound;
        if (!found.properties.enabled) return refused(403, 'SecretDisabled');
        return { kind: 'value', value: new SecretText(found.value), properties: found.properties, requestId: 'request' };
      },
    },
  };
}

function done(answer: Extract<SecretOutcome, { kind: 'done' }>['answer']): SecretOutcome {
  return { kind: 'done', status: 200, answer, requestId: 'request' };
}

function refused(status: number, code: string): Refused {
  return { kind: 'refused', status, code, message: `Key Vault refused the call (${status}, ${code}).`, requestId: 'request' };
}

const notFound = refused(404, 'SecretNotFound');

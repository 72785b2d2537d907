import type { TokenCredential } from '@azure/core-auth';
import type { SecretState } from '../../domain/secrets/secret-state.ts';
import type { SecretOutcome, SecretReader } from '../../ports/key-vault.ts';
import type { Clock } from '../../ports/system.ts';
import { outcomeOf } from './effect-outcome.ts';
import { deletedOf } from './secret-bundle.ts';
import { readVersions } from './secret-pages.ts';
import { jsonOf } from './vault-answer.ts';
import { converse } from './vault-conversation.ts';
import { type VaultSiteOptions, vaultSite } from './vault-site.ts';

export type SecretReaderOptions = VaultSiteOptions & {
  /** The reader identity's, which is Key Vault Reader: it sees properties and no value. */
  readonly credential: TokenCredential;
  readonly clock: Clock;
  readonly timeoutMs?: number;
};

/** Reads how a secret stands, with the reader identity. */
export function makeSecretReader({ credential, clock, timeoutMs = 20_000, ...options }: SecretReaderOptions): SecretReader {
  const site = vaultSite(options);
  return {
    read: async (vault, name): Promise<SecretState> => {
      if (!site.isVault(vault)) return { state: 'unreadable', reason: 'The address is not one of a vault.' };
      if (!/^[0-9a-z-]{1,127}$/.test(name)) return { state: 'unreadable', reason: 'The name is none of a secret.' };
      const getToken: TokenCredential['getToken'] = (scopes, more) => credential.getToken(scopes, more);
      const asking = { vault, getToken, clientRequestId: crypto.randomUUID(), timeoutMs };
      const read = await readVersions(site, asking, name, clock);
      if (read.kind === 'unread') return unreadable(read.outcome);
      const [newest, ...older] = read.versions;
      if (newest !== undefined) return { state: 'present', versions: [newest, ...older] };
      const told = await converse(site, { ...asking, method: 'GET', path: `/deletedsecrets/${name}` }, (client) =>
        client.getDeletedSecret(name),
      );
      const outcome = outcomeOf(told, clock, (answered) => {
        const secret = deletedOf(jsonOf(answered), vault);
        return secret?.name === name ? { of: 'deleted', secret } : undefined;
      });
      if (outcome.kind === 'done' && outcome.answer.of === 'deleted') return { state: 'deleted', secret: outcome.answer.secret };
      return outcome.kind === 'refused' && outcome.code === 'SecretNotFound' ? { state: 'absent' } : unreadable(outcome);
    },
  };
}

function unreadable(outcome: SecretOutcome): SecretState {
  switch (outcome.kind) {
    case 'busy':
      return { state: 'unreadable', reason: `Key Vault is busy (${outcome.status}).`, passing: true };
    case 'notSent':
    case 'doubtful':
      return { state: 'unreadable', reason: outcome.reason, passing: true };
    case 'refused':
      return { state: 'unreadable', reason: outcome.message };
    case 'done':
      return { state: 'unreadable', reason: 'The vault did not answer with the secret that was asked for.' };
  }
}

import { beforeEach, describe } from 'vitest';
import { instantFromEpochMs } from '../../../shared/domain/instant.ts';
import { makeLivingVaults } from '../../support/living-vaults.ts';
import { describeSecrets, type SecretsUnderTest } from './secret-contract.ts';

const day = 24 * 60 * 60 * 1_000;
const dev = 'https://kv-dev-1.vault.azure.net';
const prod = 'https://kv-prod-1.vault.azure.net';

describe('Key Vault in memory', () => {
  let subject: SecretsUnderTest;

  beforeEach(() => {
    let now = Date.parse('2026-11-22T02:30:00.250Z');
    const at = (days: number) => instantFromEpochMs(now - 250 + days * day);
    const vaults = makeLivingVaults({ now: () => instantFromEpochMs(now) });
    vaults.protectFromPurge(prod);
    for (const vault of [dev, prod]) {
      vaults.put(vault, 'database-password', 'a', { created: at(-200), updated: at(-200), tags: { owner: 'payments', usedBy: 'web' } });
      vaults.put(vault, 'database-password', 'b', { created: at(-20), updated: at(-20), tags: { owner: 'payments', usedBy: 'web' } });
      vaults.put(vault, 'storage-connection', 'c');
      vaults.put(vault, 'api-token', 'd', { expires: at(9) });
      vaults.put(vault, 'retired-token', 'e', { enabled: false });
      vaults.put(vault, 'lapsed-token', 'f', { expires: at(-15) });
    }
    const lost = { kind: 'doubtful', reason: 'The connection ended before an answer came.' } as const;
    subject = {
      ...vaults,
      dev,
      prod,
      credential: async (tier) => ({ tier, identity: tier, token: 'token', expiresAt: at(1) }),
      now: () => now,
      advance: (milliseconds) => {
        now += milliseconds;
      },
      throttleNext: (seconds) => vaults.answerNext({ kind: 'busy', status: 429, retryAfterMs: seconds * 1_000 }, 'none'),
      loseNext: (when) => vaults.answerNext(lost, when === 'afterEffect' ? 'happens' : 'none'),
    };
  });

  describeSecrets(() => subject);
});

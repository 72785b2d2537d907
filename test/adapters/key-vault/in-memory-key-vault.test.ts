import { beforeEach, describe } from 'vitest';
import { instantFromEpochMs } from '../../../shared/domain/instant.ts';
import { makeInMemoryKeyVault } from '../../support/in-memory-key-vault.ts';
import { describeSecrets, type SecretsUnderTest } from './secret-contract.ts';

const day = 24 * 60 * 60 * 1_000;
const dev = 'https://kv-dev-1.vault.example.net';
const prod = 'https://kv-prod-1.vault.example.net';

describe('Key Vault in memory', () => {
  let subject: SecretsUnderTest;

  beforeEach(() => {
    let now = Date.parse('2026-11-22T02:30:00.250Z');
    const at = (days: number) => instantFromEpochMs(now - 250 + days * day);
    const fake = makeInMemoryKeyVault({ now: () => instantFromEpochMs(now) }, '.vault.example.net');
    fake.protectFromPurge(prod);
    for (const vault of [dev, prod]) {
      fake.put(vault, 'database-password', 'a', { created: at(-200), updated: at(-200), tags: { owner: 'payments', usedBy: 'web' } });
      fake.put(vault, 'database-password', 'b', { created: at(-20), updated: at(-20), tags: { owner: 'payments', usedBy: 'web' } });
      fake.put(vault, 'storage-connection', 'c');
      fake.put(vault, 'api-token', 'd', { expires: at(9) });
      fake.put(vault, 'retired-token', 'e', { enabled: false });
      fake.put(vault, 'lapsed-token', 'f', { expires: at(-15) });
    }
    subject = {
      ...fake,
      dev,
      prod,
      credential: async (tier) => ({ tier, identity: tier, token: 'token', expiresAt: at(1) }),
      now: () => now,
      advance: (milliseconds) => {
        now += milliseconds;
      },
      throttleNext: (seconds) => fake.mishap({ kind: 'busy', status: 429, retryAfterMs: seconds * 1_000 }),
      loseNext: (when) => fake.mishap({ kind: 'doubtful', happens: when === 'afterEffect' }),
    };
  });

  describeSecrets(() => subject);
});

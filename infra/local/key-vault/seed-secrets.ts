import { randomBytes } from 'node:crypto';
import type { StoredSecret, StoredVersion } from './secret-store.ts';
import { seededVaults } from './vaults.ts';

const daySeconds = 24 * 60 * 60;

type Seeded = Partial<Pick<StoredVersion, 'enabled' | 'contentType' | 'tags'>> & {
  readonly name: string;
  /** Ages of its versions in days, oldest first. */
  readonly ages: readonly [number, ...number[]];
  readonly expiresInDays?: number;
};

/** What each of the seeded vaults holds at first; the values are random, and made when the stand-in is started for the first time. */
export function seedSecrets(nowSeconds: number): readonly StoredSecret[] {
  return seededVaults.flatMap(({ name: vault }) => {
    const environment = vault.includes('prod') ? 'prod' : 'dev';
    return secretsOf(environment).map((seeded) => secretOf(vault, seeded, nowSeconds));
  });
}

function secretsOf(environment: 'dev' | 'prod'): readonly Seeded[] {
  return [
    { name: 'database-password', ages: [200, 20], tags: { owner: 'payments', usedBy: `web-${environment},worker-${environment}` } },
    { name: 'storage-connection', ages: [90], contentType: 'text/plain', tags: { usedBy: `worker-${environment}` } },
    { name: 'api-token', ages: [80], expiresInDays: 9, tags: { owner: 'integrations', usedBy: `web-${environment}` } },
    { name: 'retired-token', ages: [400], enabled: false, tags: { owner: 'integrations' } },
    { name: 'lapsed-token', ages: [380], expiresInDays: -15, tags: {} },
  ];
}

function secretOf(vault: string, { name, ages, expiresInDays, enabled = true, contentType, tags = {} }: Seeded, now: number): StoredSecret {
  const versionOf = (ageDays: number): StoredVersion => ({
    version: randomBytes(16).toString('hex'),
    value: randomBytes(24).toString('base64url'),
    ...(contentType === undefined ? {} : { contentType }),
    tags,
    enabled,
    ...(expiresInDays === undefined ? {} : { expires: now + expiresInDays * daySeconds }),
    created: now - ageDays * daySeconds,
    updated: now - ageDays * daySeconds,
  });
  const [first, ...others] = ages;
  return { vault, name, versions: [versionOf(first), ...others.map(versionOf)] };
}

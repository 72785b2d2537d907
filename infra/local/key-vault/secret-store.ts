import { z } from 'zod';
import { readIfPresent, writePrivately } from '../private-files.ts';

const storedVersion = z.object({
  /** 32 lower-case hexadecimal digits. */
  version: z.string().regex(/^[0-9a-f]{32}$/),
  value: z.string(),
  contentType: z.string().exactOptional(),
  tags: z.record(z.string(), z.string()),
  enabled: z.boolean(),
  /** Times are in seconds since the epoch, as Key Vault has them. */
  notBefore: z.int().exactOptional(),
  expires: z.int().exactOptional(),
  created: z.int(),
  updated: z.int(),
});
export type StoredVersion = z.infer<typeof storedVersion>;

const storedSecret = z.object({
  vault: z.string(),
  /** As it was first written; comparisons ignore casing. */
  name: z.string(),
  /** Oldest first; the last one is what a get without a version answers with. */
  versions: z.tuple([storedVersion], storedVersion),
  /** There only where it is deleted. */
  deleted: z.object({ at: z.int(), purgeAt: z.int() }).exactOptional(),
});
export type StoredSecret = z.infer<typeof storedSecret>;

const stateFile = z.object({ version: z.literal(1), secrets: z.array(storedSecret) });

export type SecretStore = {
  readonly find: (vault: string, name: string) => StoredSecret | undefined;
  /** All of a vault, deleted ones too, by name. */
  readonly all: (vault: string) => readonly StoredSecret[];
  /** Both are in the file before they are visible, and before they return. */
  readonly put: (secret: StoredSecret) => void;
  readonly remove: (secret: StoredSecret) => void;
  /** Forgets the deleted secrets whose time has come. */
  readonly purgeDue: (nowSeconds: number) => void;
};

/** Opens the secrets kept in the file, which only its owner can read, or begins with the seed where there is none. */
export function openSecretStore(path: string, seed: () => readonly StoredSecret[]): SecretStore {
  const kept = readIfPresent(path);
  let secrets = byKey(kept === undefined ? seed() : stateFile.parse(JSON.parse(kept)).secrets);
  const replace = (next: Map<string, StoredSecret>) => {
    writePrivately(path, JSON.stringify({ version: 1, secrets: [...next.values()] }));
    secrets = next;
  };
  if (kept === undefined) replace(secrets);
  return {
    find: (vault, name) => secrets.get(keyOf({ vault, name })),
    all: (vault) => [...secrets].flatMap(([, secret]) => (secret.vault === vault ? [secret] : [])).sort(byName),
    put: (secret) => replace(new Map(secrets).set(keyOf(secret), secret)),
    remove: (secret) => replace(new Map([...secrets].filter(([key]) => key !== keyOf(secret)))),
    purgeDue: (nowSeconds) => {
      const left = [...secrets].filter(([, { deleted }]) => deleted === undefined || deleted.purgeAt > nowSeconds);
      if (left.length < secrets.size) replace(new Map(left));
    },
  };
}

/** The version that a get without a version answers with. */
export function currentOf({ versions }: StoredSecret): StoredVersion {
  return versions.at(-1) ?? versions[0];
}

function byKey(secrets: readonly StoredSecret[]): Map<string, StoredSecret> {
  return new Map(secrets.map((secret) => [keyOf(secret), secret]));
}

function keyOf({ vault, name }: Pick<StoredSecret, 'vault' | 'name'>): string {
  return `${vault}/${name.toLowerCase()}`;
}

function byName(one: StoredSecret, other: StoredSecret): number {
  return one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1;
}

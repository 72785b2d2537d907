import type { Instant } from '../instant.ts';
import type { JsonObject } from '../json.ts';

/** What Key Vault says of one version of a secret; never the value. */
export type SecretProperties = {
  readonly name: string;
  /** 32 lower-case hexadecimal digits; absent where the list of a vault's secrets names no version. */
  readonly version?: string;
  readonly enabled: boolean;
  readonly created?: Instant;
  readonly updated?: Instant;
  readonly expires?: Instant;
  readonly notBefore?: Instant;
  readonly tags: Readonly<Record<string, string>>;
  readonly contentType?: string;
  /** It belongs to a certificate, whose life it shares. */
  readonly managed: boolean;
  /** As Key Vault spells it: `Recoverable+Purgeable`, `Recoverable`, `Purgeable`… */
  readonly recoveryLevel?: string;
  readonly recoverableDays?: number;
};

export type DeletedSecret = SecretProperties & { readonly deleted?: Instant; readonly scheduledPurge?: Instant };

/** A secret as it stands. `versions`: every version, newest first, of which the first is what a get without a version answers with. */
export type SecretState =
  | { readonly state: 'present'; readonly versions: readonly [SecretProperties, ...SecretProperties[]] }
  | { readonly state: 'deleted'; readonly secret: DeletedSecret }
  | { readonly state: 'absent' }
  | UnreadableSecret;

export type UnreadableSecret = {
  readonly state: 'unreadable';
  readonly reason: string;
  /** Key Vault was busy or away, and may not be any more. */
  readonly passing?: true;
};

/** What Azure Resource Manager says of the vault that an address belongs to. */
export type VaultFacts = {
  /** As canonical paths have it; undefined where no vault that the reader identity can see has this address. */
  readonly resourceId: string | undefined;
  readonly softDelete: boolean;
  readonly purgeProtection: boolean;
};

/** What a new version takes over from the newest one: what it is and whose. Its dates are those of its value, and stay with that. */
export type KeptProperties = Pick<SecretProperties, 'tags' | 'contentType'>;

/** What a `set` keeps of a secret; undefined where there is nothing that it could keep. */
export function keptOf(state: SecretState | undefined): KeptProperties | undefined {
  if (state?.state !== 'present') return undefined;
  const { tags, contentType } = state.versions[0];
  return { tags, ...(contentType === undefined ? {} : { contentType }) };
}

/** Properties as people and agents are shown them. */
export function propertiesJson(secret: SecretProperties | DeletedSecret): JsonObject {
  const { tags, ...rest } = secret;
  return { ...rest, tags: { ...tags } };
}

/** Names of tags by which owners tell who uses a secret; compared without case, hyphens, underscores, spaces and dots. */
const usageTags: ReadonlySet<string> = new Set([
  'usedby',
  'users',
  'user',
  'consumer',
  'consumers',
  'consumedby',
  'usedin',
  'app',
  'apps',
  'application',
  'applications',
  'service',
  'services',
  'system',
  'systems',
  'workload',
  'workloads',
  'client',
  'clients',
  'dependents',
  'owner',
]);

/** What tags tell of who uses a secret: `usedBy=shop-web`. */
export function usersByTags(tags: SecretProperties['tags']): readonly string[] {
  return Object.entries(tags)
    .filter(([name, value]) => usageTags.has(name.toLowerCase().replaceAll(/[-_ .]/g, '')) && value.trim() !== '')
    .map(([name, value]) => `${name}=${value}`);
}

/** The newest properties that are known; undefined where there are none. */
export function newestOf(state: SecretState): SecretProperties | undefined {
  switch (state.state) {
    case 'present':
      return state.versions[0];
    case 'deleted':
      return state.secret;
    case 'absent':
    case 'unreadable':
      return undefined;
  }
}

/** So many versions are shown one by one. */
const shownVersions = 25;

/** The state of a secret as approvers are shown it, and by which drift is told: its versions, when they end, who uses it. Undefined where there is none to show. */
export function previewBody(vault: string, state: SecretState, { softDelete, purgeProtection }: VaultFacts): JsonObject | undefined {
  const common = { vault, softDelete, purgeProtection };
  switch (state.state) {
    case 'present': {
      const [newest] = state.versions;
      const versionIds = state.versions.map(({ version }) => version ?? '');
      return {
        ...common,
        name: newest.name,
        usedBy: usersByTags(newest.tags),
        versions: state.versions.slice(0, shownVersions).map(propertiesJson),
        ...(versionIds.length > shownVersions ? { olderVersions: versionIds.slice(shownVersions) } : {}),
      };
    }
    case 'deleted':
      return { ...common, name: state.secret.name, usedBy: usersByTags(state.secret.tags), deleted: propertiesJson(state.secret) };
    case 'absent':
    case 'unreadable':
      return undefined;
  }
}

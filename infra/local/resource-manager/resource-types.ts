import { randomBytes, randomUUID } from 'node:crypto';
import { tenantId } from '../seed.ts';
import { sameText } from './arm-path.ts';
import { asObject, type JsonObject } from './json.ts';
import { type LongRunningStyles, stylesAtOnce } from './long-running-styles.ts';
import type { HiddenState, StoredResource } from './state-store.ts';

export type VirtualMachineAction = 'start' | 'restart' | 'deallocate' | 'runCommand';
export type ResourceAction = VirtualMachineAction | 'listKeys';

/** What the service itself says about a resource of a type; the client cannot set it. */
type ServerContent = { readonly properties: JsonObject; readonly hidden: HiddenState };

export type ResourceType = {
  /** In the casing that the service uses. */
  readonly type: string;
  readonly apiVersions: readonly string[];
  /** Where resources of the type can be: in a resource group only, or anywhere. */
  readonly livesIn: 'resourceGroup' | 'anyScope';
  /** `tracked` resources have a location and appear in `/resources`. */
  readonly tracked: boolean;
  /** What a name must match, and the code of the refusal. */
  readonly nameRule?: { readonly pattern: RegExp; readonly code: string; readonly text: string };
  /** The refusal of a name that another resource of the type has, anywhere in Azure. */
  readonly uniqueName?: { readonly code: string; readonly text: (name: string) => string };
  /** The status of a PUT that creates: the storage provider says 200 where others say 201. */
  readonly createdStatus: 200 | 201;
  readonly styles: LongRunningStyles;
  /** Dotted paths in `properties` that are accepted and never shown again. */
  readonly writeOnly: readonly string[];
  /** Whether a GET shows the etag in the body, as network resources do. */
  readonly showsEtag: boolean;
  /** By lower-case name. */
  readonly actions: ReadonlyMap<string, ResourceAction>;
  /** `existing` is undefined on creation. */
  readonly serverContent: (
    resource: { readonly name: string; readonly location: string },
    existing: StoredResource | undefined,
  ) => ServerContent;
};

const unremarkable = (): ServerContent => ({ properties: {}, hidden: { kind: 'none' } });

const base = {
  apiVersions: ['2025-04-01'],
  livesIn: 'resourceGroup',
  tracked: true,
  createdStatus: 201,
  styles: stylesAtOnce,
  writeOnly: [],
  showsEtag: false,
  actions: new Map<string, ResourceAction>(),
  serverContent: unremarkable,
} as const satisfies Omit<ResourceType, 'type'>;

const known: readonly ResourceType[] = [
  {
    ...base,
    type: 'Microsoft.Storage/storageAccounts',
    apiVersions: ['2024-01-01', '2023-05-01'],
    nameRule: {
      pattern: /^[a-z0-9]{3,24}$/,
      code: 'AccountNameInvalid',
      text: 'Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.',
    },
    uniqueName: { code: 'StorageAccountAlreadyTaken', text: (name) => `The storage account named ${name} is already taken.` },
    createdStatus: 200,
    actions: new Map([['listkeys', 'listKeys']]),
    serverContent: storageContent,
  },
  {
    ...base,
    type: 'Microsoft.Compute/virtualMachines',
    apiVersions: ['2024-11-01', '2024-07-01'],
    styles: { put: 'asyncOperation', patch: 'asyncOperation', delete: 'both', action: 'both' },
    writeOnly: ['osProfile.adminPassword', 'osProfile.customData', 'userData'],
    actions: new Map([
      ['start', 'start'],
      ['restart', 'restart'],
      ['deallocate', 'deallocate'],
      ['runcommand', 'runCommand'],
    ]),
    serverContent: virtualMachineContent,
  },
  {
    ...base,
    type: 'Microsoft.Sql/servers',
    apiVersions: ['2023-08-01', '2021-11-01'],
    uniqueName: {
      code: 'NameAlreadyExists',
      text: (name) => `The name '${name}.database.windows.net' already exists. Choose a different name.`,
    },
    writeOnly: ['administratorLoginPassword'],
    serverContent: ({ name }) => ({
      properties: { fullyQualifiedDomainName: `${name}.database.windows.net`, state: 'Ready', version: '12.0' },
      hidden: { kind: 'none' },
    }),
  },
  {
    ...base,
    type: 'Microsoft.KeyVault/vaults',
    apiVersions: ['2024-11-01', '2023-07-01'],
    nameRule: {
      pattern: /^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/i,
      code: 'VaultNameNotValid',
      text: 'A vault name must be 3 to 24 letters, digits and single hyphens, begin with a letter and end with a letter or digit.',
    },
    uniqueName: {
      code: 'VaultAlreadyExists',
      text: (name) =>
        `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken.`,
    },
    writeOnly: ['createMode'],
    serverContent: ({ name }) => ({
      properties: { vaultUri: `https://${name}.vault.azure.net/`, tenantId },
      hidden: { kind: 'none' },
    }),
  },
  {
    ...base,
    type: 'Microsoft.Sql/servers/databases',
    apiVersions: ['2023-08-01', '2021-11-01'],
    styles: { ...stylesAtOnce, put: 'location', patch: 'location', delete: 'location' },
  },
  {
    ...base,
    type: 'Microsoft.ServiceBus/namespaces',
    apiVersions: ['2024-01-01', '2021-11-01'],
    styles: { ...stylesAtOnce, put: 'provisioningState', delete: 'location' },
  },
  {
    ...base,
    type: 'Microsoft.Network/virtualNetworks',
    apiVersions: ['2024-07-01', '2024-05-01'],
    styles: { ...stylesAtOnce, put: 'asyncOperation', delete: 'both' },
    showsEtag: true,
  },
  { ...base, type: 'Microsoft.Network/networkSecurityGroups', apiVersions: ['2024-07-01', '2024-05-01'], showsEtag: true },
  {
    ...base,
    type: 'Microsoft.KeyVault/locations/deletedVaults',
    apiVersions: ['2024-11-01', '2023-07-01'],
    livesIn: 'anyScope',
    tracked: false,
  },
  {
    ...base,
    type: 'Microsoft.Resources/deployments',
    apiVersions: ['2025-04-01', '2024-03-01', '2021-04-01'],
    livesIn: 'anyScope',
    tracked: false,
    styles: { ...stylesAtOnce, put: 'asyncOperation', delete: 'location' },
  },
  { ...base, type: 'Microsoft.Authorization/locks', apiVersions: ['2020-05-01', '2016-09-01'], livesIn: 'anyScope', tracked: false },
  { ...base, type: 'Microsoft.Authorization/roleAssignments', apiVersions: ['2022-04-01'], livesIn: 'anyScope', tracked: false },
  { ...base, type: 'Microsoft.Resources/tags', apiVersions: ['2025-04-01', '2021-04-01'], livesIn: 'anyScope', tracked: false },
];

/** The table's row for the type, or a row for a type that the table does not know: kept and shown as it was sent. */
export function resourceTypeOf(type: string): ResourceType {
  const row = known.find((candidate) => sameText(candidate.type, type));
  return row ?? { ...base, type, livesIn: 'anyScope', tracked: type.split('/').length === 2 };
}

/** The namespaces that the table knows, each with its types. */
export function knownProviders(): ReadonlyMap<string, readonly ResourceType[]> {
  return Map.groupBy(known, ({ type }) => type.split('/')[0] ?? '');
}

function storageContent({ name, location }: { name: string; location: string }, existing: StoredResource | undefined): ServerContent {
  const endpoint = (service: string): string => `https://${name}.${service}.core.windows.net/`;
  const primaryEndpoints = {
    blob: endpoint('blob'),
    dfs: endpoint('dfs'),
    file: endpoint('file'),
    queue: endpoint('queue'),
    table: endpoint('table'),
  };
  const hidden: HiddenState =
    existing?.hidden.kind === 'storageAccount' ? existing.hidden : { kind: 'storageAccount', keys: [randomKey(), randomKey()] };
  return { properties: { primaryEndpoints, primaryLocation: location, statusOfPrimary: 'available' }, hidden };
}

function virtualMachineContent(_: unknown, existing: StoredResource | undefined): ServerContent {
  const kept = asObject(existing?.content['properties'])?.['vmId'];
  const hidden: HiddenState =
    existing?.hidden.kind === 'virtualMachine' ? existing.hidden : { kind: 'virtualMachine', powerState: 'running' };
  return { properties: { vmId: kept ?? randomUUID() }, hidden };
}

function randomKey(): string {
  return randomBytes(64).toString('base64');
}

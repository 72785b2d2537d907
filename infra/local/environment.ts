import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AzuriteOptions, startAzurite } from './azurite.ts';
import { ensureCertificates } from './certificates.ts';
import { choosePorts, onPortOrAny, portOf } from './choose-ports.ts';
import { type Endpoints, readLastEndpoints, retireEndpoints, writeEndpoints } from './endpoints.ts';
import { functionSettings, type Parts } from './function-settings.ts';
import { type FunctionsHost, startFunctionsHost } from './functions-host/start.ts';
import { type Identity, startIdentity } from './identity/start-identity.ts';
import { ensureKey, type Kept } from './kept-data.ts';
import { dataGrantsIn, vaultsIn } from './key-vault/from-resource-manager.ts';
import { type KeyVault, startKeyVault } from './key-vault/start-key-vault.ts';
import { createStorage, type OwnState, ownResources, ownState, queueSettings } from './own-services.ts';
import { ensurePrivateDirectory } from './private-files.ts';
import type { RightsPropagation } from './resource-manager/authorization.ts';
import { type ResourceManager, startResourceManager } from './resource-manager/start-resource-manager.ts';
import { type Restartable, type RestartablePart, startRestartable } from './restartable.ts';
import { type FaultControl, Faults, startServiceBus } from './service-bus/service-bus.ts';
import { startTeams, type Teams } from './teams/start-teams.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type EnvironmentOptions = {
  /** Where all data is kept. */
  readonly directory: string;
  /** `usual` takes the well-known ports where they are free; `free` takes any. */
  readonly ports: 'usual' | 'free';
  /** Told of each part as it comes up. */
  readonly onProgress?: (part: string, address: string) => void;
  /** Gets every line that the functions host writes. */
  readonly onLine?: (line: string) => void;
  /** Whether approvers have pages of Teams, which take a process each; they have unless told otherwise. */
  readonly withTeamsPages?: boolean;
  /** The functions to run; the sources by default. */
  readonly entry?: string;
  /** Whose policies, agents and groups are in force; those of `infra/policy` by default. */
  readonly policy?: string;
  /** `perOperation` gives the identities of operations no right but for one operation at a time; they own everything unless it is said. */
  readonly rights?: 'standing' | 'perOperation';
  /** Where tables and blobs are: `memory` is for who never takes the storage away, and spares writing all of them to disk again and again; `disk` by default. */
  readonly storageData?: AzuriteOptions['data'];
  /** How long a right takes to act, and a removed one to cease; no time unless it is said. */
  readonly propagation?: RightsPropagation;
  /** Settings over those of the local environment, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Settings over all others that depend on them, such as an address that leads through something which listens in. */
  readonly changeSettings?: (settings: Readonly<Record<string, string>>) => Promise<Readonly<Record<string, string>>>;
};

export type Environment = {
  readonly endpoints: Endpoints;
  readonly identity: Identity;
  /** The stand-in for Azure as it is now. */
  readonly resourceManager: ResourceManager;
  readonly keyVault: KeyVault;
  readonly teams: Teams;
  /** The functions host as it is now. */
  readonly host: FunctionsHost;
  /** Opens tables and blobs past Countersign, as somebody with the account's key could. Not for logs. */
  readonly storageConnectionString: string;
  /** Sends messages past Countersign, as a part of it that somebody took over could. Not for logs. */
  readonly messagesConnectionString: string;
  /** What a test may take away and bring back. */
  readonly outages: {
    readonly functions: Restartable;
    readonly storage: Restartable;
    readonly messages: Restartable;
    readonly azure: Restartable;
  };
  /** Somebody changes queues, account or namespace past the templates, as Azure Resource Manager tells it from now on; nothing: as the templates have it. */
  readonly changeOwn: (change: Partial<OwnState>) => void;
  /** Faults of Service Bus, by name; they outlive its restarts. */
  readonly messageFaults: FaultControl;
  readonly stop: () => Promise<void>;
};

/** Brings up everything on loopback, part by part, and takes it down again in the opposite order. Rejects, with all of it stopped, where a part does not come up. */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    const problems: unknown[] = [];
    for (const stopPart of started.splice(0).reverse()) await stopPart().catch((error: unknown) => problems.push(error));
    if (problems.length > 0) throw new AggregateError(problems, 'A part of the local environment did not stop.');
  };
  try {
    const { functions, azure, ...parts } = await startParts(options, started);
    return {
      ...parts,
      get resourceManager() {
        return azure.current();
      },
      get host() {
        return functions.current();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Started = Omit<Environment, 'stop' | 'host' | 'resourceManager'> & {
  readonly functions: RestartablePart<FunctionsHost>;
  readonly azure: RestartablePart<ResourceManager>;
};

async function startParts(options: EnvironmentOptions, started: (() => Promise<void>)[]): Promise<Started> {
  const { directory, onProgress = () => undefined } = options;
  ensurePrivateDirectory(directory);
  const ports = await choosePorts(options.ports, options.ports === 'usual' ? readLastEndpoints(directory) : undefined);
  const within = (name: Kept) => join(directory, name);
  const up = <Part extends Pick<Restartable, 'stop'>>(name: string, part: Part, address: string): Part => {
    started.push(() => part.stop());
    onProgress(name, address);
    return part;
  };

  const certificates = await ensureCertificates(within('certificates'));
  onProgress('certificates', certificates.caPath);
  const identity = await onPortOrAny(ports.identity, (port) => startIdentity({ port, directory: within('identity') }));
  up('identity: tokens, Microsoft Graph', identity, identity.address);
  const stored = { directory: within('azurite'), data: options.storageData ?? 'disk' } as const;
  const storage = await startRestartable(
    () => onPortOrAny(ports.table, (table) => startAzurite({ ...stored, ports: table === 0 ? {} : ports })),
    ({ blobEndpoint, tableEndpoint }) => startAzurite({ ...stored, ports: { blob: portOf(blobEndpoint), table: portOf(tableEndpoint) } }),
  );
  const azurite = storage.current();
  up('storage: Azurite', storage, azurite.tableEndpoint);
  await createStorage(azurite);
  const messageFaults = new Faults();
  const startBus = (port: number) =>
    startServiceBus({
      faults: messageFaults,
      port,
      directory: within('service-bus'),
      queues: queueSettings(),
      keyName: 'local',
      key: ensureKey(directory, 'service-bus.key'),
    });
  const messages = await startRestartable(
    () => onPortOrAny(ports.serviceBus, startBus),
    ({ address }) => startBus(portOf(`amqp://${address}`)),
  );
  const bus = messages.current();
  up('messages: Service Bus', messages, bus.address);
  const { certPem, keyPem } = certificates;
  const rights = options.rights ?? 'standing';
  // Each needs the other: the address of vaults is shown there, and which vaults there are is known there.
  let resources: ResourceManager['resources'] = () => [];
  const keyVault = await onPortOrAny(ports.keyVault, (port) =>
    startKeyVault({
      port,
      vaults: () => vaultsIn(resources()),
      assigned: () => dataGrantsIn(resources()),
      directory: within('key-vault'),
      certPem,
      keyPem,
      identityIssuer: identity.issuer,
      jwksUri: identity.jwksUri,
    }),
  );
  up('Key Vault', keyVault, keyVault.vaultUrl('*'));
  let own = ownState();
  const changeOwn = (change: Partial<OwnState>) => {
    own = { ...ownState(), ...change };
  };
  const startArm = (port: number) =>
    startResourceManager({
      port,
      directory: within('resource-manager'),
      certPem,
      keyPem,
      identityIssuer: identity.issuer,
      jwksUri: identity.jwksUri,
      vaultSuffix: keyVault.suffix,
      rights,
      own: ownResources(azurite, () => own),
      ...(options.propagation === undefined ? {} : { propagation: options.propagation }),
    });
  const azure = await startRestartable(
    () => onPortOrAny(ports.arm, startArm),
    ({ address }) => startArm(portOf(address)),
  );
  const resourceManager = azure.current();
  resources = () => azure.current().resources();
  up('Azure Resource Manager', azure, resourceManager.address);
  const publicUrl = `http://127.0.0.1:${ports.api}`;
  const teams = await startTeams({
    playgroundPort: ports.teams,
    withPages: options.withTeamsPages ?? true,
    proxyPort: ports.teamsProxy,
    directory: within('teams'),
    botEndpoint: `${publicUrl}/api/messages`,
    botTokenIssuer: identity.issuer,
    botTokenJwksUri: identity.jwksUri,
  });
  up('Teams: Agents Playground', teams, teams.address);
  const settings: Record<string, string> = {
    ...functionSettings({ publicUrl, certificates, identity, azurite, bus, resourceManager, keyVault, teams, directory, rights }),
    ...(options.policy === undefined ? {} : { COUNTERSIGN_POLICY_DIRECTORY: options.policy }),
    ...options.settings,
  };
  const env = { ...settings, ...(await options.changeSettings?.(settings)) };
  const startHost = () =>
    startFunctionsHost({
      entry: options.entry ?? join(root, 'functions/index.ts'),
      port: ports.api,
      env,
      ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    });
  const functions = await startRestartable(startHost, startHost);
  const host = functions.current();
  up('functions', functions, host.address);
  const endpoints = endpointsOf({ host, identity, azurite, bus, resourceManager, keyVault, teams, certificates });
  writeEndpoints(directory, endpoints);
  started.push(async () => retireEndpoints(directory));
  const connectionStrings = { storageConnectionString: azurite.connectionString, messagesConnectionString: bus.connectionString };
  const outages = { functions, storage, messages, azure };
  return { endpoints, identity, azure, keyVault, teams, functions, ...connectionStrings, outages, changeOwn, messageFaults };
}

type AllParts = Required<Parts> & { readonly host: FunctionsHost };

function endpointsOf({ host, identity, azurite, bus, resourceManager, keyVault, teams, certificates }: AllParts): Endpoints {
  return {
    api: `${host.address}/api`,
    teams: teams.address,
    teamsOfApprover2: teams.pages.find(({ person }) => person === 'approver-2')?.address ?? teams.address,
    identity: identity.address,
    issuer: identity.issuer,
    arm: resourceManager.address,
    vaults: { dev: keyVault.vaultUrl('kv-dev-1'), prod: keyVault.vaultUrl('kv-prod-1') },
    certificateAuthority: certificates.caPath,
    credentials: identity.credentialsPath,
    tableStorage: azurite.tableEndpoint,
    blobStorage: azurite.blobEndpoint,
    serviceBus: bus.address,
    pid: process.pid,
  };
}

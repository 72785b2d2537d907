import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Azurite, startAzurite } from '../../infra/local/azurite.ts';
import { ensureCertificates } from '../../infra/local/certificates.ts';
import { portOf, portToKeep } from '../../infra/local/choose-ports.ts';
import { functionSettings } from '../../infra/local/function-settings.ts';
import { type Identity, startIdentity } from '../../infra/local/identity/start-identity.ts';
import { ensureKey } from '../../infra/local/kept-data.ts';
import { dataGrantsIn, vaultsIn } from '../../infra/local/key-vault/from-resource-manager.ts';
import { type KeyVault, startKeyVault } from '../../infra/local/key-vault/start-key-vault.ts';
import { createStorage, queueSettings } from '../../infra/local/own-services.ts';
import { ensurePrivateDirectory } from '../../infra/local/private-files.ts';
import type { Rights } from '../../infra/local/resource-manager/deployed-grants.ts';
import { type ResourceManager, startResourceManager } from '../../infra/local/resource-manager/start-resource-manager.ts';
import { type ServiceBus, startServiceBus } from '../../infra/local/service-bus/service-bus.ts';
import { startTeams } from '../../infra/local/teams/start-teams.ts';
import { type FaultingProxy, startFaultingProxy } from '../support/faulting-proxy.ts';
import { policyWithoutLimits } from '../support/policy-without-limits.ts';
import { administratorId } from './azure-before.ts';
import { type ChaosClock, startChaosClock } from './chaos-clock.ts';
import { type ChaosHost, startChaosHost } from './chaos-host.ts';
import { type PlantedValues, plantValues } from './planted-values.ts';
import { makeDice } from './random-choice.ts';
import { unconditionalStateWrites } from './state-writes.ts';

export type ChaosEnvironment = {
  readonly clock: ChaosClock;
  readonly identity: Identity;
  readonly bus: ServiceBus;
  readonly resourceManager: ResourceManager;
  readonly keyVault: KeyVault;
  /** What the secrets of this run are, looked for in what is written to tables and logs. */
  readonly planted: PlantedValues;
  /** Where every part keeps what is its own. */
  readonly directory: string;
  /** PEM, for https to the Resource Manager. */
  readonly certificateAuthority: string;
  readonly hosts: readonly ChaosHost[];
  /** The deployment moves to the other mode of rights: all hosts go, Azure changes, and all come again. */
  readonly changeRights: (rights: Rights) => Promise<void>;
  /** In front of the tables, for the hosts only. */
  readonly tables: FaultingProxy;
  /** How often a host tried to replace a state whatever it was. */
  readonly unconditionalWrites: () => number;
  /** Leads past the proxy, for the audit. Not for logs. */
  readonly storageConnectionString: string;
  readonly stop: () => Promise<void>;
};

/** Key Vault Administrator, for whoever put secrets there. Source: learn.microsoft.com/azure/key-vault/general/rbac-guide. */
const ofVaults = { principalId: administratorId, roleId: '00482a5a-887f-4fb3-b363-3b7fe8e74483', scopeId: '' } as const;

/** In the cloud it is minutes. */
const propagation = { grantMs: 1_500, removalMs: 1_500 } as const;

export type ChaosEnvironmentOptions = {
  readonly directory: string;
  readonly hosts: number;
  readonly seed: number;
  /** What the identities of operations may do at first. */
  readonly rights: Rights;
  readonly onLine: (host: number, line: string) => void;
};

/** Everything that the functions need, on free ports, and several functions hosts on the same queues and tables. Rejects, with all of it stopped, where a part does not come up. */
export async function startChaosEnvironment(options: ChaosEnvironmentOptions): Promise<ChaosEnvironment> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of started.splice(0).reverse()) await stopPart().catch(() => undefined);
  };
  const up = <Part extends { readonly stop: () => Promise<void> }>(part: Part): Part => {
    started.push(() => part.stop());
    return part;
  };
  try {
    return { ...(await startParts(options, up)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  { directory, hosts: hostCount, seed, rights, onLine }: ChaosEnvironmentOptions,
  up: <Part extends { readonly stop: () => Promise<void> }>(part: Part) => Part,
): Promise<Omit<ChaosEnvironment, 'stop'>> {
  ensurePrivateDirectory(directory);
  const clock = startChaosClock(directory);
  const planted = plantValues();
  const policy = await policyWithoutLimits(directory);
  const apiPort = await portToKeep();
  const certificates = await ensureCertificates(join(directory, 'certificates'));
  const identity = up(await startIdentity({ port: 0, directory: join(directory, 'identity') }));
  const azurite = up(await startAzurite({ directory: join(directory, 'azurite'), data: 'memory' }));
  await createStorage(azurite);
  let unconditionalWrites = 0;
  const onBody = (body: string): void => {
    unconditionalWrites += unconditionalStateWrites(body);
    planted.see('what was written to tables', body);
  };
  const tables = up(await startFaultingProxy({ targetPort: portOf(azurite.tableEndpoint), draw: makeDice(seed, 'tables').draw, onBody }));
  const bus = up(
    await startServiceBus({
      port: 0,
      directory: join(directory, 'service-bus'),
      queues: queueSettings(),
      keyName: 'local',
      key: ensureKey(directory, 'service-bus.key'),
      onProblem: (problem) => onLine(0, problem),
    }),
  );
  const { certPem, keyPem, caPem } = certificates;
  const { issuer: identityIssuer, jwksUri } = identity;
  // Each needs the other: the address of vaults is shown there, and which vaults there are is known there.
  let resources: ResourceManager['resources'] = () => [];
  const keyVault = up(
    await startKeyVault({
      port: 0,
      directory: join(directory, 'key-vault'),
      certPem,
      keyPem,
      identityIssuer,
      jwksUri,
      vaults: () => vaultsIn(resources()),
      assigned: () => [...dataGrantsIn(resources()), ofVaults],
    }),
  );
  const resourceManager = up(
    await startResourceManager({
      port: 0,
      directory: join(directory, 'resource-manager'),
      certPem,
      keyPem,
      identityIssuer,
      jwksUri,
      rights,
      owners: [administratorId],
      propagation,
      vaultSuffix: keyVault.suffix,
    }),
  );
  resources = resourceManager.resources;
  const publicUrl = `http://127.0.0.1:${apiPort}`;
  const teams = up(
    await startTeams({
      playgroundPort: 0,
      proxyPort: 0,
      withPages: false,
      directory: join(directory, 'teams'),
      botEndpoint: `${publicUrl}/api/messages`,
      botTokenIssuer: identityIssuer,
      botTokenJwksUri: jwksUri,
    }),
  );
  const proxied = { ...azurite, connectionString: through(azurite, tables.port) };
  const parts = { certificates, identity, azurite: proxied, bus, resourceManager, keyVault, teams };
  const settingsOf = (mode: Rights) => functionSettings({ ...parts, publicUrl, directory, rights: mode });
  const envOf = (mode: Rights) => ({
    ...settingsOf(mode),
    COUNTERSIGN_POLICY_DIRECTORY: policy,
    CHAOS_CLOCK_FILE: clock.path,
    NODE_OPTIONS: `${settingsOf(mode)['NODE_OPTIONS'] ?? ''} --import=${new URL('follow-clock.ts', import.meta.url).href}`.trim(),
  });
  const entry = fileURLToPath(new URL('../../functions/index.ts', import.meta.url));
  const hosts: ChaosHost[] = [];
  for (let index = 1; index <= hostCount; index += 1) {
    const port = index === 1 ? apiPort : await portToKeep();
    const onHostLine = (line: string): void => {
      planted.see('what a host logs', line);
      onLine(index, line);
    };
    hosts.push(up(await startChaosHost({ entry, port, env: envOf(rights), timers: index === 1, onLine: onHostLine })));
  }
  const changeRights = async (next: Rights): Promise<void> => {
    await Promise.all(hosts.map((host) => host.takeDown()));
    resourceManager.changeRights(next);
    await Promise.all(hosts.map((host) => host.bringUp(envOf(next))));
  };
  const storageConnectionString = azurite.connectionString;
  return {
    clock,
    identity,
    bus,
    resourceManager,
    keyVault,
    planted,
    directory,
    certificateAuthority: caPem,
    hosts,
    changeRights,
    tables,
    unconditionalWrites: () => unconditionalWrites,
    storageConnectionString,
  };
}

/** The same account, with its tables behind a port of this machine. */
function through({ connectionString, tableEndpoint }: Azurite, port: number): string {
  const behind = new URL(tableEndpoint);
  behind.port = String(port);
  return connectionString.replace(`TableEndpoint=${tableEndpoint};`, `TableEndpoint=${behind.href};`);
}

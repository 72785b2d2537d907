import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, inject, test } from 'vitest';
import { type Environment, type EnvironmentOptions, startEnvironment } from '../../infra/local/environment.ts';
import type { LoggedRequest } from '../../infra/local/resource-manager/request-log.ts';
import { subscriptionId } from '../../infra/local/seed.ts';
import { watchQueues } from '../chaos/queue-contents.ts';
import { type ApiClient, makeApiClient, until } from './api-client.ts';

export type RunningEnvironment = Environment & {
  readonly api: ApiClient;
  readonly directory: string;
  /** What the functions wrote, line by line. */
  readonly lines: readonly string[];
  readonly forgetLines: () => void;
  /** Calls to Azure that are no reads, oldest first, whose address holds the text. */
  readonly effectsOn: (text: string) => readonly LoggedRequest[];
};

export const subscription = `/subscriptions/${subscriptionId}`;
export const production = `${subscription}/resourceGroups/rg-prod`;
export const development = `${subscription}/resourceGroups/rg-dev`;
export const storageVersion = '2024-01-01';
export const computeVersion = '2024-11-01';
export const groupVersion = '2021-04-01';

export function storageAccount(group: string, name: string): string {
  return `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
}

export function virtualMachine(group: string, name: string): string {
  return `${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
}

export type RunningOptions = {
  /** Changes the text of `agents.cedar` in a copy of the policies. */
  readonly policies?: (text: string) => string;
  /** Changes the registers in a copy of the policies, in that folder. */
  readonly registers?: (directory: string) => Promise<void>;
  /** Settings over those of the local environment. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Settings that are known only once something else runs, which may keep what it needs in the environment's directory. */
  readonly prepare?: (directory: string) => Promise<Readonly<Record<string, string>>>;
  /** Whether the identities of operations have their rights per operation, and how long those take. */
  readonly rights?: Pick<EnvironmentOptions, 'rights' | 'propagation'>;
  /** Starts the approvers' pages of Teams too. */
  readonly withTeamsPages?: boolean;
  /** Keeps tables and blobs where they outlive an outage of the storage; they are in memory otherwise. */
  readonly storageData?: 'disk';
};

/** Starts everything once for a test file, with the functions as they are shipped, in a directory of its own and on free ports, and takes it down after its last test. */
export function useRunningEnvironment(options: RunningOptions = {}): () => RunningEnvironment {
  let running: RunningEnvironment | undefined;
  beforeAll(async () => {
    running = await startRunningEnvironment(options);
  });
  afterAll(async () => {
    await running?.stop();
  });
  return () => {
    if (running === undefined) throw new Error('The environment does not run yet.');
    return running;
  };
}

const sharing = test
  .extend('options', { scope: 'worker' }, {} satisfies RunningOptions)
  .extend('environment', { scope: 'worker' }, async ({ options }, { onCleanup }) => {
    const environment = await startRunningEnvironment(options);
    onCleanup(environment.stop);
    return environment;
  });

/**
 * The environment with its usual settings, which the files of a worker use one after the other, as starting one takes longer than most of them. For each
 * file Azure, its log and the lines of the functions are as new, and nothing of the file before is under way; what was stored before is still listed.
 * A file that takes parts away for long, kills functions, or changes people, starts one of its own.
 */
export function useSharedEnvironment(): () => RunningEnvironment {
  let running: RunningEnvironment | undefined;
  sharing.beforeAll(async ({ environment }) => {
    await renewAzure(environment);
    environment.forgetLines();
    running = environment;
  });
  sharing.afterAll(async ({ environment }) => {
    running = undefined;
    await awaitNothingUnderWay(environment);
  });
  return () => {
    if (running === undefined) throw new Error('The environment does not run yet.');
    return running;
  };
}

async function renewAzure({ directory, outages }: RunningEnvironment): Promise<void> {
  await outages.azure.stop();
  await rm(join(directory, 'resource-manager'), { recursive: true });
  await outages.azure.start();
}

/** Messages for later, such as the deadline of an approval that nobody gave, are not under way. */
async function awaitNothingUnderWay({ messagesConnectionString }: RunningEnvironment): Promise<void> {
  const queues = watchQueues(messagesConnectionString);
  try {
    await until(async () => (await queues.look()).active === 0);
  } finally {
    await queues.stop();
  }
}

async function startRunningEnvironment(options: RunningOptions): Promise<RunningEnvironment> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-flow-'));
  try {
    return await startIn(directory, options);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(
  directory: string,
  { policies, registers, settings: given, prepare = async () => ({}), rights, withTeamsPages = false, storageData }: RunningOptions,
): Promise<RunningEnvironment> {
  const lines: string[] = [];
  const changed = policies !== undefined || registers !== undefined;
  const settings = {
    ...given,
    ...(await prepare(directory)),
    ...(changed ? { COUNTERSIGN_POLICY_DIRECTORY: await copyPolicies(directory, policies, registers) } : {}),
  };
  const environment = await startEnvironment({
    directory,
    ports: 'free',
    entry: inject('functionsBundle'),
    withTeamsPages,
    storageData: storageData ?? 'memory',
    settings,
    ...rights,
    onLine: (line) => lines.push(line),
  });
  const isEffectOn = ({ method, url }: LoggedRequest, text: string) =>
    method !== 'GET' && method !== 'HEAD' && url.toLowerCase().includes(text.toLowerCase());
  return {
    ...environment,
    get host() {
      return environment.host;
    },
    get resourceManager() {
      return environment.resourceManager;
    },
    directory,
    lines,
    forgetLines: () => {
      lines.length = 0;
    },
    api: makeApiClient(environment.endpoints),
    effectsOn: (text) => environment.resourceManager.requests().filter((request) => isEffectOn(request, text)),
    stop: async () => {
      await environment.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function copyPolicies(
  directory: string,
  change: RunningOptions['policies'] = (text) => text,
  register: RunningOptions['registers'] = async () => undefined,
): Promise<string> {
  const copy = join(directory, 'policy');
  await cp(fileURLToPath(new URL('../../infra/policy', import.meta.url)), copy, { recursive: true });
  const path = join(copy, 'agents.cedar');
  await writeFile(path, change(await readFile(path, 'utf8')));
  await register(copy);
  return copy;
}

import { mkdir } from 'node:fs/promises';
import { portOf } from '../../infra/local/choose-ports.ts';
import { type Environment, startEnvironment } from '../../infra/local/environment.ts';
import { type ApiClient, makeApiClient } from '../support/api-client.ts';
import { policyWithoutLimits } from '../support/policy-without-limits.ts';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';

export type BenchEnvironment = Environment & {
  readonly api: ApiClient;
  /** Between the functions and the storage, in that order: tables, blobs. Absent unless it was asked to count. */
  readonly proxies: readonly CountingProxy[];
};

export type BenchEnvironmentOptions = {
  readonly directory: string;
  /** The functions as they are shipped. */
  readonly entry: string;
  /** `edge` takes requests and lets nobody work on them, as the edge's function app does. */
  readonly role: 'all' | 'edge';
  /** Whether what is asked of the storage is counted, which costs a hop. */
  readonly counts: boolean;
  /** Whether agents have the limits that are shipped; a measurement asks for more than they allow. */
  readonly limits: boolean;
  /** A module of this folder that the functions host loads before anything else. */
  readonly preload?: string;
  readonly onLine?: (line: string) => void;
};

/** Everything on loopback with the stand-ins that `npm start` uses and the functions as they are shipped; what is stored is in memory. */
export async function startBenchEnvironment(options: BenchEnvironmentOptions): Promise<BenchEnvironment> {
  const { directory, entry, role, counts, limits, preload, onLine } = options;
  const proxies: CountingProxy[] = [];
  const stopProxies = async (): Promise<void> => {
    await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
  };
  try {
    await mkdir(directory, { recursive: true });
    const environment = await startEnvironment({
      directory,
      ports: 'free',
      entry,
      withTeamsPages: false,
      storageData: 'memory',
      settings: { COUNTERSIGN_ROLE: role },
      changeSettings: async ({ STORAGE = '', NODE_OPTIONS = '' }) => ({
        ...(counts ? { STORAGE: await through(STORAGE, proxies) } : {}),
        ...(preload === undefined ? {} : { NODE_OPTIONS: `${NODE_OPTIONS} --import=${new URL(preload, import.meta.url).href}` }),
      }),
      ...(limits ? {} : { policy: await policyWithoutLimits(directory) }),
      ...(onLine === undefined ? {} : { onLine }),
    });
    return {
      ...environment,
      get host() {
        return environment.host;
      },
      get resourceManager() {
        return environment.resourceManager;
      },
      api: makeApiClient(environment.endpoints),
      proxies,
      stop: async () => {
        await environment.stop();
        await stopProxies();
      },
    };
  } catch (error) {
    await stopProxies();
    throw error;
  }
}

/** The connection string with the proxies in front of the endpoints. */
async function through(connectionString: string, proxies: CountingProxy[]): Promise<string> {
  let changed = connectionString;
  for (const service of ['table', 'blob'] as const) {
    const name = service === 'table' ? 'TableEndpoint' : 'BlobEndpoint';
    const endpoint = new RegExp(`${name}=(http://127\\.0\\.0\\.1:\\d+)`).exec(connectionString)?.[1];
    if (endpoint === undefined) throw new Error(`The connection string has no ${name}.`);
    const proxy = await startCountingProxy(portOf(endpoint), service);
    proxies.push(proxy);
    changed = changed.replace(`${name}=${endpoint}`, `${name}=${proxy.address}`);
  }
  return changed;
}

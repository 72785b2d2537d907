import { fileURLToPath } from 'node:url';
import { type FunctionsHost, startFunctionsHost } from '../../../../infra/local/functions-host/start.ts';

export const fixtureEntry = fileURLToPath(new URL('fixture-entry.ts', import.meta.url));

/** The fixture without Service Bus: its queue functions switched off. */
export const withoutQueues = {
  'AzureWebJobs.execute-operation.Disabled': 'true',
  'AzureWebJobs.bury-operation.Disabled': 'true',
  'AzureWebJobs.check-operation.Disabled': '1',
  MEASURE_SCHEDULE: '0 0 0 1 1 *',
};

export type FixtureHost = FunctionsHost & {
  /** Everything the host wrote. */
  readonly lines: readonly string[];
  /** The first line, written or still to come, that holds all of the pieces. */
  readonly line: (...pieces: readonly string[]) => Promise<string>;
};

/** Starts the fixture, or another entry, and keeps what it writes. */
export async function startFixture(
  env: Readonly<Record<string, string>>,
  entry = fixtureEntry,
  options: { readonly port?: number; readonly drainMs?: number; readonly onLine?: (line: string) => void } = {},
): Promise<FixtureHost> {
  const lines: string[] = [];
  const waiters = new Set<() => void>();
  const host = await startFunctionsHost({
    port: 0,
    ...options,
    entry,
    env,
    onLine: (line) => {
      lines.push(line);
      options.onLine?.(line);
      for (const look of waiters) {
        look();
      }
    },
  });
  const line = (...pieces: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = lines.find((candidate) => pieces.every((piece) => candidate.includes(piece)));
        if (found !== undefined) {
          waiters.delete(look);
          resolve(found);
        }
      };
      waiters.add(look);
      look();
    });
  return { ...host, lines, line };
}

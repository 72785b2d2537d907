import { portOf } from '../../infra/local/choose-ports.ts';
import { type FunctionsHost, type FunctionsHostOptions, startFunctionsHost } from '../../infra/local/functions-host/start.ts';

/** A functions host that can die at any time and comes back at its address. */
export type ChaosHost = {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly isUp: () => boolean;
  readonly kills: () => number;
  /** SIGKILL, and a new process; resolves when it listens. */
  readonly killAndRestart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Hosts take what is under way with them when they are stopped, since they are stopped when the run is over. */
const drainMs = 2_000;
/** A host that starts while Service Bus is away waits until it is back. */
const startTimeoutMs = 150_000;
const mostStarts = 3;

export async function startChaosHost(options: FunctionsHostOptions): Promise<ChaosHost> {
  let current: FunctionsHost | undefined = await startFunctionsHost({ ...options, startTimeoutMs, drainMs });
  const { address } = current;
  let kills = 0;
  let restart: Promise<void> | undefined;
  const killAndRestart = async (): Promise<void> => {
    const victim = current;
    if (victim === undefined) return;
    current = undefined;
    kills += 1;
    await victim.kill();
    current = await startAgain({ ...options, port: portOf(address), startTimeoutMs, drainMs });
  };
  return {
    address,
    isUp: () => current !== undefined,
    kills: () => kills,
    killAndRestart: () => {
      restart = killAndRestart();
      return restart;
    },
    stop: async () => {
      await restart?.catch(() => undefined);
      await current?.stop();
    },
  };
}

async function startAgain(options: FunctionsHostOptions): Promise<FunctionsHost> {
  for (let start = 1; ; start += 1) {
    try {
      return await startFunctionsHost(options);
    } catch (error) {
      if (start === mostStarts) throw error;
    }
  }
}

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
  /** Lets what is under way end, and ends the process. */
  readonly takeDown: () => Promise<void>;
  /** A new process with these settings; resolves when it listens. */
  readonly bringUp: (env: Readonly<Record<string, string>>) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Hosts take what is under way with them when they are stopped, since they are stopped when the run is over. */
const drainMs = 2_000;
/** A host that starts while Service Bus is away waits until it is back. */
const startTimeoutMs = 150_000;
const mostStarts = 3;

export async function startChaosHost(options: FunctionsHostOptions): Promise<ChaosHost> {
  let current: FunctionsHost | undefined = await startFunctionsHost({ ...options, startTimeoutMs, drainMs });
  let { env } = options;
  const { address } = current;
  let kills = 0;
  let turn: Promise<void> = Promise.resolve();
  /** Who kills it and who deploys anew wait for each other. */
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    turn = turn.catch(() => undefined).then(act);
    return turn;
  };
  const take = (): FunctionsHost | undefined => {
    const taken = current;
    current = undefined;
    return taken;
  };
  const start = async (): Promise<void> => {
    current = await startAgain({ ...options, env, port: portOf(address), startTimeoutMs, drainMs });
  };
  const killAndRestart = async (): Promise<void> => {
    const victim = take();
    if (victim === undefined) return;
    kills += 1;
    await victim.kill();
    await start();
  };
  return {
    address,
    isUp: () => current !== undefined,
    kills: () => kills,
    killAndRestart: () => inTurn(killAndRestart),
    takeDown: () => inTurn(async () => await take()?.stop()),
    bringUp: (next) =>
      inTurn(async () => {
        env = next;
        await start();
      }),
    stop: async () => {
      await turn.catch(() => undefined);
      await take()?.stop();
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

import type { ChaosEnvironment } from './chaos-environment.ts';
import { makeDice } from './random-choice.ts';

export type Disturbance = {
  readonly kills: () => number;
  readonly jumps: () => number;
  /** Ends it, but for long-running operations of Azure that stand still; resolves when every host is up again. */
  readonly stop: () => Promise<void>;
};

export type DisturbanceOptions = {
  readonly environment: ChaosEnvironment;
  readonly seed: number;
  readonly kills: boolean;
  readonly faults: boolean;
  /** How much agents and people were answered so far: on a slow machine, too, something happens between one blow and the next. */
  readonly answered: () => number;
};

/** How long after one blow, by the machine's clock, comes the next, and how much must have been answered meanwhile. */
type Pace = { readonly least: number; readonly most: number; readonly answers: number };

const killEvery: Pace = { least: 4_000, most: 15_000, answers: 60 };
/** Longer than a lease and than a lock: whoever is at work when it jumps has been held up for too long. */
const jumpMs = 6 * 60_000;
const jumpEvery: Pace = { least: 15_000, most: 40_000, answers: 120 };
/** A little longer than a lock: what a dead host had taken comes again. Who is still at work on something has it taken away and finds somebody else at it. */
const shortJumpMs = 62_000;
const shortJumpEvery: Pace = { least: 4_000, most: 9_000, answers: 30 };
const lookEveryMs = 250;

/** Kills hosts, lets the clock jump and lets faults happen until it is stopped. */
export function beginDisturbance({ environment, seed, kills, faults, answered }: DisturbanceOptions): Disturbance {
  const { hosts, clock, tables, bus, resourceManager, keyVault } = environment;
  const stopped = Promise.withResolvers<void>();
  let isStopped = false;
  let jumps = 0;
  const pause = async (durationMs: number): Promise<void> => {
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, durationMs);
    await Promise.race([over.promise, stopped.promise]);
    clearTimeout(timer);
  };
  const every = async (purpose: string, { least, most, answers }: Pace, act: (draw: () => number) => Promise<void>) => {
    const dice = makeDice(seed, purpose);
    while (!isStopped) {
      const enough = answered() + answers;
      await pause(dice.between(least, most));
      while (!isStopped && answered() < enough) await pause(lookEveryMs);
      if (!isStopped) await act(dice.draw);
    }
  };
  const jump = (durationMs: number): void => {
    clock.jump(durationMs);
    jumps += 1;
  };
  let failure: unknown;
  const under = [
    ...(kills ? [every('kills', killEvery, async (draw) => await hosts[Math.floor(draw() * hosts.length)]?.killAndRestart())] : []),
    ...(kills || faults
      ? [every('jumps', jumpEvery, async () => jump(jumpMs)), every('short jumps', shortJumpEvery, async () => jump(shortJumpMs))]
      : []),
  ].map((disturbing) =>
    disturbing.catch((error: unknown) => {
      failure ??= error;
    }),
  );
  if (faults) {
    tables.setRates({ refusedConnection: 0.01, unavailable: 0.01, serverError: 0.01, resetAfterEffect: 0.015, slowAnswer: 0.02 });
    bus.faults.randomly({
      seed,
      rates: {
        dropConnection: 0.0003,
        sendRefused: 0.005,
        sendAcceptedButConnectionLost: 0.001,
        duplicateDelivery: 0.02,
        slowDelivery: 0.01,
        loseSettlement: 0.002,
        settledButConnectionLost: 0.0005,
        outage: 0.0001,
      },
    });
    resourceManager.faults.randomly({
      seed,
      rates: {
        throttle: 0.02,
        unavailable: 0.02,
        resetBeforeEffect: 0.02,
        slowBeforeEffect: 0.01,
        failLongRunning: 0.05,
        stallLongRunning: 0.03,
        forgetOperation: 0.05,
        lostPollingAddress: 0.01,
        resetAfterEffect: 0.03,
        slow: 0.02,
        truncatedBody: 0.01,
        notJson: 0.01,
      },
    });
  }
  if (faults) {
    keyVault.faults.randomly({
      seed: seed + 1,
      rates: {
        throttle: 0.03,
        unavailable: 0.03,
        resetBeforeEffect: 0.03,
        slowBeforeEffect: 0.01,
        resetAfterEffect: 0.08,
        slow: 0.02,
        truncatedBody: 0.02,
        notJson: 0.02,
      },
    });
  }
  return {
    kills: () => hosts.reduce((sum, host) => sum + host.kills(), 0),
    jumps: () => jumps,
    stop: async () => {
      isStopped = true;
      stopped.resolve();
      tables.setRates({});
      bus.faults.clear();
      resourceManager.faults.letGo();
      keyVault.faults.clear();
      await Promise.all(under);
      if (failure !== undefined) throw failure;
    },
  };
}

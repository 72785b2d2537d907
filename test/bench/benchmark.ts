import type { BenchEnvironment, BenchEnvironmentOptions } from './bench-environment.ts';
import type { Row } from './rows.ts';

/** What benchmarks share in one run. */
export type BenchWorld = {
  /** An empty directory that is removed after the run; inside the project, so that a functions host finds `host.json` above it. */
  readonly directory: string;
  /** Path of the bundle that a deployment would run, built for this run. */
  readonly bundle: () => Promise<string>;
  /** Tells of what is under way, on standard error. */
  readonly progress: (text: string) => void;
  readonly size: RunSize;
  /** Brings up an environment of its own for the benchmark and takes it down after it. */
  readonly withEnvironment: <Result>(options: EnvironmentNeeds, use: (environment: BenchEnvironment) => Promise<Result>) => Promise<Result>;
};

export type EnvironmentNeeds = Pick<BenchEnvironmentOptions, 'role'> &
  Partial<Pick<BenchEnvironmentOptions, 'counts' | 'limits' | 'onLine' | 'preload'>>;

/** `quick` is for trying whether everything works: its figures mean little. `full` includes what takes far more than ten minutes. */
export const runSizes = ['quick', 'usual', 'full'] as const;
export type RunSize = (typeof runSizes)[number];

export type Benchmark = {
  readonly name: string;
  /** One line for the help. */
  readonly about: string;
  /** Rejects where what is measured does not work. */
  readonly run: (world: BenchWorld) => Promise<readonly Row[]>;
};

import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** On what was measured, and of which state of the sources. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly platform: string;
  readonly commit: string;
  /** Processes that wanted to run, over the minute before: above the number of cores, something else runs here. */
  readonly load: number;
  readonly date: string;
};

export function describeMachine(now: Date): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    commit: commitOf(fileURLToPath(new URL('../..', import.meta.url))),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    date: now.toISOString().slice(0, 10),
  };
}

export function machineText({ cpu, cores, memoryGb, node, platform, commit, load, date }: Machine): string {
  return `${date}, ${cores} cores of ${cpu}, ${memoryGb} GB, ${platform}, Node ${node.slice(1)}, commit ${commit}, load ${load} at the start`;
}

/** Sources that were unpacked without their history have no commit. */
function commitOf(directory: string): string {
  try {
    const git = (...args: readonly string[]): string =>
      execFileSync('git', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return `${git('rev-parse', '--short', 'HEAD').trim()}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}

import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installShiftedClock } from './shifted-clock.ts';

export type ChaosClock = {
  /** Where the hosts read how far ahead it is; see follow-clock.ts. */
  readonly path: string;
  /** The clock of this process and of everything in it jumps; the hosts follow a moment later. */
  readonly jump: (durationMs: number) => void;
  readonly aheadMs: () => number;
};

/** The one clock of a run. Deadlines of hours come at once, without any setting that would make them shorter than they are. */
export function startChaosClock(directory: string): ChaosClock {
  const path = join(directory, 'clock');
  let offsetMs = 0;
  const write = (): void => {
    writeFileSync(`${path}.next`, String(offsetMs));
    renameSync(`${path}.next`, path);
  };
  write();
  installShiftedClock(() => offsetMs);
  return {
    path,
    aheadMs: () => offsetMs,
    jump: (durationMs) => {
      offsetMs += Math.ceil(durationMs);
      write();
    },
  };
}

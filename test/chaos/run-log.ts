import { closeSync, openSync, writeSync } from 'node:fs';

export type RunLog = {
  /** A line that a host wrote. */
  readonly line: (host: number, line: string) => void;
  /** How far the run is; the last one stays on the terminal, an empty one ends the line. */
  readonly progress: (text: string) => void;
  readonly close: () => void;
};

/** So often progress is told where nobody watches a terminal. */
const tellEveryMs = 10_000;

/** Progress goes to the standard error output; what the hosts write goes to the file, or nowhere where there is none. */
export function openRunLog(path: string | undefined): RunLog {
  const file = path === undefined ? undefined : openSync(path, 'w');
  const startedAt = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    line: (host, line) => {
      if (file !== undefined) writeSync(file, `host ${host}: ${line}\n`);
    },
    progress: (text) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      if (process.stderr.isTTY) process.stderr.write(`\r[2K${text === '' ? '' : `${seconds} s: ${text}`}`);
      else if (text !== '' && performance.now() - toldAt > tellEveryMs) {
        process.stderr.write(`${seconds} s: ${text}\n`);
        toldAt = performance.now();
      }
    },
    close: () => {
      if (file !== undefined) closeSync(file);
    },
  };
}

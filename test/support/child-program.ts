import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../../infra/local/compile-cache.ts';

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** A program of this project that runs on as a process of its own. */
export type ChildProgram = {
  readonly pid: number;
  /** Resolves with the lines so far, once one is exactly this; rejects where the program ends before. */
  readonly waitForLine: (line: string) => Promise<readonly string[]>;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
};

/** Starts a program of this project, named as `infra/local/start.ts`, with the node that runs the tests. */
export function startProgram(path: string, ...args: readonly string[]): ChildProgram {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../../${path}`, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...compileCache, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
  });
  const lines: string[] = [];
  let err = '';
  const changed = new EventTarget();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    changed.dispatchEvent(new Event('line'));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then((): Ended => ({ code: child.exitCode, out: lines.join('\n'), err }));
  return {
    pid: child.pid ?? 0,
    waitForLine: async (line) => {
      const early = ended.then(({ code }) => Promise.reject(new Error(`${path} ended with ${code}: ${err}`)));
      early.catch(() => undefined);
      while (!lines.includes(line))
        await Promise.race([early, new Promise((resolve) => changed.addEventListener('line', resolve, { once: true }))]);
      return [...lines];
    },
    signal: (signal) => child.kill(signal),
    ended,
  };
}

/** Runs a program to its end. */
export async function runProgram(path: string, ...args: readonly string[]): Promise<Ended> {
  return await startProgram(path, ...args).ended;
}

/** Process ids of everything that a process started, and that these started. */
export function descendantsOf(pid: number): readonly number[] {
  const children = processTable()
    .filter(({ parent }) => parent === pid)
    .map((entry) => entry.pid);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

export function isRunning(pid: number): boolean {
  return processTable().some((entry) => entry.pid === pid);
}

type Entry = { readonly pid: number; readonly parent: number };

/** Zombies count as gone: they only wait to be counted. */
function processTable(): readonly Entry[] {
  return existsSync('/proc/self/stat') ? linuxTable() : psTable();
}

function linuxTable(): readonly Entry[] {
  return readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? readStat(`/proc/${name}/stat`) : undefined;
    const [, state, parent] = /\) ([A-Za-z]) (\d+) /.exec(stat ?? '') ?? [];
    return parent === undefined || state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent) }];
  });
}

/** A process may end while the table is read. */
function readStat(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function psTable(): readonly Entry[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, state] = /^\s*(\d+)\s+(\d+)\s+(\S)/.exec(line) ?? [];
    return pid === undefined || state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent) }];
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { compileCache } from '../compile-cache.ts';

export type FunctionsHostOptions = {
  /** Path of the module that registers the functions. */
  readonly entry: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** The app settings: the whole environment of the host, but for where it keeps what it compiled. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether timers run here; they do unless told otherwise. Of several hosts of one app only one should run them. */
  readonly timers?: boolean;
  /** Gets every line that the host and its functions write. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** How long to wait for `listening`; 60 seconds unless given. */
  readonly startTimeoutMs?: number;
  /** How long `stop` waits for running invocations; 30 seconds unless given. */
  readonly drainMs?: number;
};

export type FunctionsHost = {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly pid: number;
  /** Names, in the order of registration. */
  readonly functions: readonly string[];
  /** Resolves when the process has ended, however it ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Lets running invocations end, then ends the process. */
  readonly stop: () => Promise<void>;
  /** Ends the process at once, as a crash does. */
  readonly kill: () => Promise<void>;
};

const listening = z.object({ event: z.literal('listening'), port: z.number(), functions: z.array(z.string()) });

const mainPath = fileURLToPath(new URL('main.ts', import.meta.url));
const tailLines = 40;
/** What a stop takes at most beyond waiting for running invocations. */
const closingMs = 10_000;

/**
 * Starts the functions host as a process of its own and waits until it listens. Rejects, with the end of what the process wrote to
 * stderr, when it ends before that or takes too long. The process ends with this one, however this one ends.
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const { entry, port, env, onLine, timers = true, startTimeoutMs = 60_000, drainMs = 30_000 } = options;
  const programArguments = ['--entry', entry, '--port', String(port), '--drain-ms', String(drainMs), ...(timers ? [] : ['--no-timers'])];
  const child = spawn(process.execPath, [mainPath, ...programArguments], {
    env: { ...env, ...compileCache },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = exitOf(child);
  const tail: string[] = [];
  const announced = Promise.withResolvers<z.infer<typeof listening>>();
  const closed = [
    readLines(child.stdout, (line) => {
      onLine?.(line, 'stdout');
      const event = asListening(line);
      if (event !== undefined) {
        announced.resolve(event);
      }
    }),
    readLines(child.stderr, (line) => {
      onLine?.(line, 'stderr');
      tail.push(line);
      tail.splice(0, tail.length - tailLines);
    }),
  ];
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const failure = (reason: string): Error => new Error([`The functions host ${reason}.`, ...tail].join('\n'));

  const timer = setTimeout(() => announced.reject(failure('did not listen in time')), startTimeoutMs);
  exited.then(() => Promise.all(closed)).then(() => announced.reject(failure('ended before it listened')), announced.reject);
  try {
    const event = await announced.promise;
    return {
      address: `http://127.0.0.1:${event.port}`,
      pid: child.pid ?? 0,
      functions: event.functions,
      exited,
      stop: () => stop(child, exited, drainMs + closingMs),
      kill,
    };
  } catch (error) {
    await kill();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function stop(child: ChildProcess, exited: FunctionsHost['exited'], timeoutMs: number): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await exited;
  clearTimeout(timer);
}

function exitOf(child: ChildProcess): FunctionsHost['exited'] {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

async function readLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (stream === null) {
    return;
  }
  const lines = createInterface({ input: stream });
  lines.on('line', onLine);
  await once(lines, 'close');
}

function asListening(line: string): z.infer<typeof listening> | undefined {
  if (!line.startsWith('{"event":"listening"')) {
    return undefined;
  }
  const parsed = listening.safeParse(parseJson(line));
  return parsed.success ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

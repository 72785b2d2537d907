import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HostFailure } from './failure.ts';
import { type Host, type HostOptions, startHost } from './host.ts';
import { announce, logFailure } from './log.ts';

const usage = 'Usage: main.ts --entry MODULE [--port PORT] [--drain-ms MILLISECONDS] [--no-timers]';

let host: Host | undefined;
let drainMs = 0;
let stopping = false;

function readArguments(): HostOptions & { readonly drainMs: number } {
  const options = {
    entry: { type: 'string' },
    port: { type: 'string', default: '7071' },
    'drain-ms': { type: 'string', default: '30000' },
    'no-timers': { type: 'boolean', default: false },
  } as const;
  const { entry, port, 'drain-ms': drain, 'no-timers': noTimers } = parseArgs({ options }).values;
  if (entry === undefined || !/^\d{1,5}$/.test(port) || !/^\d{1,7}$/.test(drain)) {
    throw new HostFailure('invalidArguments', usage);
  }
  return { entryPath: resolve(entry), port: Number(port), env: process.env, timers: !noTimers, drainMs: Number(drain) };
}

/** The text is for the developer who starts the host: the cause is what the entry threw at load, before any request came. */
function failToStart(error: unknown): never {
  const text = error instanceof HostFailure ? error.message : 'The functions host failed to start.';
  const cause = error instanceof HostFailure ? error.cause : error;
  process.stderr.write(`${text}\n`);
  if (cause !== undefined) {
    process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
  }
  process.exit(1);
}

async function stop(): Promise<void> {
  if (stopping) {
    return;
  }
  stopping = true;
  try {
    await host?.stop(drainMs);
  } catch (error) {
    logFailure('The host did not stop cleanly.', error);
    process.exit(1);
  }
  process.exit(0);
}

/** A stray promise or callback of a handler must not end the invocations beside it. */
function survive(error: unknown): void {
  if (host === undefined) {
    failToStart(error);
  }
  logFailure('An error escaped from a function.', error);
}

// Node has read it by now; the functions see exactly their settings.
delete process.env['NODE_COMPILE_CACHE'];
process.on('uncaughtException', survive);
process.on('unhandledRejection', survive);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// The channel to the parent closes when the parent is gone, however it went.
process.on('disconnect', stop);
// With the parent gone nobody reads these pipes, and writing to them must not be an error to report on them.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

try {
  const options = readArguments();
  drainMs = options.drainMs;
  host = await startHost(options);
  await host.ready;
  announce('listening', { port: host.port, functions: host.functions });
} catch (error) {
  failToStart(error);
}

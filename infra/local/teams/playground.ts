import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../compile-cache.ts';
import { ensurePrivateDirectory, writePrivately } from '../private-files.ts';
import type { TeamsUser } from './conversation.ts';
import { playgroundConfig } from './playground-config.ts';

export type PlaygroundOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Configuration and log of this Playground. */
  readonly directory: string;
  /** Whose page it is. */
  readonly owner: TeamsUser;
  /** Where it delivers activities; holds a secret, so it travels by the environment and never on the command line. */
  readonly endpoint: string;
  /** What activities name as their service URL. */
  readonly serviceUrl: string;
};

export type Playground = {
  readonly owner: TeamsUser;
  /** Of the page. */
  readonly address: string;
  /** Of its connector API, which checks nothing: only the signing proxy calls it. */
  readonly connector: string;
  readonly stop: () => Promise<void>;
};

/** Starts the Microsoft 365 Agents Playground as a child process, bound to loopback, and resolves when it listens. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  ensurePrivateDirectory(options.directory);
  const configPath = join(options.directory, '.m365agentsplayground.yml');
  writePrivately(configPath, playgroundConfig(options.owner));
  const child = spawn(process.execPath, [...argumentsOf(options)], {
    cwd: options.directory,
    env: {
      ...compileCache,
      BOT_ENDPOINT: options.endpoint,
      M365_AGENTS_PLAYGROUND_CONFIG_PATH: configPath,
      M365_AGENTS_PLAYGROUND_LOGFILE: join(options.directory, 'playground.log'),
      TEAMSAPPTESTER_BROWSER: 'none',
      BROWSER: 'none',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  try {
    const port = await listeningPort(child);
    // A port that is taken makes the Playground move to another one without a word.
    if (options.port !== 0 && port !== options.port) throw new Error(`The Playground's port ${options.port} is taken.`);
    const address = `http://127.0.0.1:${port}`;
    return { owner: options.owner, address, connector: `${address}/_connector`, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

function argumentsOf({ port, serviceUrl }: PlaygroundOptions): readonly string[] {
  const preload = new URL('./playground-preload.ts', import.meta.url).href;
  const cli = createRequire(fileURLToPath(import.meta.url)).resolve('@microsoft/m365agentsplayground/cli.js');
  const settings = ['--channel-id', 'msteams', '--port', String(port), '--service-url', serviceUrl, '--disable-telemetry'];
  return ['--import', preload, cli, 'start', ...settings];
}

/** Reads `Listening on PORT`, the only line that the Playground prints where there is no terminal. */
async function listeningPort(child: ChildProcess): Promise<number> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('The Playground was started without pipes.');
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  for await (const line of createInterface(stdout)) {
    const port = /^Listening on (\d+)$/.exec(line)?.[1];
    if (port !== undefined) {
      stdout.resume();
      return Number(port);
    }
  }
  throw new Error(`The Playground did not start. ${complaint}`);
}

const graceMs = 5_000;

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(impatience);
}

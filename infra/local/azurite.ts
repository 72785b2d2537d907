import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { compileCache } from './compile-cache.ts';
import { ensurePrivateDirectory, readIfPresent, writePrivately } from './private-files.ts';

export type AzuriteOptions = {
  /** Where the account's key is kept, and the data unless they are in memory. */
  readonly directory: string;
  /** `memory` loses the data at the end, and does not write them all anew to disk every five seconds. */
  readonly data?: 'disk' | 'memory';
  /** Absent or 0: a free port. */
  readonly ports?: { readonly blob?: number; readonly table?: number; readonly queue?: number };
};

export type Azurite = {
  /** With the account's key: not for logs. */
  readonly connectionString: string;
  readonly accountName: string;
  readonly accountKey: string;
  /** `http://127.0.0.1:PORT/ACCOUNT` */
  readonly tableEndpoint: string;
  readonly blobEndpoint: string;
  readonly pid: number;
  /** Ends it by SIGTERM, upon which it writes its last seconds to disk, and waits until it is gone. */
  stop(): Promise<void>;
};

/** The queue service is started because Azurite's one process always does; nothing uses it. */
const services = ['Blob', 'Queue', 'Table'] as const;
type Service = (typeof services)[number];
type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const listening = /^Azurite (Blob|Queue|Table) service is successfully listening at (http:\/\/127\.0\.0\.1:\d{1,5})$/;
const account = z.strictObject({ name: z.string().regex(/^[a-z0-9]{3,24}$/), key: z.base64() });

/**
 * Starts Azurite, the emulator of Blob and Table Storage, on 127.0.0.1 with an account of this directory's own instead of the well-known one.
 * Rejects with the end of its error output where it does not come up. It ends when this process ends.
 */
export async function startAzurite({ directory, data = 'disk', ports = {} }: AzuriteOptions): Promise<Azurite> {
  ensurePrivateDirectory(directory);
  const { name, key } = ensureAccount(directory);
  const kept = data === 'memory' ? ['--inMemoryPersistence'] : ['--location', join(directory, 'data')];
  const child = spawnAzurite(kept, ports, `${name}:${key}`);
  const addresses = await addressesOf(child);
  const blobEndpoint = `${addresses.Blob}/${name}`;
  const tableEndpoint = `${addresses.Table}/${name}`;
  const endpoints = `BlobEndpoint=${blobEndpoint};TableEndpoint=${tableEndpoint};`;
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${name};AccountKey=${key};${endpoints}`,
    accountName: name,
    accountKey: key,
    tableEndpoint,
    blobEndpoint,
    pid: child.pid ?? 0,
    stop: () => stop(child),
  };
}

function ensureAccount(directory: string): z.output<typeof account> {
  const path = join(directory, 'account.json');
  const kept = readIfPresent(path);
  if (kept !== undefined) return account.parse(JSON.parse(kept));
  const made = { name: `countersign${randomBytes(4).toString('hex')}`, key: randomBytes(64).toString('base64') };
  writePrivately(path, JSON.stringify(made));
  return made;
}

function spawnAzurite(kept: readonly string[], ports: NonNullable<AzuriteOptions['ports']>, accounts: string): Child {
  const preloaded = ['./exit-with-parent.ts', './azurite-partitions.ts'].flatMap((name) => [
    '--import',
    fileURLToPath(new URL(name, import.meta.url)),
  ]);
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const where = services.flatMap((service) => {
    const option = service.toLowerCase();
    const port = { Blob: ports.blob, Queue: ports.queue, Table: ports.table }[service] ?? 0;
    return [`--${option}Host`, '127.0.0.1', `--${option}Port`, String(port)];
  });
  const how = ['--silent', '--skipApiVersionCheck', '--disableTelemetry', ...kept];
  return spawn(process.execPath, [...preloaded, program, ...how, ...where], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...compileCache, AZURITE_ACCOUNTS: accounts },
  });
}

/** The address of each service, once all of them listen. */
async function addressesOf(child: Child): Promise<Record<Service, string>> {
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  const found = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [, service, address] = listening.exec(line) ?? [];
    if (service !== undefined && address !== undefined) found.set(service, address);
    const [Blob, Queue, Table] = services.map((name) => found.get(name));
    if (Blob === undefined || Queue === undefined || Table === undefined) continue;
    child.stdout.resume();
    return { Blob, Queue, Table };
  }
  await stop(child);
  throw new Error(`Azurite did not start: ${errors.trim()}`);
}

async function stop(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

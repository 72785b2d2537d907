import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { startFunctionsHost } from '../../../infra/local/functions-host/start.ts';
import { fixtureEntry, startFixture, withoutQueues } from './functions-host/fixture-host.ts';
import { until } from './functions-host/until.ts';

const directories: string[] = [];

afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true })));
});

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'functions-host-'));
  directories.push(directory);
  return directory;
}

/** An app of its own in an empty folder; the library is found because the folder has a link to it. */
async function writeApp(source: string, hostJson = '{ "version": "2.0" }'): Promise<string> {
  const directory = await makeDirectory();
  const entry = join(directory, 'index.mjs');
  const library = fileURLToPath(import.meta.resolve('@azure/functions'));
  await writeFile(join(directory, 'host.json'), hostJson);
  await writeFile(entry, `import functions from ${JSON.stringify(library)};\nconst { app } = functions;\n${source}`);
  return entry;
}

const http = "app.http('hello', { authLevel: 'anonymous', handler: () => ({ body: 'hello' }) });";

describe('a host that does not start', () => {
  const start = (entry: string, env: Readonly<Record<string, string>> = {}) => startFunctionsHost({ entry, port: 0, env });

  it.each([
    ['the entry throws', "throw new Error('no issuer is configured');", /no issuer is configured/],
    ['the entry throws later', "setImmediate(() => { throw new Error('thrown late'); }); await new Promise(() => {});", /thrown late/],
    ['nothing is registered', '', /registered no functions/],
    ['a function is registered twice', `${http}\n${http}`, /"hello" has already been registered/],
    [
      'a function wants a key, which this host has none of',
      "app.http('keyed', { authLevel: 'function', handler: () => ({}) });",
      /"keyed"/,
    ],
    ["a route is the host's own", "app.http('own', { route: 'admin/x', authLevel: 'anonymous', handler: () => ({}) });", /"admin\/x"/],
    ['a route cannot be read', "app.http('odd', { route: 'a-{b}', authLevel: 'anonymous', handler: () => ({}) });", /a-\{b\}/],
    ['a schedule cannot be read', "app.timer('odd', { schedule: '0 0 9-17 * * *', handler: () => {} });", /9-17/],
    ['a trigger is of another kind', "app.storageQueue('blobs', { queueName: 'q', connection: 'C', handler: () => {} });", /"blobs"/],
    [
      'a connection is not set',
      "app.serviceBusQueue('q', { queueName: 'q', connection: 'NO_SUCH', handler: () => {} });",
      /"NO_SUCH" or "NO_SUCH__fullyQualifiedNamespace" is missing/,
    ],
    [
      'a name in a queue name is not set',
      "app.serviceBusQueue('q', { queueName: '%NO_QUEUE%', connection: 'SB', handler: () => {} });",
      /"NO_QUEUE" is missing/,
    ],
  ])('because %s', async (_, source, message) => {
    await expect(start(await writeApp(source))).rejects.toThrow(message);
  });

  it('because a connection cannot be used, and does not say what it holds', async () => {
    const entry = await writeApp("app.serviceBusQueue('q', { queueName: 'q', connection: 'SB', handler: () => {} });");
    const failure = start(entry, { SB: 'Endpoint=nonsense;SharedAccessKey=secret-key' });
    await expect(failure).rejects.toThrow(/the setting "SB" is not a Service Bus connection/);
    await expect(failure).rejects.not.toThrow(/secret-key/);
  });

  it('because host.json is wrong', async () => {
    await expect(start(await writeApp(http, '{ "version": "1.0" }'))).rejects.toThrow(/host\.json/);
  });

  it('because the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const entry = await writeApp(http);
    await expect(startFunctionsHost({ entry, port, env: {} })).rejects.toThrow(`Port ${port} cannot be used`);
    taken.close();
  });

  it('in time, and leaves no process behind', async () => {
    const entry = await writeApp(
      `console.log(JSON.stringify({ pid: process.pid }));\nsetInterval(() => {}, 1000);\nawait new Promise(() => {});`,
    );
    let pid = 0;
    const failure = startFunctionsHost({
      entry,
      port: 0,
      env: {},
      startTimeoutMs: 3_000,
      onLine: (line) => {
        pid = JSON.parse(line).pid;
      },
    });
    await expect(failure).rejects.toThrow('did not listen in time');
    await expect.poll(() => isRunning(pid), { timeout: 45_000 }).toBe(false);
  });
});

describe('an entry', () => {
  it('has the default route prefix and its own name for a route', async () => {
    const host = await startFixture({}, await writeApp(http));
    onTestFinished(() => host.stop());
    expect(await (await fetch(`${host.address}/api/hello`)).text()).toBe('hello');
  });

  it.each(['cjs', 'esm'] as const)('may be a bundle (%s)', async (format) => {
    const directory = await makeDirectory();
    const outfile = join(directory, format === 'cjs' ? 'index.cjs' : 'index.mjs');
    await writeFile(join(directory, 'host.json'), '{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }');
    await build({
      entryPoints: [fixtureEntry],
      bundle: true,
      platform: 'node',
      format,
      outfile,
      external: ['@azure/functions-core'],
      banner: format === 'esm' ? { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" } : {},
    });
    const host = await startFixture(withoutQueues, outfile);
    onTestFinished(() => host.stop());
    expect(await (await fetch(`${host.address}/answers/hooked`)).text()).toBe('seen');
  });

  it('gets exactly the settings it is given', async () => {
    const entry = await writeApp(`console.log(JSON.stringify(Object.keys(process.env).sort()));\n${http}`);
    const host = await startFixture({ ONE: '1', TWO: '2' }, entry);
    onTestFinished(() => host.stop());
    expect(JSON.parse(await host.line('"ONE"'))).toEqual(['ONE', 'TWO']);
  });
});

describe('a function that runs for longer than host.json allows', () => {
  it('is answered for with 500', async () => {
    const host = await startFixture({ ...withoutQueues, AzureFunctionsJobHost__functionTimeout: '00:00:01' });
    onTestFinished(() => host.kill());
    expect((await fetch(`${host.address}/wait/for-ever`)).status).toBe(500);
    await host.line('The function failed.', 'FunctionTimeout');
  });
});

describe('stopping', () => {
  it('lets a request under way be answered, takes no other, and runs the terminate hooks', async () => {
    const host = await startFixture(withoutQueues);
    const answer = fetch(`${host.address}/wait/until-stop`);
    await host.line('waiting until-stop');
    const stopped = host.stop();
    expect(await (await answer).text()).toBe('released');
    await stopped;
    expect(await host.exited).toEqual({ code: 0, signal: null });
    expect(host.lines).toContain('hook appTerminate');
    await expect(fetch(`${host.address}/answers/hooked`)).rejects.toThrow();
  });

  it('waits no longer than it is told', async () => {
    const host = await startFixture(withoutQueues, fixtureEntry, { drainMs: 100 });
    const broken = expect(fetch(`${host.address}/wait/for-ever`)).rejects.toThrow();
    await host.line('waiting for-ever');
    await host.stop();
    await broken;
    expect(await host.exited).toEqual({ code: 0, signal: null });
  });

  it('kills at once when told to', async () => {
    const host = await startFixture(withoutQueues);
    await host.kill();
    expect(await host.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(host.lines).not.toContain('hook appTerminate');
  });

  it('comes by itself when the parent is killed', async () => {
    const parent = spawn(process.execPath, [fileURLToPath(new URL('functions-host/orphaned-host.ts', import.meta.url))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const { address, pid } = JSON.parse(line);
    const socket = connect(Number(new URL(address).port), '127.0.0.1').resume();
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    parent.kill('SIGKILL');
    await closed;
    await until(async () => !isRunning(pid));
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

import { existsSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Endpoints, readEndpoints } from '../../infra/local/endpoints.ts';
import { makeApiClient } from '../support/api-client.ts';
import { type ChildProgram, descendantsOf, isRunning, runProgram, startProgram } from '../support/child-program.ts';
import { production, storageAccount, storageVersion } from '../support/running-environment.ts';

const start = 'infra/local/start.ts';
const usualApiPort = 7071;
const removal = { method: 'DELETE', path: storageAccount(production, 'stproddata'), apiVersion: storageVersion };

let directory: string;
let occupied: Server;
let running: ChildProgram | undefined;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-start-'));
  occupied = createServer().listen(usualApiPort, '127.0.0.1');
  // Somebody else may have it already, which is just as well.
  occupied.on('error', () => undefined);
});
afterAll(async () => {
  running?.signal('SIGKILL');
  occupied.close();
  await rm(directory, { recursive: true, force: true });
});

/** Everything that keeps the environment going; it must be gone afterwards. */
async function up(...args: readonly string[]): Promise<{ lines: readonly string[]; processes: readonly number[] }> {
  running = startProgram(start, '--directory', directory, ...args);
  const lines = await running.waitForLine('ready');
  return { lines, processes: descendantsOf(running.pid) };
}

function endpoints(): Endpoints {
  const read = readEndpoints(directory);
  if (read === undefined) throw new Error('There is no complete endpoints.json.');
  return read;
}

async function expectGone(processes: readonly number[]): Promise<void> {
  expect(processes.length).toBeGreaterThanOrEqual(4);
  await expect.poll(() => processes.filter(isRunning), { timeout: 60_000 }).toEqual([]);
}

const asksAuditors =
  '@id("asks") @groups("auditors")\npermit (principal in AgentGroup::"deploy-agents", action == Action::"request", resource);\n';

let waitingId = '';
let address = '';

describe('npm start', { timeout: 120_000 }, () => {
  it('tells what comes up, ends with "ready", and everything that it names answers', async () => {
    const { lines, processes } = await up();
    expect(lines.at(-1)).toBe('ready');
    for (const part of ['certificates', 'identity', 'storage', 'messages', 'Azure Resource Manager', 'Teams', 'functions']) {
      expect(lines.some((line) => line.startsWith(`  ✓ ${part}`))).toBe(true);
    }
    const { api, teams, teamsOfApprover2, identity, issuer, arm, tableStorage, blobStorage, certificateAuthority, credentials, pid } =
      endpoints();
    expect(pid).toBe(running?.pid);
    expect(new URL(api).port).not.toBe(String(usualApiPort));
    const ca = readFileSync(certificateAuthority, 'utf8');
    expect(ca).toContain('BEGIN CERTIFICATE');
    for (const secret of [
      credentials,
      join(directory, 'endpoints.json'),
      join(directory, 'sealing.key'),
      join(directory, 'service-bus.key'),
    ]) {
      expect(statSync(secret).mode & 0o077).toBe(0);
    }
    expect(await (await fetch(`${api}/health`)).text()).toBe('{"status":"up"}');
    expect((await fetch(`${issuer}/.well-known/openid-configuration`)).status).toBe(200);
    for (const url of [teams, teamsOfApprover2]) expect((await fetch(url)).status).toBe(200);
    for (const url of [identity, tableStorage, blobStorage]) expect((await fetch(url)).status).toBeGreaterThanOrEqual(400);
    await expect(fetch(arm)).rejects.toThrow();

    const client = makeApiClient(endpoints());
    const { id } = (await client.submit('deploy-agent', removal)).operation();
    await client.awaitApprovalDigest(id);
    [waitingId, address] = [id, api];

    const second = await runProgram(start, '--directory', directory);
    expect([second.code, second.err]).toEqual([1, expect.stringContaining(`It runs already, as process ${pid}`)]);

    running?.signal('SIGINT');
    expect((await running?.ended)?.code).toBe(0);
    await expectGone(processes);
    expect(existsSync(join(directory, 'endpoints.json'))).toBe(false);
  });

  it('goes on where it stopped: what waited is approved and runs, and the demo plays beside it', async () => {
    const { processes } = await up();
    expect(endpoints().api).toBe(address);
    const client = makeApiClient(endpoints());
    const { decision } = (await client.read('approver-1', waitingId)).operation();
    expect((await client.vote('approver-1', waitingId, 'approve', decision.approval?.digest ?? '')).status).toBe(200);
    await client.awaitStatus(waitingId, 'succeeded');

    const token = await runProgram('infra/local/token.ts', 'auditor', '--directory', directory);
    expect([token.code, token.err]).toEqual([0, '']);
    expect(token.out).toMatch(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/);
    const demo = await runProgram('infra/local/demo.ts', '--directory', directory);
    expect([demo.code, demo.err]).toEqual([0, '']);
    expect(demo.out).toContain('the chain holds');

    const gone = await client.submit('deploy-agent', { ...removal, method: 'GET' }, { prefer: 'wait=20' });
    expect(gone.operation().result?.status).toBe(404);
    running?.signal('SIGTERM');
    expect((await running?.ended)?.code).toBe(0);
    await expectGone(processes);
  });

  it('starts anew with --fresh, touches nothing else in the directory, and leaves nothing behind when it is killed', async () => {
    await writeFile(join(directory, 'notes.txt'), 'not ours');
    const { processes } = await up('--fresh');
    const client = makeApiClient(endpoints());
    expect(JSON.parse((await client.send('auditor', 'GET', '/operations')).text)).toEqual({ value: [] });
    const back = await client.submit('deploy-agent', { ...removal, method: 'GET' }, { prefer: 'wait=20' });
    expect(back.operation().result?.status).toBe(200);
    expect(readFileSync(join(directory, 'notes.txt'), 'utf8')).toBe('not ours');
    running?.signal('SIGKILL');
    await running?.ended;
    await expectGone(processes);
  });
});

describe('policies that are not sound', () => {
  it('stop the start before anything comes up, each with its file, its line and what to do', async () => {
    const policy = join(directory, 'policy');
    await cp('infra/policy', policy, { recursive: true });
    await writeFile(join(policy, 'mine.cedar'), '@id("mine")\nforbid (principal in AgentGroup::"deploy-agent", action, resource);\n');
    await writeFile(join(policy, 'asks.cedar'), asksAuditors);
    const { code, out, err } = await runProgram(start, '--directory', join(directory, 'never'), '--policy', policy);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/mine\.cedar:2: No agent of agents\.json is in AgentGroup::"deploy-agent"\./);
    expect(err).toMatch(/asks\.cedar:1: @groups\("auditors"\) has no "conversation" in groups\.json/);
    expect(err).toMatch(/npm run policy:check -- .*policy" finds nothing, and start again\.\n$/);
    expect(existsSync(join(directory, 'never'))).toBe(false);
  });
});

describe('the commands beside it', () => {
  it('say what they want where they are called wrongly', async () => {
    for (const [program, args] of [
      [start, ['--frseh']],
      [start, ['--directory']],
      [start, ['here']],
      [start, ['--policy']],
      ['infra/local/demo.ts', ['--policy', 'infra/policy']],
      ['infra/local/demo.ts', ['--loud']],
      ['infra/local/token.ts', []],
      ['infra/local/token.ts', ['nobody']],
      ['infra/local/token.ts', ['auditor', 'approver-1']],
    ] as const) {
      const { code, out, err } = await runProgram(program, ...args);
      expect([program, code, out]).toEqual([program, 2, '']);
      expect(err).toMatch(/npm (start|run)/);
    }
  });

  it('say that nothing runs where nothing does', async () => {
    const { code, out, err } = await runProgram('infra/local/token.ts', 'auditor', '--directory', join(directory, 'nowhere'));
    expect([code, out, err]).toEqual([1, '', 'The local environment does not run. Start it with: npm start\n']);
  });

  it('explain themselves', async () => {
    const local = [start, 'infra/local/demo.ts', 'infra/local/token.ts'];
    const tools = ['infra/build.ts', 'infra/policy-tools/policy-check.ts', 'infra/policy-tools/policy-test.ts'];
    for (const program of [...local, ...tools, 'infra/risk-table/write-factor-table.ts']) {
      const { code, out, err } = await runProgram(program, '--help');
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain('npm');
    }
  });
});

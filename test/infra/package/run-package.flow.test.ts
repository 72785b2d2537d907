import { mkdirSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDeployment } from '../../../infra/doctor/local-deployment.ts';
import { writeEndpoints } from '../../../infra/local/endpoints.ts';
import { type Environment, startEnvironment } from '../../../infra/local/environment.ts';
import { startFunctionsHost } from '../../../infra/local/functions-host/start.ts';
import { type LocalAnswer, type LocalRequest, startLoopbackServer } from '../../../infra/local/loopback-server.ts';
import { queueSettings } from '../../../infra/local/own-services.ts';
import { managedIdentities } from '../../../infra/local/seed.ts';
import { makePackage, type Package, unpackPackage } from '../../../infra/package/make-package.ts';
import { entriesOf } from '../../../infra/package/zip-archive.ts';
import { type Ended, runProgram } from '../../support/child-program.ts';
import { billProblems } from './bill-schema.ts';

const policies = join(import.meta.dirname, '../../../infra/policy');

/** Every entry of the package is one of these. */
const wanted = [
  /^LICENSE$/,
  /^LICENCES\.txt$/,
  /^host\.json$/,
  /^package\.json$/,
  /^dist\/[A-Za-z0-9.-]+\.mjs$/,
  /^dist\/[A-Za-z0-9.-]+\.mjs\.LEGAL\.txt$/,
  /^dist\/(cedar_wasm_bg|tree-sitter|tree-sitter-bash|tree-sitter-powershell)\.wasm$/,
  /^infra\/policy\/[a-z]+\.cedar$/,
  /^infra\/policy\/schema\.cedarschema$/,
  /^infra\/policy\/(agents|groups|issuers|limits|grantable-roles)\.json$/,
];

let directory: string;
let made: Package;
let environment: Environment;
let settings: Readonly<Record<string, string>>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-packaged-'));
  made = await makePackage({ policy: policies });
  // Nothing of the project lies above it, so what it needs it has.
  const { entry, policy } = await unpackPackage(made.zip, join(directory, 'app'));
  environment = await startEnvironment({
    directory: join(directory, 'data'),
    ports: 'free',
    entry,
    policy,
    rights: 'perOperation',
    storageData: 'memory',
    withTeamsPages: false,
    changeSettings: async (all) => {
      settings = all;
      return {};
    },
  });
}, 240_000);
afterAll(async () => {
  await environment?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function doctor(...args: readonly string[]): Promise<Ended> {
  const where = args.includes('--directory') ? [] : ['--directory', join(directory, 'data')];
  return await runProgram('infra/doctor/doctor.ts', ...where, ...args);
}

type Told = {
  readonly good: boolean;
  readonly findings: readonly { readonly check: string; readonly subject: string; readonly state: string }[];
};

/** What is not good, of the findings as JSON; a directory among the arguments is another than the environment's. */
async function found(...args: readonly string[]): Promise<{ readonly code: number | null; readonly bad: readonly string[] }> {
  const { code, out } = await doctor('--json', ...args);
  const { findings }: Told = JSON.parse(out);
  return { code, bad: findings.filter(({ state }) => state !== 'good').map(({ check, subject }) => `${check} ${subject}`) };
}

/** A directory that describes the same environment, with its API somewhere else. */
function instead(api: string): string {
  const other = join(directory, 'instead');
  mkdirSync(other, { recursive: true });
  writeEndpoints(other, { ...environment.endpoints, api });
  return other;
}

/** Hands requests on to the functions, with a wrong clock, but takes for itself what comes from Teams. */
async function odd({ method, rawUrl, headers }: LocalRequest): Promise<LocalAnswer> {
  if (method === 'POST') return { status: 200, headers: {}, body: undefined };
  const { authorization } = headers;
  const answer = await fetch(new URL(rawUrl, environment.endpoints.api), { headers: authorization === undefined ? {} : { authorization } });
  const date = new Date(Date.parse(answer.headers.get('date') ?? '') - 600_000).toUTCString();
  return { status: answer.status, headers: { date, 'content-type': 'application/json' }, body: await answer.text() };
}

describe('the package', () => {
  it('has the same bytes when it is made again', async () => {
    const again = await makePackage({ policy: policies });
    expect(again.sha256).toBe(made.sha256);
    expect(Buffer.from(again.zip).equals(Buffer.from(made.zip))).toBe(true);
  });

  it('has what is needed to run, and nothing else', () => {
    const names = Object.keys(entriesOf(made.zip));
    expect(names.filter((name) => !wanted.some((pattern) => pattern.test(name)))).toEqual([]);
    expect(wanted.filter((pattern) => !names.some((name) => pattern.test(name)))).toEqual([]);
    expect(names).toContain('dist/index.mjs');
  });

  it('says what is in it', async () => {
    const bill: { specVersion: string; components: { name: string }[] } = JSON.parse(await made.bill());
    const names = bill.components.map(({ name }) => name);
    expect(bill.specVersion).toBe('1.5');
    for (const name of ['@azure/service-bus', '@cedar-policy/cedar-wasm', '@vscode/tree-sitter-wasm', 'jose', 'zod'])
      expect(names).toContain(name);
    for (const name of ['vitest', 'azurite', 'esbuild', 'fflate']) expect(names).not.toContain(name);
  });

  it('says it as CycloneDX has it', async () => {
    const bill: object = JSON.parse(await made.bill());
    expect(await billProblems({ ...bill, components: [{ name: 'x' }] })).toEqual(["/components/0: must have required property 'type'"]);
    expect(await billProblems(bill)).toEqual([]);
  });

  it('plays the whole story, unpacked where nothing else is', { timeout: 120_000 }, async () => {
    expect((await readdir(join(directory, 'app'))).toSorted()).toEqual([
      'LICENCES.txt',
      'LICENSE',
      'dist',
      'host.json',
      'infra',
      'package.json',
    ]);
    const { code, out, err } = await runProgram('infra/local/demo.ts', '--directory', join(directory, 'data'));
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('the chain holds');
  });
});

describe('npm run doctor', { timeout: 120_000 }, () => {
  it('is green for it', async () => {
    const { code, out, err } = await doctor();
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/All \d+ checks are good\.$/);
  });

  it('finds a table that is gone, a right that nobody deployed, one that was taken away, and other policies', async () => {
    const tables = TableClient.fromConnectionString(environment.storageConnectionString, 'limits', { allowInsecureConnection: true });
    await tables.deleteTable();
    const { resourceManager } = environment;
    resourceManager.withdraw(managedIdentities.reader.principalId);
    expect(await found()).toEqual({ code: 1, bad: ['tables limits', 'rights reader'] });
    resourceManager.changeRights('standing');
    const other = join(directory, 'other');
    await cp(policies, other, { recursive: true });
    await appendFile(join(other, 'agents.cedar'), '// One line more.\n');
    const { code, bad } = await found('--policy', other);
    expect([code, bad]).toEqual([1, ['versions all: policies', 'tables limits', 'rights operator', 'rights secrets', 'rights granter']]);
    resourceManager.changeRights('perOperation');
    await tables.createTable();
    expect(await found()).toEqual({ code: 0, bad: [] });
  });

  it('finds a queue that is gone and one with another lock time, keys that are taken, and a permission that nobody deployed', async () => {
    const [lost, ...others] = queueSettings();
    const queues = others.map((queue) => (queue.name === 'checks' ? { ...queue, lockDurationMs: 300_000 } : queue));
    environment.changeOwn({ queues, account: {}, namespace: { disableLocalAuth: false, minimumTlsVersion: '1.2' } });
    const { principalId } = managedIdentities.directory;
    const { graphPermissions } = environment.identity;
    const deployed = graphPermissions.of(principalId);
    graphPermissions.set(principalId, [...deployed, 'Directory.ReadWrite.All']);
    expect(await found()).toEqual({
      code: 1,
      bad: [`queues ${lost?.name}`, 'queues checks', 'access stcountersign', 'access sb-countersign', 'permissions directory'],
    });
    environment.changeOwn({});
    graphPermissions.set(principalId, deployed);
  });

  it('finds an app that is set to another audience and plays another role, so that nothing takes what Teams sends', async () => {
    const env = { ...settings, COUNTERSIGN_API_AUDIENCE: 'api://another', COUNTERSIGN_ROLE: 'edge' };
    const host = await startFunctionsHost({ entry: join(directory, 'app/dist/index.mjs'), port: 0, env });
    try {
      expect(await found('--directory', instead(`${host.address}/api`))).toEqual({ code: 1, bad: ['tokens all', 'bot endpoint'] });
    } finally {
      await host.stop();
    }
  });

  it('finds a clock that is ten minutes off, and something that takes what Teams sends from anybody', async () => {
    const before = await startLoopbackServer({
      port: 0,
      bodyLimitBytes: 1_000_000,
      makeHandlers: () => ({ handle: odd, refuseTooLarge: () => ({ status: 413, headers: {}, body: undefined }) }),
    });
    try {
      expect(await found('--directory', instead(`http://127.0.0.1:${before.port}/api`))).toEqual({
        code: 1,
        bad: ['clock all', 'bot endpoint'],
      });
    } finally {
      await before.stop();
    }
  });

  it('finds a host that has stopped', async () => {
    await environment.outages.functions.stop();
    const { code, bad } = await found();
    expect([code, bad]).toEqual([1, ['reach all', 'tokens all', 'bot endpoint']]);
  });

  it('has nothing to look at where nothing runs, and says how to begin', async () => {
    const { code, err } = await runProgram('infra/doctor/doctor.ts', '--directory', join(directory, 'nowhere'));
    expect([code, err]).toEqual([2, expect.stringContaining('npm start')]);
    expect((await runProgram('infra/doctor/doctor.ts', '--help')).code).toBe(0);
    expect((await runProgram('infra/doctor/doctor.ts', '--what')).code).toBe(2);
  });

  it('describes the local environment with a right for each identity that has one', () => {
    const { identities } = localDeployment(environment.endpoints);
    expect(identities.map(({ name, rights }) => `${name} ${rights.length}`)).toEqual([
      'reader 1',
      'operator 0',
      'secrets 0',
      'granter 1',
      'directory 0',
      'bot 0',
    ]);
  });
});

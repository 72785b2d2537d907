import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDeployment } from '../../../infra/doctor/local-deployment.ts';
import { type Environment, startEnvironment } from '../../../infra/local/environment.ts';
import { managedIdentities } from '../../../infra/local/seed.ts';
import { makePackage, type Package, unpackPackage } from '../../../infra/package/make-package.ts';
import { entriesOf } from '../../../infra/package/zip-archive.ts';
import { type Ended, runProgram } from '../../support/child-program.ts';

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
  });
}, 240_000);
afterAll(async () => {
  await environment?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function doctor(...args: readonly string[]): Promise<Ended> {
  return await runProgram('infra/doctor/doctor.ts', '--directory', join(directory, 'data'), ...args);
}

type Told = {
  readonly good: boolean;
  readonly findings: readonly { readonly check: string; readonly subject: string; readonly state: string }[];
};

/** What is not good, of the findings as JSON. */
async function found(...args: readonly string[]): Promise<{ readonly code: number | null; readonly bad: readonly string[] }> {
  const { code, out } = await doctor('--json', ...args);
  const { findings }: Told = JSON.parse(out);
  return { code, bad: findings.filter(({ state }) => state !== 'good').map(({ check, subject }) => `${check} ${subject}`) };
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

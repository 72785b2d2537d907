import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { defaultPolicy } from '../../infra/local/function-settings.ts';
import { apiAudience, botAppId, consoleClientId, managedIdentities, tenantId } from '../../infra/local/seed.ts';
import type { Benchmark } from './benchmark.ts';
import { interleave, type Samples } from './interleave.ts';
import { aimed, type Row, timeRow } from './rows.ts';

const run = promisify(execFile);
const turns = 7;
const aimMs = 300;
const megabyte = 1_000_000;

/** From the start of a process to the last registered function, as a cold start in the cloud begins, and what has to be deployed for it. */
export const startBenchmark: Benchmark = {
  name: 'start',
  about: 'time from the start of a process to all functions registered, bundled against unbundled; the size of what is deployed',
  run: async (world) => {
    const bundle = await world.bundle();
    const sources = fileURLToPath(new URL('../../functions/index.ts', import.meta.url));
    const inTurn = async (name: string, subject: () => Promise<Samples>, is: string, floor: () => Promise<Samples>): Promise<Row> => {
      world.progress(name);
      const measured = await interleave(subject, floor, world.size === 'quick' ? 1 : turns);
      return timeRow(name, measured.subject.flat(), { is, turns: measured.floor.flat() });
    };
    const cache = { NODE_COMPILE_CACHE: join(world.directory, 'compiled') };
    const bundled = await inTurn(
      'start to all functions registered, bundled',
      () => register(bundle),
      'a Node process that does nothing',
      bareNode,
    );
    return [
      aimed(bundled, `under ${aimMs} ms`, bundled.value < aimMs),
      await inTurn(
        'the same with what Node compiled before',
        () => register(bundle, cache),
        'compiled anew',
        () => register(bundle),
      ),
      await inTurn(
        'the same, from sources',
        () => register(sources),
        'bundled',
        () => register(bundle),
      ),
      ...(await sizesOf(bundle)),
    ];
  },
};

const registered = z.object({ sinceStartMs: z.number(), functions: z.number().min(10) });

async function register(entry: string, more: Readonly<Record<string, string>> = {}): Promise<Samples> {
  const program = fileURLToPath(new URL('register-functions.ts', import.meta.url));
  const { stdout } = await run(process.execPath, [program, entry], { env: { ...settings, ...more } });
  return [registered.parse(JSON.parse(stdout)).sinceStartMs];
}

async function bareNode(): Promise<Samples> {
  const { stdout } = await run(process.execPath, ['--eval', 'process.stdout.write(String(performance.now()))'], { env: {} });
  return [Number(stdout)];
}

/** Settings of a deployment, in which nothing answers: nobody is asked before the first request. */
const nowhere = 'http://127.0.0.1:9';
const key = Buffer.alloc(32, 7).toString('base64');
const settings: Readonly<Record<string, string>> = {
  IDENTITY_ENDPOINT: `${nowhere}/msi`,
  IDENTITY_HEADER: 'none',
  COUNTERSIGN_ROLE: 'all',
  COUNTERSIGN_PUBLIC_URL: nowhere,
  COUNTERSIGN_TENANT_ID: tenantId,
  COUNTERSIGN_API_AUDIENCE: apiAudience,
  COUNTERSIGN_PERSON_CLIENT_IDS: consoleClientId,
  COUNTERSIGN_AUTHORITY_HOST: nowhere,
  STORAGE: `DefaultEndpointsProtocol=http;AccountName=none;AccountKey=${key};BlobEndpoint=${nowhere}/none;TableEndpoint=${nowhere}/none;`,
  SERVICE_BUS: `Endpoint=sb://localhost:9;SharedAccessKeyName=none;SharedAccessKey=${key};UseDevelopmentEmulator=true;`,
  COUNTERSIGN_SEALING_KEYS: `none:${key}`,
  COUNTERSIGN_POLICY_DIRECTORY: defaultPolicy,
  COUNTERSIGN_PROTECTED_SCOPES: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-countersign',
  COUNTERSIGN_ARM_ENDPOINT: 'https://management.azure.com',
  COUNTERSIGN_VAULT_SUFFIX: '.vault.azure.net',
  COUNTERSIGN_GRAPH_ENDPOINT: 'https://graph.microsoft.com/v1.0',
  COUNTERSIGN_READER_CLIENT_ID: managedIdentities.reader.clientId,
  COUNTERSIGN_DIRECTORY_CLIENT_ID: managedIdentities.directory.clientId,
  COUNTERSIGN_OPERATOR_CLIENT_ID: managedIdentities.operator.clientId,
  COUNTERSIGN_OPERATOR_PRINCIPAL_ID: managedIdentities.operator.principalId,
  COUNTERSIGN_SECRETS_CLIENT_ID: managedIdentities.secrets.clientId,
  COUNTERSIGN_SECRETS_PRINCIPAL_ID: managedIdentities.secrets.principalId,
  COUNTERSIGN_GRANTER_CLIENT_ID: managedIdentities.granter.clientId,
  COUNTERSIGN_RIGHTS: 'perOperation',
  COUNTERSIGN_BOT_APP_ID: botAppId,
  COUNTERSIGN_BOT_ISSUER: 'https://api.botframework.com',
  COUNTERSIGN_BOT_OPENID_METADATA_URL: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  COUNTERSIGN_TEAMS_SERVICE_URLS: 'https://smba.trafficmanager.net/emea/',
};

/** Without the maps of the bundle, which nobody needs to run it; compressed file by file, as a zip is. */
async function sizesOf(bundle: string): Promise<readonly Row[]> {
  const directory = join(bundle, '..');
  const names = (await readdir(directory)).filter((name) => !name.endsWith('.map'));
  const files = await Promise.all(names.map((name) => readFile(join(directory, name))));
  const sum = (size: (file: Buffer) => number): number => files.reduce((total, file) => total + size(file), 0) / megabyte;
  return [
    { what: 'what is deployed, unpacked', value: sum(({ length }) => length), unit: 'MB' },
    { what: 'what is deployed, compressed', value: sum((file) => gzipSync(file).length), unit: 'MB' },
  ];
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { makePackage } from '../package/make-package.ts';
import { checkPolicyFiles } from '../policy-tools/check-policies.ts';
import { problemText } from '../policy-tools/policy-problem.ts';
import {
  ensureSealingKey,
  ReleaseError,
  type ReleaseTarget,
  refreshReferences,
  refuseBrokenPolicies,
  uploadRelease,
} from './release-steps.ts';
import { makeRunProgram, type RunProgram } from './run-program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const help = `Puts a release into a deployment: policies are checked and tested, the package is made, keys are made where there are none, the apps get it one by one.

  npm run infra:release                     where azd, or the environment, says
  npm run infra:release -- --package FILE   a package that was made before: to go back to it
  npm run infra:release -- --check          only says whether everything is there that azd up, or the first az command, needs

  --subscription ID  --resource-group NAME  --apps NAME,NAME  --vault NAME
                      instead of AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP, COUNTERSIGN_APPS, COUNTERSIGN_VAULT
  --policy DIR        other policies than those of infra/policy
  --no-health         where the apps cannot be asked from here (a private network)
`;

export type Surroundings = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly run: RunProgram;
  readonly fetch: (url: string, init: { readonly signal: AbortSignal }) => Promise<Pick<Response, 'status'>>;
  readonly pause: (ms: number) => Promise<void>;
  readonly write: (line: string) => void;
  /** Where packages are kept, so that there is one to go back to. */
  readonly keptIn: string;
};

const options = {
  subscription: { type: 'string' },
  'resource-group': { type: 'string' },
  apps: { type: 'string' },
  vault: { type: 'string' },
  package: { type: 'string' },
  policy: { type: 'string' },
  check: { type: 'boolean' },
  'no-health': { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** `npm run infra:release`. Answers with the exit code: 1 for what did not come off, 2 for what was asked wrongly. */
export async function releaseCommand(args: readonly string[], around: Surroundings): Promise<number> {
  const { values } = parseArgs({ args: [...args], options });
  const { write } = around;
  if (values.help === true) {
    write(help);
    return 0;
  }
  const policy = values.policy === undefined ? join(root, 'infra/policy') : resolve(values.policy);
  try {
    if (values.check === true) return await checkSurroundings(around, policy);
    const target = targetOf(values, around.environment);
    if (typeof target === 'string') {
      write(`${target}\n\n${help}`);
      return 2;
    }
    const { zip, zipPath } = await packageOf(values.package, policy, around);
    await refuseBrokenPolicies(zip, policy, write);
    if (await ensureSealingKey(around, target)) {
      write('A key was made that seals what is stored; it is in the vault and nowhere else.');
      await refreshReferences(around, target);
    }
    write('The release goes into');
    await uploadRelease(around, target, { zipPath, asksHealth: values['no-health'] !== true });
    write(nextSteps(target, around.environment));
    return 0;
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    write(error.message);
    return 1;
  }
}

async function packageOf(given: string | undefined, policy: string, { keptIn, write }: Surroundings) {
  if (given !== undefined) return { zip: new Uint8Array(await readFile(given)), zipPath: resolve(given) };
  const problems = await checkPolicyFiles(policy);
  for (const problem of problems) write(`  ${problemText(problem)}`);
  if (problems.length > 0) {
    throw new ReleaseError(
      'The policies would stop the start. Nothing was uploaded: the release that runs, and its policies, stay in force.',
    );
  }
  const { zip, version, sha256 } = await makePackage({ policy });
  const zipPath = join(keptIn, `countersign-${version}-${sha256.slice(0, 12)}.zip`);
  await mkdir(keptIn, { recursive: true });
  await writeFile(zipPath, zip);
  write(`${relative(process.cwd(), zipPath)}  sha256 ${sha256}`);
  return { zip, zipPath };
}

type Named = {
  readonly subscription?: string | undefined;
  readonly 'resource-group'?: string | undefined;
  readonly apps?: string | undefined;
  readonly vault?: string | undefined;
};

function targetOf(values: Named, environment: Surroundings['environment']): ReleaseTarget | string {
  const resourceGroup = values['resource-group'] ?? environment['AZURE_RESOURCE_GROUP'];
  const vault = values.vault ?? environment['COUNTERSIGN_VAULT'];
  const apps = namesIn(values.apps ?? environment['COUNTERSIGN_APPS'] ?? '');
  if (resourceGroup === undefined) return 'Which resource group? --resource-group NAME, or AZURE_RESOURCE_GROUP.';
  if (vault === undefined) return 'Which vault? --vault NAME, or COUNTERSIGN_VAULT.';
  if (apps.length === 0) return 'Which apps? --apps NAME,NAME, or COUNTERSIGN_APPS.';
  return { subscription: values.subscription ?? environment['AZURE_SUBSCRIPTION_ID'], resourceGroup, vault, apps };
}

/** azd keeps a list as JSON; people write commas. */
function namesIn(text: string): readonly string[] {
  const names = text.startsWith('[') ? z.array(z.string()).parse(JSON.parse(text)) : text.split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

const needed = {
  AZURE_ENV_NAME: 'a name for this deployment: azd env new NAME',
  AZURE_LOCATION: 'a region that has Flex Consumption: azd env set AZURE_LOCATION westeurope',
  COUNTERSIGN_API_CLIENT_ID: 'an output of entra.bicep (README, step 2)',
  COUNTERSIGN_API_IDENTIFIER_URI: 'an output of entra.bicep (README, step 2)',
  COUNTERSIGN_PERSON_CLIENT_IDS: 'an output of entra.bicep (README, step 2)',
  COUNTERSIGN_MANAGED_SUBSCRIPTIONS: 'ids of the subscriptions in which agents may act, with commas between',
} as const;

async function checkSurroundings({ environment, run, write }: Surroundings, policy: string): Promise<number> {
  const missing = Object.entries(needed).filter(([name]) => (environment[name] ?? '') === '');
  const problems = await checkPolicyFiles(policy);
  const account = await run('az', ['account', 'show', '--output', 'none']);
  for (const [name, remedy] of missing) write(`✗ ${name} is missing: ${remedy}.`);
  for (const problem of problems) write(`✗ ${problemText(problem)}`);
  if (account === undefined) write('✗ There is no az: install Azure CLI.');
  else if (account.exitCode !== 0) write('✗ az is not signed in: az login.');
  const isReady = missing.length === 0 && problems.length === 0 && account?.exitCode === 0;
  write(isReady ? 'Everything is there.' : 'Nothing was changed.');
  return isReady ? 0 : 1;
}

function nextSteps({ resourceGroup }: ReleaseTarget, environment: Surroundings['environment']): string {
  const known = (name: string) => environment[name] ?? `<${name}>`;
  return `The release is in place. What is left is done once:

  1. Who may consent for the tenant lets the directory be asked:
     az deployment sub create --location ${known('AZURE_LOCATION')} --template-file infra/azure/entra-permissions.bicep \\
       --parameters directoryPrincipalId=${known('COUNTERSIGN_DIRECTORY_PRINCIPAL_ID')}
  2. Teams: npm run teams:package -- --bot-id ${known('COUNTERSIGN_BOT_APP_ID')}
     Add the app to the channel of the approvers, and write the channel's id into infra/policy/groups.json.
  3. npm run doctor looks at all of it from outside (resource group ${resourceGroup}).

The API: ${known('COUNTERSIGN_API')}`;
}

if (import.meta.main) {
  process.exitCode = await releaseCommand(process.argv.slice(2), {
    environment: process.env,
    run: makeRunProgram(process.env),
    fetch,
    pause: async (ms) => {
      await pause(ms);
    },
    write: console.log,
    keptIn: join(root, '.local/releases'),
  });
}

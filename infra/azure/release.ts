import { mkdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { makePackage } from '../package/make-package.ts';
import { writeWhole } from '../package/write-whole.ts';
import { checkPolicyFiles } from '../policy-tools/check-policies.ts';
import { problemText } from '../policy-tools/policy-problem.ts';
import { checkBeforehand } from './check-beforehand.ts';
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
  --policy DIR        other policies than those of infra/policy; with --package, the questions that its policies must answer
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
  const { write } = around;
  const values = valuesOf(args);
  if (typeof values === 'string' || values.help === true) {
    write(typeof values === 'string' ? `${values}\n\n${help}` : help);
    return typeof values === 'string' ? 2 : 0;
  }
  const policy = values.policy === undefined ? join(root, 'infra/policy') : resolve(values.policy);
  try {
    if (values.check === true) return await checkBeforehand(around, policy);
    const target = targetOf(values, around.environment);
    if (typeof target === 'string') {
      write(`${target}\n\n${help}`);
      return 2;
    }
    const { zip, zipPath } = await packageOf(values.package, policy, around);
    // Who goes back to a release must be able to though the policies here are broken by now.
    const questions = values.package === undefined || values.policy !== undefined ? policy : undefined;
    await refuseBrokenPolicies(zip, questions, write);
    if (questions === undefined) write('Its policies are sound. No questions were put to them: name some with --policy DIR.');
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

type PackageFile = { readonly zip: Uint8Array; readonly zipPath: string };

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

async function packageOf(given: string | undefined, policy: string, { keptIn, write }: Surroundings): Promise<PackageFile> {
  if (given !== undefined) {
    const zip = await readFile(given).catch(() => undefined);
    if (zip === undefined) throw new ReleaseError(`There is no ${given} that could be read. Packages that were released are in ${keptIn}.`);
    return { zip: new Uint8Array(zip), zipPath: resolve(given) };
  }
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
  await writeWhole(zipPath, zip);
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
  const names = listShape.safeParse(text).data ?? text.split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

const listShape = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is no JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.array(z.string()));

function nextSteps({ resourceGroup }: ReleaseTarget, environment: Surroundings['environment']): string {
  const known = (name: string) => environment[name] ?? `<${name}>`;
  return `The release is in place. What is left is done once:

  1. Who may consent for the tenant lets the directory be asked:
     az deployment sub create --name countersign-permissions --location ${known('AZURE_LOCATION')} \\
       --template-file infra/azure/entra-permissions.bicep --parameters directoryPrincipalId=${known('COUNTERSIGN_DIRECTORY_PRINCIPAL_ID')}
  2. Teams: npm run teams:package -- --bot-id ${known('COUNTERSIGN_BOT_APP_ID')}
     Add the app to the channel of the approvers, and write the channel's id into infra/policy/groups.json.
     Then npm run infra:release again: from then on cards are posted there.
  3. Look at all of it from outside (resource group ${resourceGroup}); with az, step 5 of the README writes the file:
     azd env get-value COUNTERSIGN_DEPLOYMENT > deployment.json && npm run doctor -- --deployment deployment.json

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

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { packagedPolicies } from '../package/package-files.ts';
import { unpackZip } from '../package/zip-archive.ts';
import { checkPolicyFiles } from '../policy-tools/check-policies.ts';
import { testCommand } from '../policy-tools/commands.ts';
import { problemText } from '../policy-tools/policy-problem.ts';
import type { RunProgram } from './run-program.ts';
import { withSecretFile } from './secret-file.ts';

/** Where a release goes. */
export type ReleaseTarget = {
  /** The one that `az` is set to, unless it is named. */
  readonly subscription: string | undefined;
  readonly resourceGroup: string;
  readonly apps: readonly string[];
  readonly vault: string;
};

export type ReleaseDeps = {
  readonly run: RunProgram;
  readonly fetch: (url: string, init: { readonly signal: AbortSignal }) => Promise<Pick<Response, 'status'>>;
  readonly pause: (ms: number) => Promise<void>;
  readonly write: (line: string) => void;
};

/** A step that did not come off; the message says what to do. */
export class ReleaseError extends Error {}

const stays = 'Nothing was uploaded: the release that runs, and its policies, stay in force.';

/**
 * Throws {@link ReleaseError} where the policies of a package would stop the start, or do not answer the questions of a directory (its `tests/*.json`) as those
 * expect; before anything of Azure is touched. Without a directory nothing is asked.
 */
export async function refuseBrokenPolicies(zip: Uint8Array, questions: string | undefined, write: (line: string) => void): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-release-'));
  try {
    await unpackZip(zip, directory).catch(() => {
      throw new ReleaseError(`That is no package of Countersign. ${stays}`);
    });
    const policies = join(directory, packagedPolicies);
    const problems = await checkPolicyFiles(policies);
    for (const problem of problems) write(`  ${problemText(problem)}`);
    if (problems.length > 0) throw new ReleaseError(`The policies of this release would stop the start. ${stays}`);
    if (questions === undefined) return;
    const tests = join(questions, 'tests');
    if (existsSync(tests)) await cp(tests, join(policies, 'tests'), { recursive: true });
    const lines: string[] = [];
    if ((await testCommand([policies], (text) => lines.push(text))) !== 0) {
      write(lines.join(''));
      throw new ReleaseError(`The policies do not decide what their tests say. ${stays}`);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Calls `az` and throws {@link ReleaseError} with what it said where it fails. */
async function azure({ run }: Pick<ReleaseDeps, 'run'>, ...args: readonly string[]): Promise<string> {
  const end = await run('az', [...args, '--output', 'json']);
  if (end === undefined) throw new ReleaseError('There is no az. Install Azure CLI, then `az login`.');
  if (end.exitCode !== 0) throw new ReleaseError(`az ${args.slice(0, 3).join(' ')} failed: ${end.stderr.trim().slice(0, 2_000)}`);
  return end.stdout;
}

/** Arguments that say which subscription a command is about; `az rest` has them in its address. */
function within({ subscription }: Pick<ReleaseTarget, 'subscription'>): readonly string[] {
  return subscription === undefined ? [] : ['--subscription', subscription];
}

function groupPath({ subscription = '{subscriptionId}', resourceGroup }: Pick<ReleaseTarget, 'subscription' | 'resourceGroup'>): string {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`;
}

const template = fileURLToPath(new URL('first-key.bicep', import.meta.url));

/**
 * Makes the first key that seals what is stored, where the vault has none, without anybody getting to see it: through Azure Resource Manager, which takes a
 * secret in and never gives one out, and leaves one alone that somebody else has just made. Says whether there was none.
 */
export async function ensureSealingKey(deps: Pick<ReleaseDeps, 'run'>, target: ReleaseTarget): Promise<boolean> {
  const { resourceGroup, vault } = target;
  const listed = await azure(
    deps,
    ...['rest', '--method', 'get', '--url'],
    `${groupPath(target)}/providers/Microsoft.KeyVault/vaults/${vault}/secrets?api-version=2023-07-01`,
  );
  const { value } = z.object({ value: z.array(z.object({ name: z.string() })) }).parse(JSON.parse(listed));
  if (value.some(({ name }) => name === 'sealing-keys')) return false;
  const key = `k${new Date().toISOString().slice(0, 10)}:${randomBytes(32).toString('base64')}`;
  const parameters = { vaultName: { value: vault }, value: { value: key } };
  await withSecretFile(JSON.stringify({ contentVersion: '1.0.0.0', parameters }), async (file) => {
    const names = [...within(target), '--resource-group', resourceGroup, '--name', 'sealing-keys'];
    await azure(deps, 'deployment', 'group', 'create', ...names, '--template-file', template, '--parameters', `@${file}`);
  });
  return true;
}

/** Has the apps look at the vault again, which they otherwise do once a day. */
export async function refreshReferences(deps: Pick<ReleaseDeps, 'run'>, target: ReleaseTarget): Promise<void> {
  for (const app of target.apps) {
    const site = `${groupPath(target)}/providers/Microsoft.Web/sites/${app}`;
    await azure(deps, 'rest', '--method', 'post', '--url', `${site}/config/configreferences/appsettings/refresh?api-version=2022-03-01`);
  }
}

const healthAttempts = 36;
const betweenAttemptsMs = 5_000;
/** Instances of the release before may still answer for a moment; one that dies at its start answers no three times. */
const answersInARow = 3;

/**
 * Puts the package into each app, whoever takes messages before whoever sends them, and waits until it says that it is up; stops at the first that does not, so that
 * the others go on with what they have. Throws {@link ReleaseError}.
 */
export async function uploadRelease(
  deps: ReleaseDeps,
  target: ReleaseTarget,
  { zipPath, asksHealth }: { readonly zipPath: string; readonly asksHealth: boolean },
): Promise<void> {
  const { resourceGroup, apps } = target;
  const done: string[] = [];
  for (const app of inOrder(apps)) {
    deps.write(`  ${app}`);
    const where = [...within(target), '--resource-group', resourceGroup, '--name', app];
    await azure(deps, 'functionapp', 'deployment', 'source', 'config-zip', ...where, '--src', zipPath).catch((error: unknown) => {
      if (!(error instanceof ReleaseError)) throw error;
      const have = done.length === 0 ? 'No app has the new release' : `The new release is in ${done.join(', ')}`;
      throw new ReleaseError(`${error.message}\n${have}, and not in ${app}. Mend it and release again, or put the release before back.`);
    });
    if (asksHealth && !(await comesUp(deps, app))) {
      const others = apps.filter((other) => other !== app && !done.includes(other));
      throw new ReleaseError(
        `${app} did not come up in three minutes. Put the release before back: npm run infra:release -- --package FILE (README, "Rollback"). ` +
          `${others.length === 0 ? 'All apps have the new release.' : `Still with the release before: ${others.join(', ')}.`}`,
      );
    }
    done.push(app);
  }
}

function inOrder(apps: readonly string[]): readonly string[] {
  const places = ['executor', 'approvals', 'edge', 'all'];
  const placeOf = (app: string) => places.indexOf(app.slice(app.lastIndexOf('-') + 1));
  return apps.toSorted((left, right) => placeOf(left) - placeOf(right));
}

async function comesUp({ fetch, pause }: ReleaseDeps, app: string): Promise<boolean> {
  let inARow = 0;
  for (let attempt = 0; attempt < healthAttempts && inARow < answersInARow; attempt += 1) {
    if (attempt > 0) await pause(betweenAttemptsMs);
    try {
      const { status } = await fetch(`https://${app}.azurewebsites.net/api/health`, { signal: AbortSignal.timeout(betweenAttemptsMs) });
      inARow = status === 200 ? inARow + 1 : 0;
    } catch {
      // A host that starts answers nothing yet.
      inARow = 0;
    }
  }
  return inARow === answersInARow;
}

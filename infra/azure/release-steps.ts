import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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

/** Throws {@link ReleaseError} where the policies of a package would stop the start, or do not decide what their tests say; before anything of Azure is touched. */
export async function refuseBrokenPolicies(zip: Uint8Array, testedPolicies: string, write: (line: string) => void): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-release-'));
  try {
    await unpackZip(zip, directory);
    const problems = await checkPolicyFiles(join(directory, packagedPolicies));
    for (const problem of problems) write(`  ${problemText(problem)}`);
    if (problems.length > 0) throw new ReleaseError(`The policies of this release would stop the start. ${stays}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const lines: string[] = [];
  if ((await testCommand([testedPolicies], (text) => lines.push(text))) !== 0) {
    write(lines.join(''));
    throw new ReleaseError(`The policies do not decide what their tests say. ${stays}`);
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

const template = fileURLToPath(new URL('secret.bicep', import.meta.url));

/**
 * Makes the first key that seals what is stored, where the vault has none, without anybody getting to see it: through Azure Resource Manager, which takes a
 * secret in and never gives one out. Says whether it made one.
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
  const directory = await mkdtemp(join(tmpdir(), 'countersign-key-'));
  try {
    const key = `k${new Date().toISOString().slice(0, 10)}:${randomBytes(32).toString('base64')}`;
    const file = join(directory, 'parameters.json');
    const parameters = { vaultName: { value: vault }, secretName: { value: 'sealing-keys' }, value: { value: key } };
    await writeFile(file, JSON.stringify({ contentVersion: '1.0.0.0', parameters }), { mode: 0o600 });
    const names = [...within(target), '--resource-group', resourceGroup, '--name', 'sealing-keys'];
    await azure(deps, 'deployment', 'group', 'create', ...names, '--template-file', template, '--parameters', `@${file}`);
    return true;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
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
    await azure(deps, 'functionapp', 'deployment', 'source', 'config-zip', ...where, '--src', zipPath);
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
  for (let attempt = 0; attempt < healthAttempts; attempt += 1) {
    if (attempt > 0) await pause(betweenAttemptsMs);
    try {
      const { status } = await fetch(`https://${app}.azurewebsites.net/api/health`, { signal: AbortSignal.timeout(betweenAttemptsMs) });
      if (status === 200) return true;
    } catch {
      // A host that starts answers nothing yet.
    }
  }
  return false;
}

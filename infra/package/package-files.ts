import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { grantableRolesFile } from '../../shared/adapters/policy-files/grantable-roles.ts';
import { issuersFile } from '../../shared/adapters/policy-files/issuers-register.ts';
import { limitsFile } from '../../shared/adapters/policy-files/limits-register.ts';
import { agentsFile, groupsFile } from '../../shared/adapters/policy-files/load-registers.ts';
import type { ZipEntries } from './zip-archive.ts';

/** Where policies lie in the package, for `COUNTERSIGN_POLICY_DIRECTORY`. */
export const packagedPolicies = 'infra/policy';

const registers: ReadonlySet<string> = new Set([agentsFile, groupsFile, issuersFile, limitsFile, grantableRolesFile]);

/** Of a directory of policies, what a start reads: not their tests, nor anything about them. */
export async function policyEntries(directory: string): Promise<ZipEntries> {
  const names = (await readdir(directory, { recursive: true })).map((name) => name.split(sep).join('/'));
  const read = names.filter((name) => name.endsWith('.cedar') || name === 'schema.cedarschema' || registers.has(name));
  return await entriesBelow(directory, read, `${packagedPolicies}/`);
}

/** Of a directory with the bundled functions, all but source maps. */
export async function bundleEntries(directory: string): Promise<ZipEntries> {
  return await entriesBelow(
    directory,
    (await readdir(directory)).filter((name) => !name.endsWith('.map')),
    'dist/',
  );
}

async function entriesBelow(directory: string, names: readonly string[], prefix: string): Promise<ZipEntries> {
  const entries = names.map(async (name): Promise<[string, Uint8Array]> => [`${prefix}${name}`, await readFile(join(directory, name))]);
  return Object.fromEntries(await Promise.all(entries));
}

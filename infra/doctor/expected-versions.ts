import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { loadPolicies } from '../../shared/adapters/cedar/load-policies.ts';
import type { Site } from './site.ts';

/** What should run: the version of this project, with the policies of a directory. Throws PolicyError where those are not sound. */
export async function expectedVersions(policy: string, protectedScopes: readonly string[]): Promise<Site['expected']> {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(manifest));
  const policies = await loadPolicies(policy, { protectedScopes: protectedScopes.map((scope) => scope.toLowerCase()) });
  return { version, policyVersion: policies.version };
}

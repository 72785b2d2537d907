import type { Environment, TargetFacts } from '../assessment.ts';

/** Names of the tag that says what a scope is for; Azure compares tag names without case. */
const environmentTags: ReadonlySet<string> = new Set(['environment', 'env']);

export function isEnvironmentTag(name: string): boolean {
  return environmentTags.has(name.toLowerCase());
}

/** Values that say "not production". Anything else, and no tag at all, is production. */
const nonProduction: ReadonlySet<string> = new Set([
  'dev',
  'development',
  'test',
  'testing',
  'qa',
  'sandbox',
  'staging',
  'stage',
  'uat',
  'demo',
]);

export type EnvironmentFinding = { readonly environment: Environment; readonly evidence: string };

/**
 * The strictest of what the resource, what holds it, its group and its subscription say of themselves, and of what it holds itself. Nothing in a request can lower
 * it: only tags that were read count. A scope without the tag says nothing; where no scope says anything, or one could not be read, it is production.
 */
export function environmentOf(facts: TargetFacts): EnvironmentFinding {
  let lowest: EnvironmentFinding | undefined;
  for (const { scope, tags } of facts.scopes) {
    if (tags === undefined) return { environment: 'production', evidence: `the tags of ${scope} could not be read` };
    const finding = wordOf(scope, tags);
    if (finding?.environment === 'production') return finding;
    lowest ??= finding;
  }
  const inside = (facts.contents ?? []).map(({ id, tags }) => wordOf(id, tags)).find((finding) => finding?.environment === 'production');
  return inside ?? lowest ?? { environment: 'production', evidence: 'no scope carries an environment tag' };
}

/** Whether the tags of something say, or may say, that it is in production. */
export function mayBeProduction(tags: Readonly<Record<string, string>> | undefined): boolean {
  return tags === undefined || wordOf('', tags)?.environment === 'production';
}

/** What the tags of one scope say, the strictest of them; undefined where they say nothing. */
function wordOf(scope: string, tags: Readonly<Record<string, string>>): EnvironmentFinding | undefined {
  let lowest: EnvironmentFinding | undefined;
  for (const [name, value] of Object.entries(tags)) {
    if (!isEnvironmentTag(name)) continue;
    const evidence = `${name}=${value} on ${scope}`;
    if (!nonProduction.has(value.trim().toLowerCase())) return { environment: 'production', evidence };
    lowest ??= { environment: 'nonProduction', evidence };
  }
  return lowest;
}

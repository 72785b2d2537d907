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
 * The strictest of what resource, group and subscription say of themselves. Nothing in a request can lower it: only tags that were read count.
 * A scope without the tag says nothing; where no scope says anything, or a scope could not be read, it is production.
 */
export function environmentOf(facts: TargetFacts): EnvironmentFinding {
  let lowest: EnvironmentFinding | undefined;
  for (const { scope, tags } of facts.scopes) {
    if (tags === undefined) return { environment: 'production', evidence: `the tags of ${scope} could not be read` };
    for (const [name, value] of Object.entries(tags)) {
      if (!isEnvironmentTag(name)) continue;
      const evidence = `${name}=${value} on ${scope}`;
      if (!nonProduction.has(value.trim().toLowerCase())) return { environment: 'production', evidence };
      lowest ??= { environment: 'nonProduction', evidence };
    }
  }
  return lowest ?? { environment: 'production', evidence: 'no scope carries an environment tag' };
}

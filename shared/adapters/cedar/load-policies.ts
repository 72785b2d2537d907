import { preparsePolicySet, preparseSchema } from '@cedar-policy/cedar-wasm/nodejs';
import { type Digest, digestOf, digestOfBytes } from '../../domain/digest.ts';
import type { PolicyEngine } from '../../ports/policy-engine.ts';
import { policySetName } from './ask-cedar.ts';
import { findGroupFaults, type RegisteredGroups } from './check-groups.ts';
import { checkPolicies } from './check-policies.ts';
import { type ParsedPolicy, parsePolicies, sentenceOf } from './parse-policies.ts';
import { makePolicyEngine } from './policy-engine.ts';
import { PolicyError } from './policy-error.ts';
import { cedarActions, mayDecide } from './policy-syntax.ts';
import { makeBuiltInForbid } from './protected-scopes.ts';
import { type PolicyFiles, readPolicyFiles } from './read-policy-files.ts';
import { answersSamples } from './sample-questions.ts';

export type PolicyOptions = {
  /** Lower-case ids of Countersign's own resources and groups; what touches them is forbidden whatever the files say. */
  readonly protectedScopes: readonly string[];
};

export type LoadedPolicies = PolicyEngine & {
  /** What is wrong between the policies and the groups that are registered; a start must stop at any of it. */
  readonly groupFaults: (registered: RegisteredGroups) => readonly PolicyError[];
};

/**
 * Loads `*.cedar` and `schema.cedarschema` of a directory. Anything wrong in them throws {@link PolicyError} with file, line and reason, and what else is wrong: a start must stop.
 * The engine's version is a digest over the names and bytes of the files and the protected scopes.
 */
export async function loadPolicies(directory: string, { protectedScopes }: PolicyOptions): Promise<LoadedPolicies> {
  const builtInForbid = makeBuiltInForbid(protectedScopes);
  const files = await readPolicyFiles(directory);
  const policies = parsePolicies(files.policies);
  checkPolicies(policies, files.schema);
  const version = versionOf(files, protectedScopes);
  prepare(version, policies, files);
  const engine = makePolicyEngine({ version, policies, builtInForbid });
  if (!answersSamples(version)) {
    const place = { file: files.schema.name, line: undefined };
    throw new PolicyError(
      'schema',
      place,
      'The schema lacks something that Countersign tells of every question, or demands something else.',
    );
  }
  return { ...engine, groupFaults: (registered) => findGroupFaults(policies, registered) };
}

function versionOf({ schema, policies }: PolicyFiles, protectedScopes: readonly string[]): Digest {
  const files = Object.fromEntries([schema, ...policies].map(({ name, bytes }) => [name, digestOfBytes(bytes)]));
  return digestOf({ files, protectedScopes: [...new Set(protectedScopes)].sort() });
}

/**
 * Cedar keeps what it has parsed under a name; the version says what is in it, so that two engines cannot mix. It looks at every policy of a set for each question,
 * so that each action has a set of its own.
 */
function prepare(version: Digest, policies: readonly ParsedPolicy[], { schema }: PolicyFiles): void {
  const sets = cedarActions.map((action) => {
    const deciding = policies.filter(({ json }) => mayDecide(json, action));
    return preparsePolicySet(policySetName(version, action), {
      staticPolicies: Object.fromEntries(deciding.map(({ id, text }) => [id, text])),
    });
  });
  for (const answer of [preparseSchema(version, schema.text), ...sets]) {
    if (answer.type === 'failure') {
      throw new PolicyError('schema', { file: schema.name, line: undefined }, answer.errors.map(sentenceOf).join('; '));
    }
  }
}

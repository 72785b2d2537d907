import { checkParseSchema, type ValidationError, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { armMethods } from '../../domain/arm-method.ts';
import { environments, riskLevels } from '../../domain/assessment.ts';
import { secretMethods } from '../../domain/secrets/secret-request.ts';
import { factorCodes } from './factor-codes.ts';
import { lineAt, type ParsedPolicy, sentenceOf } from './parse-policies.ts';
import { PolicyError } from './policy-error.ts';
import { entitiesNamed, tagsNamed, textsComparedWith, textsMatchedWith } from './policy-syntax.ts';
import type { PolicyFile } from './read-policy-files.ts';

/** Checks the policies against the schema; a warning, such as of a policy that can never match, counts as an error. Throws {@link PolicyError} `schema`. */
export function checkAgainstSchema(policies: readonly ParsedPolicy[], schema: PolicyFile): void {
  const parsed = checkParseSchema(schema.text);
  if (parsed.type === 'failure') {
    const [error] = parsed.errors;
    const start = error?.sourceLocations?.[0]?.start;
    const line = start === undefined ? undefined : lineAt(schema.text, start);
    throw new PolicyError('schema', { file: schema.name, line }, error === undefined ? 'This is no Cedar schema.' : sentenceOf(error));
  }
  const staticPolicies = Object.fromEntries(policies.map(({ id, text }) => [id, text]));
  const answer = validate({ schema: schema.text, policies: { staticPolicies } });
  if (answer.type === 'failure') {
    throw new PolicyError('schema', { file: schema.name, line: undefined }, answer.errors.map(sentenceOf).join('; '));
  }
  const [first] = [...answer.validationErrors, ...answer.validationWarnings];
  if (first !== undefined) throw faultOf(first, policies);
  const [other] = answer.otherWarnings;
  if (other !== undefined) throw new PolicyError('schema', { file: schema.name, line: undefined }, sentenceOf(other));
}

function faultOf({ policyId, error }: ValidationError, policies: readonly ParsedPolicy[]): PolicyError {
  const policy = policies.find(({ id }) => id === policyId);
  if (policy === undefined) return new PolicyError('schema', { file: policyId, line: undefined }, sentenceOf(error));
  const line = policy.line + lineAt(policy.text, error.sourceLocations?.[0]?.start ?? 0) - 1;
  return new PolicyError('schema', { file: policy.file, line }, sentenceOf(error));
}

const closedSets = [
  { attribute: 'riskLevel', values: riskLevels },
  { attribute: 'environment', values: environments },
  { attribute: 'method', values: [...armMethods, ...secretMethods] },
] as const;

/** Refuses comparisons that can never be true, which Cedar's types cannot see: in a forbid they would silently allow. Throws {@link PolicyError} `literal`. */
export function checkLiterals(policies: readonly ParsedPolicy[]): void {
  for (const policy of policies) {
    const { conditions, resource } = policy.json;
    for (const { attribute, values } of closedSets) {
      const unknown = textsComparedWith(conditions, attribute).find((text) => !values.some((value) => value === text));
      if (unknown !== undefined) {
        throw new PolicyError('literal', policy, `context.${attribute} is never "${unknown}"; it is one of ${values.join(', ')}.`);
      }
    }
    const unknownCode = textsComparedWith(conditions, 'factorCodes').find((text) => !factorCodes.has(text));
    if (unknownCode !== undefined) {
      throw new PolicyError(
        'literal',
        policy,
        `context.factorCodes never holds "${unknownCode}"; shared/domain/risk/factors.md has every code.`,
      );
    }
    const scopes = entitiesNamed([conditions, resource]).filter(({ type }) => type === 'Scope');
    const inCapitals = [
      ...['action', 'type'].flatMap((attribute) => textsComparedWith(conditions, attribute)),
      ...['action', 'type'].flatMap((attribute) => textsMatchedWith(conditions, attribute)),
      ...tagsNamed(conditions),
      ...scopes.map(({ id }) => id),
    ].find((text) => text !== text.toLowerCase());
    if (inCapitals !== undefined) {
      throw new PolicyError('literal', policy, `Actions, types, tag names and scopes are in lower case; "${inCapitals}" never matches.`);
    }
    const odd = scopes.find(({ id }) => id !== '/' && (!id.startsWith('/') || id.endsWith('/')));
    if (odd !== undefined) throw new PolicyError('literal', policy, `A scope is "/" or an id such as "/subscriptions/…", not "${odd.id}".`);
  }
}

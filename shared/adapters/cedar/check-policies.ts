import { checkParseSchema, type ValidationError, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { armMethods } from '../../domain/arm-method.ts';
import { ArmPathError, parseArmPath } from '../../domain/arm-path.ts';
import { environments, riskLevels } from '../../domain/assessment.ts';
import { secretMethods } from '../../domain/secrets/secret-request.ts';
import { factorCodes } from './factor-codes.ts';
import { lineAt, type ParsedPolicy, sentenceOf } from './parse-policies.ts';
import { PolicyError } from './policy-error.ts';
import { comparisonsWith, entitiesNamed, tagsNamed, textsComparedWith, textsMatchedWith } from './policy-syntax.ts';
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
    const reason =
      reasonOfClosedSets(policy) ?? reasonOfRank(policy) ?? reasonOfFactors(policy) ?? reasonOfCase(policy) ?? reasonOfScopes(policy);
    if (reason !== undefined) throw new PolicyError('literal', policy, reason);
  }
}

function reasonOfClosedSets({ json: { conditions } }: ParsedPolicy): string | undefined {
  for (const { attribute, values } of closedSets) {
    const unknown =
      textsComparedWith(conditions, attribute).find((text) => !values.some((value) => value === text)) ??
      textsMatchedWith(conditions, attribute).find((pattern) => !values.some((value) => matches(pattern, value)));
    if (unknown !== undefined) return `context.${attribute} is never "${unknown}"; it is one of ${values.join(', ')}.`;
  }
  return undefined;
}

/** Whether a text fits a pattern of `like`, in which a star stands for anything. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let rest = text.slice(first.length, text.length - last.length);
  for (const part of parts.slice(1, -1)) {
    const at = rest.indexOf(part);
    if (at === -1) return false;
    rest = rest.slice(at + part.length);
  }
  return true;
}

function reasonOfRank({ json: { conditions } }: ParsedPolicy): string | undefined {
  const ranks = riskLevels.map((_, rank) => rank);
  const settled = comparisonsWith(conditions, 'riskRank').find(({ holds }) => new Set(ranks.map(holds)).size === 1);
  return settled === undefined ? undefined : `"${settled.shown}" is the same for every risk; the rank is 0 to ${riskLevels.length - 1}.`;
}

function reasonOfFactors({ json: { conditions } }: ParsedPolicy): string | undefined {
  const unknown = textsComparedWith(conditions, 'factorCodes').find((text) => !factorCodes.has(text));
  return unknown === undefined ? undefined : `context.factorCodes never holds "${unknown}"; shared/domain/risk/factors.md has every code.`;
}

function reasonOfCase(policy: ParsedPolicy): string | undefined {
  const { conditions } = policy.json;
  const inCapitals = [
    ...['action', 'type'].flatMap((attribute) => textsComparedWith(conditions, attribute)),
    ...['action', 'type'].flatMap((attribute) => textsMatchedWith(conditions, attribute)),
    ...tagsNamed(conditions),
    ...scopesNamed(policy),
  ].find((text) => text !== text.toLowerCase());
  return inCapitals === undefined ? undefined : `Actions, types, tag names and scopes are in lower case; "${inCapitals}" never matches.`;
}

function reasonOfScopes(policy: ParsedPolicy): string | undefined {
  const odd = scopesNamed(policy).find((id) => id !== '/' && !isScopeId(id));
  return odd === undefined
    ? undefined
    : `A scope is "/" or the id of a resource or of what holds it, such as "/subscriptions/…", not "${odd}".`;
}

function scopesNamed({ json: { conditions, resource } }: ParsedPolicy): readonly string[] {
  return entitiesNamed([conditions, resource]).flatMap(({ type, id }) => (type === 'Scope' ? [id] : []));
}

function isScopeId(id: string): boolean {
  try {
    const { resourceId, verb } = parseArmPath(id);
    return verb === undefined && resourceId === id;
  } catch (error) {
    if (error instanceof ArmPathError) return false;
    throw error;
  }
}

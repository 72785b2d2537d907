import { checkParseSchema, type ValidationError, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { armMethods } from '../../domain/arm-method.ts';
import { ArmPathError, parseArmPath } from '../../domain/arm-path.ts';
import { environments, riskLevels } from '../../domain/assessment.ts';
import { secretMethods } from '../../domain/secrets/secret-request.ts';
import { factorCodes } from './factor-codes.ts';
import { lineAt, type ParsedPolicy, sentenceOf } from './parse-policies.ts';
import { PolicyError, throwFaults } from './policy-error.ts';
import { type Fault, placeFaults } from './policy-places.ts';
import { comparisonsWith, entitiesNamed, tagsNamed, textsComparedWith, textsMatchedWith } from './policy-syntax.ts';
import type { PolicyFile } from './read-policy-files.ts';

/**
 * Checks the policies against the schema, and their comparisons, and throws every {@link PolicyError} `schema` and `literal` together. A warning, such as of a policy
 * that can never match, counts as an error.
 */
export function checkPolicies(policies: readonly ParsedPolicy[], schema: PolicyFile): void {
  throwFaults([...findSchemaFaults(policies, schema), ...policies.flatMap(findLiteralFaults)]);
}

function findSchemaFaults(policies: readonly ParsedPolicy[], schema: PolicyFile): readonly PolicyError[] {
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
  return [
    ...[...answer.validationErrors, ...answer.validationWarnings].map((found) => faultOf(found, policies)),
    ...answer.otherWarnings.map((other) => new PolicyError('schema', { file: schema.name, line: undefined }, sentenceOf(other))),
  ];
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

/** Comparisons that can never be true, which Cedar's types cannot see: in a forbid they would silently allow. */
function findLiteralFaults(policy: ParsedPolicy): readonly PolicyError[] {
  const faults = [
    ...faultsOfClosedSets(policy),
    ...faultsOfRank(policy),
    ...faultsOfFactors(policy),
    ...faultsOfCase(policy),
    ...faultsOfScopes(policy),
  ];
  return placeFaults('literal', policy, faults);
}

function faultsOfClosedSets({ json: { conditions } }: ParsedPolicy): readonly Fault[] {
  return closedSets.flatMap(({ attribute, values }) => {
    const unknown = [
      ...textsComparedWith(conditions, attribute).filter((text) => !values.some((value) => value === text)),
      ...textsMatchedWith(conditions, attribute).filter((pattern) => !values.some((value) => matches(pattern, value))),
    ];
    return unknown.map((text) => ({
      reason: `context.${attribute} is never "${text}"; it is one of ${values.join(', ')}.`,
      word: `"${text}"`,
    }));
  });
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

function faultsOfRank({ json: { conditions } }: ParsedPolicy): readonly Fault[] {
  const ranks = riskLevels.map((_, rank) => rank);
  return comparisonsWith(conditions, 'riskRank')
    .filter(({ holds }) => new Set(ranks.map(holds)).size === 1)
    .map(({ shown }) => ({
      reason: `"${shown}" is the same for every risk; the rank is 0 to ${riskLevels.length - 1}.`,
      word: 'riskRank',
    }));
}

function faultsOfFactors({ json: { conditions } }: ParsedPolicy): readonly Fault[] {
  return textsComparedWith(conditions, 'factorCodes')
    .filter((text) => !factorCodes.has(text))
    .map((text) => ({
      reason: `context.factorCodes never holds "${text}"; shared/domain/risk/factors.md has every code.`,
      word: `"${text}"`,
    }));
}

function faultsOfCase(policy: ParsedPolicy): readonly Fault[] {
  const { conditions } = policy.json;
  return [
    ...['action', 'type'].flatMap((attribute) => textsComparedWith(conditions, attribute)),
    ...['action', 'type'].flatMap((attribute) => textsMatchedWith(conditions, attribute)),
    ...tagsNamed(conditions),
    ...scopesNamed(policy),
  ]
    .filter(isInCapitals)
    .map((text) => ({
      reason: `Actions, types, tag names and scopes are in lower case; "${text}" never matches.`,
      word: `"${text}"`,
    }));
}

function isInCapitals(text: string): boolean {
  return text !== text.toLowerCase();
}

function faultsOfScopes(policy: ParsedPolicy): readonly Fault[] {
  return scopesNamed(policy)
    .filter((id) => id !== '/' && !isInCapitals(id) && !isScopeId(id))
    .map((id) => ({
      reason: `A scope is "/" or the id of a resource or of what holds it, such as "/subscriptions/…", not "${id}".`,
      word: `"${id}"`,
    }));
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

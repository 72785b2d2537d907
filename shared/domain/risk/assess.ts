import { actionOf } from '../action.ts';
import { readingsOf } from '../arm-call.ts';
import { type ArmPath, ArmPathError, parseArmPath } from '../arm-path.ts';
import type { ArmRequest } from '../arm-request.ts';
import {
  type Assessment,
  type CarriedTarget,
  type Environment,
  type RiskFactor,
  riskRank,
  type TargetFacts,
  worst,
} from '../assessment.ts';
import { differencesOf, noDifferences } from './differences.ts';
import { changes, effectOf } from './effect.ts';
import { type EnvironmentFinding, environmentOf, mayBeProduction } from './environment.ts';
import { locksAbout } from './locks.ts';
import { openingsOf } from './openings.ts';
import { factorOf, type JudgedCall } from './rule.ts';
import { inspectScripts } from './scripts/inspect-scripts.ts';
import { withReadingBudget } from './scripts/reading-budget.ts';
import type { ScriptReader } from './scripts/script-reader.ts';
import type { CallSubject, NestedCall, RuleSubject } from './subject.ts';
import { generalRows, riskRules, watchedProperties } from './tables.ts';
import { inspectTemplate } from './template/inspect-template.ts';

/**
 * Classifies one canonical request by the rule tables and by what was read of its target; scripts and templates in it are entered. Pure: the same input always
 * gives the same assessment. What no rule knows is high.
 */
export function assess(request: ArmRequest, path: ArmPath, action: string, facts: TargetFacts, scripts: ScriptReader): Assessment {
  const own = environmentOf(facts);
  const subject: RuleSubject = { ...subjectOf(request, path, action, facts, own.environment), scripts: withReadingBudget(scripts) };
  const factors = readingsOf(path).flatMap((reading) => factorsOf({ ...subject, path: reading }));
  const doesChange = changes(effectOf(subject));
  const { environment, evidence, carried } = doesChange ? carriedBy(subject, own, facts) : { ...own, carried: [] };
  factors.push(...carried);
  if (doesChange && environment === 'production') factors.push(factorOf(generalRows.touchesProduction, environment, evidence));
  // Only its provider knows whether the name at the end of a POST is an argument, an action or a resource.
  if (path.alsoRead !== undefined && factors.every(({ level }) => riskRank(level) < riskRank('high'))) {
    factors.push(factorOf(generalRows.notUnderstood, environment, action));
  }
  const told = strictestOfEach(factors);
  return { level: told.map((factor) => factor.level).reduce(worst, 'low'), environment, factors: told };
}

type Carried = EnvironmentFinding & { readonly carried: readonly RiskFactor[] };

/** What the template of a call adds, and the strictest of the environments that it reaches: policies ask where something happens, not where the template lies. */
function carriedBy(subject: RuleSubject, own: EnvironmentFinding, facts: TargetFacts): Carried {
  let reached: string | undefined;
  const carried = inspectTemplate(subject, (nested) => {
    const { environment, factors } = assessNested(nested, subject, facts);
    if (environment === 'production') reached ??= `the template reaches ${nested.path}`;
    return factors;
  });
  reached ??= carried.find(({ code }) => code === 'templateReachesOut')?.evidence;
  const finding: EnvironmentFinding =
    own.environment === 'production' || reached === undefined ? own : { environment: 'production', evidence: reached };
  return { ...finding, carried };
}

/** True where the call can be judged without knowing its target: it changes nothing and reveals nothing, whatever it addresses. */
export function isHarmlessAnywhere(request: ArmRequest, path: ArmPath, action: string): boolean {
  const call = { request, path, action, environment: 'production', exists: true, ...unknownState } as const;
  return !changes(effectOf(call)) && factorsByTables(call).every(({ level }) => level === 'low');
}

const unknownState = { tags: undefined, current: undefined, locks: undefined, contents: undefined } as const;

function subjectOf(request: ArmRequest, path: ArmPath, action: string, facts: TargetFacts, environment: Environment): CallSubject {
  return {
    request,
    path,
    action,
    environment,
    exists: facts.existence !== 'absent',
    tags: facts.scopes.find(({ scope }) => scope === path.resourceId)?.tags,
    current: facts.current,
    locks: facts.locks === undefined ? undefined : locksAbout(path.resourceId, facts.locks),
    contents: facts.contents,
  };
}

/** The factors of one call and of the scripts in it, without the template that it may carry. */
function factorsOf(subject: RuleSubject): readonly RiskFactor[] {
  const byTables = factorsByTables(subject);
  return changes(effectOf(subject)) ? [...byTables, ...inspectScripts(subject)] : byTables;
}

function factorsByTables(subject: CallSubject): readonly RiskFactor[] {
  const call = judgedCall(subject);
  const factors = riskRules.flatMap((rule) => {
    const evidence = rule.find(call);
    return evidence === undefined ? [] : [factorOf(rule, subject.environment, evidence)];
  });
  return factors.length > 0 ? factors : [factorOf(generalRows.notUnderstood, subject.environment, subject.action)];
}

function judgedCall(subject: CallSubject): JudgedCall {
  const effect = effectOf(subject);
  if (effect.kind !== 'write' && effect.kind !== 'act') return { ...subject, effect, differences: noDifferences, openings: [] };
  const { request } = subject;
  const current = effect.kind === 'write' ? subject.current : undefined;
  const open = new Set(openingsOf(current).map(({ key }) => key));
  return {
    ...subject,
    effect,
    differences: differencesOf(request.body, current, effect.kind === 'write' && effect.replaces, watchedProperties),
    openings: openingsOf(request.body).filter(({ key }) => !open.has(key)),
  };
}

/** A call that a template carries, judged as a call of its own. It is in the environment of its carrier, or in production where it reaches out of its group or says so. */
function assessNested(nested: NestedCall, carrier: RuleSubject, facts: TargetFacts): Pick<Assessment, 'environment' | 'factors'> {
  const path = nestedPath(nested);
  if (path === undefined) {
    return {
      environment: carrier.environment,
      factors: [factorOf(generalRows.notUnderstood, carrier.environment, `${nested.method} ${nested.path}`)],
    };
  }
  const request: ArmRequest = {
    kind: 'arm',
    method: nested.method,
    path: nested.method === 'PUT' ? path.canonical : path.folded,
    apiVersion: nested.apiVersion,
    query: {},
    headers: {},
    body: nested.body,
  };
  const state = stateOf(path, carrier, facts.carried ?? []);
  const environment = isBeside(carrier.path, path) && !mayBeProduction(state.tags) ? carrier.environment : 'production';
  const factors = factorsOf({
    ...unknownState,
    ...state,
    request,
    path,
    action: actionOf(nested.method, path),
    environment,
    locks: facts.locks === undefined ? undefined : locksAbout(path.resourceId, facts.locks),
    scripts: carrier.scripts,
  });
  return { environment, factors };
}

function nestedPath({ path }: NestedCall): ArmPath | undefined {
  try {
    return parseArmPath(path.replaceAll(' ', '%20'));
  } catch (error) {
    if (error instanceof ArmPathError) return undefined;
    throw error;
  }
}

/** Whether both are in one group, or both in one subscription and no group. */
function isBeside(carrier: ArmPath, path: ArmPath): boolean {
  return path.subscriptionId === carrier.subscriptionId && path.resourceGroup === carrier.resourceGroup;
}

type KnownState = Pick<CallSubject, 'exists' | 'tags' | 'current'>;

/**
 * What is known of a resource that a template writes: what was read of it, else what the list of its group says. The list names every resource that can have
 * tags, so that what it does not name is new, or has none.
 */
function stateOf(path: ArmPath, carrier: CallSubject, carried: readonly CarriedTarget[]): KnownState {
  const read = carried.find(({ id }) => id === path.resourceId);
  if (read !== undefined) return { exists: read.existence !== 'absent', tags: read.tags, current: read.current };
  if (path.scope !== 'resourceGroup') return { exists: true, tags: {}, current: undefined };
  if (carrier.contents === undefined || !isBeside(carrier.path, path)) return { exists: true, tags: undefined, current: undefined };
  const listed = carrier.contents.find(({ id }) => id === path.resourceId);
  const isChild = path.type.split('/').length > 2;
  return { exists: listed !== undefined || isChild, tags: listed?.tags ?? {}, current: undefined };
}

/** One factor for each code, the strictest of them, in the order in which they were found. */
function strictestOfEach(factors: readonly RiskFactor[]): readonly RiskFactor[] {
  const told = new Map<string, RiskFactor>();
  for (const factor of factors) {
    const known = told.get(factor.code);
    if (known === undefined || riskRank(factor.level) > riskRank(known.level)) told.set(factor.code, factor);
  }
  return [...told.values()];
}

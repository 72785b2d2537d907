import type { ArmPath } from '../arm-path.ts';
import type { ArmRequest } from '../arm-request.ts';
import { type Assessment, type RiskFactor, type RiskLevel, type TargetFacts, worst } from '../assessment.ts';
import { environmentOf } from './environment.ts';
import { type RiskRule, type RuleSubject, riskRules } from './rules.ts';

/**
 * Classifies one canonical request by the rule table and by what was read of its target. Pure: the same input always gives the same assessment.
 * What no rule knows is high.
 */
export function assess(request: ArmRequest, path: ArmPath, action: string, facts: TargetFacts): Assessment {
  const { environment, evidence } = environmentOf(facts);
  const subject: RuleSubject = {
    request,
    path,
    action,
    environment,
    exists: facts.existence !== 'absent',
    tags: tagsOf(facts, path.resourceId),
  };
  const factors = riskRules.filter((rule) => rule.matches(subject)).map((rule) => factorOf(rule, subject, evidence));
  if (factors.length === 0) factors.push({ code: 'notUnderstood', level: 'high', detail: 'No rule knows this call.', evidence: action });
  return { level: factors.map((factor) => factor.level).reduce(worst, 'low'), environment, factors };
}

/** True where the call can be judged without knowing its target: it changes nothing and reveals nothing, whatever it addresses. */
export function isHarmlessAnywhere(request: ArmRequest, path: ArmPath, action: string): boolean {
  const subject: RuleSubject = { request, path, action, environment: 'production', exists: true, tags: undefined };
  const matching = riskRules.filter((rule) => rule.matches(subject));
  return matching.length > 0 && matching.every((rule) => levelIn(rule, subject) === 'low');
}

function factorOf(rule: RiskRule, subject: RuleSubject, environmentEvidence: string): RiskFactor {
  const evidence = rule.code === 'touchesProduction' ? environmentEvidence : `${subject.request.method} ${subject.action}`;
  return { code: rule.code, level: levelIn(rule, subject), detail: rule.detail, evidence };
}

function tagsOf(facts: TargetFacts, resourceId: string): Readonly<Record<string, string>> | undefined {
  return facts.scopes.find(({ scope }) => scope === resourceId)?.tags;
}

function levelIn(rule: RiskRule, subject: RuleSubject): RiskLevel {
  return typeof rule.level === 'string' ? rule.level : rule.level[subject.environment];
}

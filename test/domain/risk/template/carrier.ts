import { actionOf } from '../../../../shared/domain/action.ts';
import { parseArmRequest } from '../../../../shared/domain/arm-request.ts';
import type { RiskFactor, RiskLevel } from '../../../../shared/domain/assessment.ts';
import type { JsonObject, JsonValue } from '../../../../shared/domain/json.ts';
import type { AssessNested, NestedCall, RuleSubject } from '../../../../shared/domain/risk/subject.ts';
import { inspectTemplate } from '../../../../shared/domain/risk/template/inspect-template.ts';

export const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dev';

export type Carried = {
  readonly path?: string;
  readonly method?: string;
  readonly body: JsonValue | undefined;
};

/** A call that carries something, as the rules see it: to a group outside production that could not be listed. The body is taken as it is. */
export function carrier({
  path = `${group}/providers/Microsoft.Resources/deployments/release`,
  method = 'PUT',
  body,
}: Carried): RuleSubject {
  const parsed = parseArmRequest({ method, path, apiVersion: '2024-03-01', query: {}, headers: {}, body: undefined });
  return {
    path: parsed.path,
    request: { ...parsed.request, body },
    action: actionOf(parsed.request.method, parsed.path),
    environment: 'nonProduction',
    exists: false,
    tags: {},
    current: undefined,
    locks: [],
    contents: undefined,
    scripts: { read: (language) => ({ language, steps: [], problems: [] }) },
  };
}

/** The body of a deployment of this template. */
export function deploymentOf(template: JsonValue, more: JsonObject = {}): JsonObject {
  return { properties: { mode: 'Incremental', template, ...more } };
}

/** Finds every call harmless, and keeps it. */
export function keepingCalls(): { readonly calls: NestedCall[]; readonly judge: AssessNested } {
  const calls: NestedCall[] = [];
  return {
    calls,
    judge: (call) => {
      calls.push(call);
      return [];
    },
  };
}

/** The factors of a template in which no resource is dangerous by itself. */
export function factorsOf(template: JsonValue, more: JsonObject = {}): readonly RiskFactor[] {
  return inspectTemplate(carrier({ body: deploymentOf(template, more) }), () => []);
}

export function codesOf(template: JsonValue, more: JsonObject = {}): readonly string[] {
  return factorsOf(template, more).map(({ code }) => code);
}

export function factor(code: string, level: RiskLevel): RiskFactor {
  return { code, level, detail: `${code}.` };
}

import { makeBudget } from '../../../../shared/domain/risk/template/budget.ts';
import { scopeOfId } from '../../../../shared/domain/risk/template/deployment-scope.ts';
import { evaluateValue } from '../../../../shared/domain/risk/template/evaluate.ts';
import { openTemplate } from '../../../../shared/domain/risk/template/open-template.ts';
import { parseExpression } from '../../../../shared/domain/risk/template/parse-expression.ts';
import { isArray, isObject, type TemplateValue, Unknown } from '../../../../shared/domain/risk/template/template-value.ts';

export const subscriptionId = '00000000-0000-0000-0000-000000000001';
export const groupId = `/subscriptions/${subscriptionId}/resourceGroups/rg-dev`;

export type Setting = {
  readonly template?: TemplateValue;
  readonly given?: TemplateValue;
  readonly scope?: string;
};

/** What a value of a template becomes where the template is deployed into a resource group; `{ unknown, shown }` where only Azure knows. */
export function evaluated(value: TemplateValue, setting: Setting = {}): unknown {
  const scope = scopeOfId(setting.scope ?? groupId);
  if (scope === undefined) throw new Error('no such scope');
  const opened = openTemplate({
    template: setting.template ?? {},
    given: setting.given,
    scope,
    name: new Unknown('place', 'release'),
    location: null,
    budget: makeBudget(),
    parse: parseExpression,
    deployed: () => undefined,
    asks: () => {},
  });
  return plain(evaluateValue(value, opened.context));
}

function plain(value: TemplateValue): unknown {
  if (value instanceof Unknown) return { unknown: value.kind, shown: value.shown, ...(value.secret ? { secret: true } : {}) };
  if (isArray(value)) return value.map(plain);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  return value;
}

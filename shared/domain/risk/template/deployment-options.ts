import { parametersOf } from './open-template.ts';
import type { FactorList } from './template-factors.ts';
import { isObject, propertyOf, type TemplateObject, type TemplateValue, Unknown } from './template-value.ts';

export function isAbsent(value: TemplateValue | undefined): boolean {
  return value === undefined || value === null;
}

/** What a deployment says beside its template. Source: learn.microsoft.com/rest/api/resources/deployments/create-or-update. */
export function inspectOptions(properties: TemplateObject, factors: FactorList): void {
  const link = propertyOf(properties, 'templateLink');
  if (!isAbsent(link)) factors.add('templateLinked', linkText(link));
  const parametersLink = propertyOf(properties, 'parametersLink');
  if (!isAbsent(parametersLink)) factors.add('templateParametersLinked', linkText(parametersLink));
  const parameters = parametersOf(properties);
  for (const [name, parameter] of isObject(parameters) ? Object.entries(parameters) : []) {
    if (propertyOf(parameter, 'reference') !== undefined) factors.add('templateReadsVault', `parameter ${name}`);
  }
  if (!isAbsent(propertyOf(properties, 'onErrorDeployment'))) factors.add('templateRollsBack', 'onErrorDeployment');
  const debug = propertyOf(propertyOf(properties, 'debugSetting'), 'detailLevel');
  if (!isAbsent(debug) && !(typeof debug === 'string' && debug.toLowerCase() === 'none'))
    factors.add('templateLogsSecrets', 'debugSetting');
}

/** Where a link leads, without its query, which may hold a key. */
function linkText(link: TemplateValue | undefined): string {
  const target = propertyOf(link, 'id') ?? propertyOf(link, 'uri') ?? propertyOf(link, 'relativePath');
  const text = typeof target === 'string' ? target : target instanceof Unknown ? target.shown : '';
  return text.replace(/[?#].*$/s, '');
}

/** Only this mode deletes nothing; where none is given, Azure refuses or takes this one. */
export function isIncremental(mode: TemplateValue | undefined): boolean {
  return isAbsent(mode) || (typeof mode === 'string' && mode.toLowerCase() === 'incremental');
}

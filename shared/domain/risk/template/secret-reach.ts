import { foldName } from '../../arm-property.ts';
import { type Budget, checkDepth, templateLimits } from './budget.ts';
import { isSecure, textsIn } from './secure-parameters.ts';
import { isArray, isObject, propertyOf, type TemplateObject, type TemplateValue } from './template-value.ts';

/** Calls whose answer is a secret, whatever is then made of it. */
const secretCall = /\b(?:list[a-z0-9]*|secret)\s*\(/i;
const named = /\b(parameters|variables)\s*\(\s*(?:'((?:[^']|''){0,255})'\s*\))?/gi;

export type SecretReach = (value: TemplateValue | undefined) => boolean;

/**
 * Makes the question whether a value, not evaluated, is made of a secret: of what Azure lists, or of a parameter named in `secure`, through any variables and
 * functions. It asks what is written there and not what becomes of it, so that no function hides a secret. Throws TemplateFault `tooLarge`.
 */
export function makeSecretReach(template: TemplateObject, secure: ReadonlySet<string>, budget: Budget): SecretReach {
  const known = new Map<string | undefined, boolean>();
  const variableReaches = (name: string | undefined, depth: number): boolean => {
    checkDepth(depth);
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, false);
    const reached = reaches(variableNamed(template, name, budget), depth);
    known.set(name, reached);
    return reached;
  };
  const textReaches = (text: string, depth: number): boolean => {
    budget.spendText(text.length);
    if (!text.includes('[')) return false;
    if (secretCall.test(text)) return true;
    for (const [, kind = '', quoted] of text.matchAll(named)) {
      const name = quoted === undefined ? undefined : foldName(quoted);
      const isVariable = kind.toLowerCase() === 'variables';
      if (isVariable ? variableReaches(name, depth + 1) : name === undefined ? secure.size > 0 : secure.has(name)) return true;
    }
    return false;
  };
  const reaches = (value: TemplateValue | undefined, depth: number): boolean => textsIn(value).some((text) => textReaches(text, depth));
  return (value) => reaches(value, 0);
}

/** What a variable is made of; all of them where its name is computed. */
function variableNamed(template: TemplateObject, name: string | undefined, budget: Budget): TemplateValue | undefined {
  const variables = propertyOf(template, 'variables');
  if (name === undefined) return variables;
  const loops = propertyOf(variables, 'copy');
  budget.spend(isArray(loops) ? loops.length : 1);
  const copied = (isArray(loops) ? loops : []).filter((loop) => {
    const label = propertyOf(loop, 'name');
    return typeof label === 'string' && foldName(label) === name;
  });
  return [propertyOf(variables, name) ?? null, ...copied];
}

/**
 * What a nested deployment shows of the secrets of the template that it stands in: those that are handed to parameters which are not secure, since a deployment shows
 * its parameters; and, where its template is evaluated in the outer one, those in its outputs. In words, for each.
 */
export function shownByNested(properties: TemplateValue | undefined, reaches: SecretReach, nesting = 0): readonly string[] {
  const template = propertyOf(properties, 'template');
  const given = propertyOf(properties, 'parameters');
  if (!isObject(template) || nesting > templateLimits.nesting) return [];
  const open = (name: string) => !isSecure(template, propertyOf(propertyOf(template, 'parameters'), name));
  const handedOn = isObject(given) ? Object.entries(given).filter(([name, value]) => reaches(value) && open(name)) : [];
  const shown = handedOn.map(([name]) => `parameter ${name}, which is not secure`);
  const scope = propertyOf(propertyOf(properties, 'expressionEvaluationOptions'), 'scope');
  if (typeof scope === 'string' && scope.toLowerCase() === 'inner') return shown;
  const outputs = propertyOf(template, 'outputs');
  const told = isObject(outputs) ? Object.entries(outputs).filter(([, output]) => reaches(output) && !isSecure(template, output)) : [];
  const resources = propertyOf(template, 'resources');
  const within = isArray(resources) ? resources : isObject(resources) ? Object.values(resources) : [];
  return [
    ...shown,
    ...told.map(([name]) => `output ${name}`),
    ...within.flatMap((resource) => shownByNested(propertyOf(resource, 'properties'), reaches, nesting + 1)),
  ];
}

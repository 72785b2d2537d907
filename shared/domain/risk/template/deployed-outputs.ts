import { type Budget, checkDepth } from './budget.ts';
import type { Context } from './context.ts';
import { copiesOf, evaluateValue } from './evaluate.ts';
import type { OpenTemplate } from './open-template.ts';
import { addressOf } from './resource-address.ts';
import { isSecure } from './secure-parameters.ts';
import { isArray, isObject, propertyOf, type TemplateObject, type TemplateValue, Unknown } from './template-value.ts';

/** One output of a template, as it is written and evaluated; `isOpen` where whoever may read the deployment may read it. */
export type Output = { readonly name: string; readonly written: TemplateObject; readonly value: TemplateValue; readonly isOpen: boolean };

export function outputsOf({ template, context }: OpenTemplate, depth = 0): readonly Output[] {
  const outputs = propertyOf(template, 'outputs');
  if (!isObject(outputs)) return [];
  return Object.entries(outputs).flatMap(([name, output]) => {
    const condition = propertyOf(output, 'condition');
    if (!isObject(output) || (condition !== undefined && evaluateValue(condition, context, depth) === false)) return [];
    return [{ name, written: output, value: outputValue(output, name, context, depth), isOpen: !isSecure(template, output) }];
  });
}

function outputValue(output: TemplateObject, name: string, context: Context, depth: number): TemplateValue {
  const copy = propertyOf(output, 'copy');
  return isObject(copy) ? copiesOf(copy, name, context, depth) : evaluateValue(propertyOf(output, 'value') ?? null, context, depth);
}

/** Deployments of a template by symbol or name, and by id, in lower case; null where two share one. */
type DeploymentIndex = ReadonlyMap<string, TemplateObject | null>;

/** Opens the template of a deployment that is a resource; undefined where that is not possible. */
export type OpenNested = (raw: TemplateObject, context: Context) => OpenTemplate | undefined;

/**
 * Makes the look-up of what `reference` gives for a deployment of the same template: its outputs, so that modules which hand values on to each other
 * can be followed. A deployment in a loop, under a condition or with a name of its own choice is not followed.
 */
export function makeDeployedLookup(
  openNested: OpenNested,
): (name: string, depth: number, opened: OpenTemplate) => TemplateValue | undefined {
  const indexes = new WeakMap<OpenTemplate, DeploymentIndex>();
  const answers = new WeakMap<TemplateObject, TemplateValue | 'pending'>();
  return (name, depth, opened) => {
    const raw = indexFor(opened, indexes).get(name.toLowerCase());
    if (raw === undefined || raw === null) return undefined;
    const known = answers.get(raw);
    if (known !== undefined) return known === 'pending' ? undefined : known;
    answers.set(raw, 'pending');
    const nested = openNested(raw, opened.context);
    if (nested === undefined) return undefined;
    const outputs = Object.fromEntries(outputsOf(nested, depth + depthOfTemplate).map((output) => [output.name, { value: output.value }]));
    answers.set(raw, { outputs });
    return { outputs };
  };
}

/** What entering another template costs of the depth that is allowed, so that templates which hand themselves on come to an end. */
const depthOfTemplate = 12;

/** While the names of the resources are evaluated there is nothing yet that they could refer to. */
function indexFor(opened: OpenTemplate, indexes: WeakMap<OpenTemplate, DeploymentIndex>): DeploymentIndex {
  const known = indexes.get(opened);
  if (known !== undefined) return known;
  indexes.set(opened, new Map());
  const index = indexOf(opened);
  indexes.set(opened, index);
  return index;
}

/**
 * Deployments by what `reference` may call them: their symbol, else their name; and their id. A name is of use only where nothing else in the template
 * has it, or may have it; so all resources are looked at, those in loops and with unknown names too.
 */
function indexOf(opened: OpenTemplate): DeploymentIndex {
  const { template, context, hasSymbols } = opened;
  const resources = propertyOf(template, 'resources');
  const entries = isArray(resources) ? resources.map((raw) => ['', raw] as const) : isObject(resources) ? Object.entries(resources) : [];
  const index = new Map<string, TemplateObject | null>();
  const put = (key: string, raw: TemplateObject) => index.set(key.toLowerCase(), index.has(key.toLowerCase()) ? null : raw);
  let isNamed = !hasSymbols;
  for (const [symbol, raw] of entries) {
    if (!isObject(raw)) continue;
    const { id, name, unresolved } = addressOf(raw, context, undefined);
    const isKnown = unresolved.length === 0 && propertyOf(raw, 'copy') === undefined;
    isNamed &&= isKnown;
    if (hasSymbols) put(symbol, raw);
    if (isKnown && !hasSymbols) put(name, raw);
    if (isKnown && id !== undefined) put(id, raw);
  }
  const isUseful = ([key, raw]: readonly [string, TemplateObject | null]) =>
    raw !== null && isFollowed(raw) && (hasSymbols || isNamed || key.startsWith('/'));
  return new Map([...index].filter(isUseful));
}

function isFollowed(raw: TemplateObject): boolean {
  const [type, copy, condition, existing] = ['type', 'copy', 'condition', 'existing'].map((name) => propertyOf(raw, name));
  return (
    typeof type === 'string' &&
    type.toLowerCase() === 'microsoft.resources/deployments' &&
    copy === undefined &&
    existing === undefined &&
    (condition === undefined || condition === true)
  );
}

/** Whether an output shows a secret: one that Azure lists, or a text that was given as one. */
export function showsSecret(value: TemplateValue, secrets: readonly string[], budget: Budget, depth = 0): boolean {
  budget.spend(1 + secrets.length);
  if (value instanceof Unknown) return value.secret;
  if (typeof value === 'string') {
    budget.spendText(value.length * secrets.length);
    return secrets.some((secret) => value.includes(secret));
  }
  checkDepth(depth);
  if (isArray(value)) return value.some((item) => showsSecret(item, secrets, budget, depth + 1));
  return isObject(value) && Object.values(value).some((inner) => showsSecret(inner, secrets, budget, depth + 1));
}

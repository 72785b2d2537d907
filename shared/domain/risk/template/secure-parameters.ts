import { foldName } from '../../arm-property.ts';
import type { Budget } from './budget.ts';
import { isArray, isObject, propertyOf, type TemplateObject, type TemplateValue } from './template-value.ts';

/** `securestring` and `secureobject`, also through definitions of the template's own, which may lead on to further ones. */
export function isSecure(template: TemplateObject, declared: TemplateValue | undefined): boolean {
  const type = propertyOf(definitionOf(template, declared), 'type');
  return typeof type === 'string' && type.toLowerCase().startsWith('secure');
}

/** Where the references of a declaration end; undefined where they lead nowhere, or in a circle. */
function definitionOf(template: TemplateObject, declared: TemplateValue | undefined): TemplateValue | undefined {
  const seen = new Set<TemplateValue>();
  let found = declared;
  while (found !== undefined && !seen.has(found)) {
    seen.add(found);
    const reference = propertyOf(found, '$ref');
    if (typeof reference !== 'string') return found;
    found = propertyOf(propertyOf(template, 'definitions'), reference.slice(reference.lastIndexOf('/') + 1));
  }
  return undefined;
}

/** Names of the parameters that hold a secret, folded: those that are declared secure, as a whole or in a part, and those that come from a vault. */
export function secureNames(template: TemplateObject, given: TemplateValue | undefined, budget: Budget): ReadonlySet<string> {
  const declared = propertyOf(template, 'parameters');
  const entries = isObject(declared) ? Object.entries(declared) : [];
  const isFromVault = (name: string) => propertyOf(propertyOf(given, name), 'reference') !== undefined;
  return new Set(
    entries.flatMap(([name, declaration]) => (holdsSecure(template, declaration, budget) || isFromVault(name) ? [foldName(name)] : [])),
  );
}

/** What it costs to look at one type: several properties are asked for. */
const stepsOfType = 5;

/** Whether anything within the type is secure; each declaration is looked at once, since types may hold themselves. */
function holdsSecure(template: TemplateObject, declared: TemplateValue, budget: Budget): boolean {
  const waiting: (TemplateValue | undefined)[] = [declared];
  const seen = new Set<TemplateValue>();
  for (const next of waiting) {
    budget.spend(stepsOfType);
    const definition = definitionOf(template, next);
    if (!isObject(definition) || seen.has(definition)) continue;
    seen.add(definition);
    if (isSecure(template, definition)) return true;
    const [properties, variants, tuple] = [
      propertyOf(definition, 'properties'),
      propertyOf(propertyOf(definition, 'discriminator'), 'mapping'),
      propertyOf(definition, 'prefixItems'),
    ];
    for (const named of [properties, variants]) if (isObject(named)) waiting.push(...Object.values(named));
    if (isArray(tuple)) waiting.push(...tuple);
    waiting.push(propertyOf(definition, 'items'), propertyOf(definition, 'additionalProperties'));
  }
  return false;
}

/** Shorter ones would be found everywhere by chance. */
const shortestSecret = 6;

/** Texts that are given to secure parameters, or are their defaults. */
export function secretTexts(template: TemplateObject, given: TemplateValue | undefined, secure: ReadonlySet<string>): readonly string[] {
  return [...secure].flatMap((name) => {
    const value =
      propertyOf(propertyOf(given, name), 'value') ?? propertyOf(propertyOf(propertyOf(template, 'parameters'), name), 'defaultValue');
    return textsIn(value).filter((text) => text.length >= shortestSecret);
  });
}

/** Every text in a value. */
export function textsIn(value: TemplateValue | undefined): readonly string[] {
  const texts: string[] = [];
  const waiting: TemplateValue[] = value === undefined ? [] : [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') texts.push(next);
    else if (isArray(next)) for (const inner of next) waiting.push(inner);
    else if (isObject(next)) for (const inner of Object.values(next)) waiting.push(inner);
  }
  return texts;
}

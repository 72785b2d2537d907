import type { JsonValue } from '../../json.ts';
import { type Budget, checkDepth } from './budget.ts';
import { isArray, isObject, type TemplateObject, type TemplateValue, Unknown } from './template-value.ts';

/** Elements of a resource that belong to the template and are not sent to its provider. */
const ofTemplate: ReadonlySet<string> = new Set([
  'type',
  'apiversion',
  'name',
  'scope',
  'subscriptionid',
  'resourcegroup',
  'condition',
  'copy',
  'dependson',
  'resources',
  'comments',
  'metadata',
  'existing',
  'asserts',
]);

/** The elements that its provider gets, not evaluated. */
export function sentElements(raw: TemplateObject): TemplateObject {
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !ofTemplate.has(name.toLowerCase())));
}

/** Elements by which nothing is made dangerous, whatever they turn out to be; but for a secret, which an error about them would show. */
const harmless = /^(?:location|zones(?:\[\d+\])?)$/i;

export type JudgedBody = {
  readonly body: JsonValue;
  /** Paths of the values that may be anything, such as `properties.subnet.id`. */
  readonly unresolved: readonly string[];
  readonly characters: number;
};

/** A body as JSON: an example where little is open, and `stand(unknown)` where a value may be anything. */
export function judgedBody(value: TemplateValue, budget: Budget, stand: (unknown: Unknown) => JsonValue): JudgedBody {
  const rendering: Rendering = { budget, stand, unresolved: [], characters: 0 };
  const body = render(value, '', 0, rendering);
  return { body, unresolved: rendering.unresolved, characters: rendering.characters };
}

type Rendering = {
  readonly budget: Budget;
  readonly stand: (unknown: Unknown) => JsonValue;
  readonly unresolved: string[];
  characters: number;
};

function render(value: TemplateValue, path: string, depth: number, rendering: Rendering): JsonValue {
  rendering.budget.spend(1);
  if (value instanceof Unknown) {
    rendering.characters += value.shown.length;
    if (value.kind !== 'anything') return value.shown;
    if (value.secret || !harmless.test(path)) rendering.unresolved.push(path);
    return rendering.stand(value);
  }
  if (typeof value === 'string') rendering.characters += value.length + 2;
  if (typeof value !== 'object' || value === null) return value;
  checkDepth(depth);
  if (isArray(value)) return value.map((item, index) => render(item, `${path}[${index}]`, depth + 1, rendering));
  if (!isObject(value)) return null;
  const entries = Object.entries(value).map(([name, inner]): readonly [string, JsonValue] => {
    rendering.characters += name.length + 4;
    return [name, render(inner, path === '' ? name : `${path}.${name}`, depth + 1, rendering)];
  });
  return Object.fromEntries(entries);
}

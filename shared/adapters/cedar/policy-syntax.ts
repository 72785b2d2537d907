import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** What an agent is answered by; a policy speaks of these where its scope names no action, too. */
export const cedarActions = ['execute', 'request', 'reveal', 'approve', 'read'] as const;
export type CedarAction = (typeof cedarActions)[number];

/** Entities that a policy names, in its scope or its conditions. */
export type EntityReference = { readonly type: string; readonly id: string };

/** The actions that the scope of a policy lets through, by name. */
export function actionsOf({ action }: PolicyJson): readonly string[] {
  if (action.op === 'All') return cedarActions;
  return entitiesNamed(action)
    .filter(({ type }) => type === 'Action')
    .map(({ id }) => id);
}

/** Whether a policy may have a say in questions of an action. One that is for exactly another action has none; what names a group of actions may hold any. */
export function mayDecide({ action }: PolicyJson, asked: CedarAction): boolean {
  return action.op !== '==' || !('entity' in action) || entitiesNamed(action).some(({ type, id }) => type === 'Action' && id === asked);
}

export function entitiesNamed(part: unknown): readonly EntityReference[] {
  return collect(part, (node) => {
    const { type, id } = node;
    return typeof type === 'string' && typeof id === 'string' ? [{ type, id }] : [];
  });
}

/** Names of the tags that a policy looks at; an empty one where it computes the name. */
export function tagsNamed(part: unknown): readonly string[] {
  return collect(part, (node) =>
    [node['hasTag'], node['getTag']].filter(isNode).flatMap(({ right }) => {
      const names = literalsIn(right);
      return names.length === 0 ? [''] : names;
    }),
  );
}

/** Texts that a policy compares an attribute with, by `==`, `!=` or as elements of a set. */
export function textsComparedWith(part: unknown, attribute: string, of: Variable = 'context'): readonly string[] {
  return collect(part, (node) =>
    ['==', '!=', 'contains', 'containsAny', 'containsAll'].flatMap((operator) => {
      const operands = node[operator];
      if (!isNode(operands)) return [];
      const { left, right } = operands;
      if (isAttribute(left, of, attribute)) return literalsIn(right);
      return isAttribute(right, of, attribute) ? literalsIn(left) : [];
    }),
  );
}

export type Comparison = { readonly shown: string; readonly holds: (value: number) => boolean };

const orders: readonly (readonly [string, (left: number, right: number) => boolean])[] = [
  ['==', (left, right) => left === right],
  ['!=', (left, right) => left !== right],
  ['<', (left, right) => left < right],
  ['<=', (left, right) => left <= right],
  ['>', (left, right) => left > right],
  ['>=', (left, right) => left >= right],
];

/** Every comparison of an attribute of the context with a number that is written out. */
export function comparisonsWith(part: unknown, attribute: string): readonly Comparison[] {
  return collect(part, (node) =>
    orders.flatMap(([operator, compare]): readonly Comparison[] => {
      const operands = node[operator];
      if (!isNode(operands)) return [];
      const [left, right] = [numberIn(operands['left']), numberIn(operands['right'])];
      const name = `context.${attribute}`;
      if (right !== undefined && isAttribute(operands['left'], 'context', attribute)) {
        return [{ shown: `${name} ${operator} ${right}`, holds: (value) => compare(value, right) }];
      }
      if (left === undefined || !isAttribute(operands['right'], 'context', attribute)) return [];
      return [{ shown: `${left} ${operator} ${name}`, holds: (value) => compare(left, value) }];
    }),
  );
}

/** The `like` patterns that a policy holds an attribute of the context against. */
export function textsMatchedWith(part: unknown, attribute: string): readonly string[] {
  return collect(part, (node) => patternOn(node['like'], attribute));
}

type Node = Readonly<Record<string, unknown>>;
type Variable = 'context' | 'principal';

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Visits every object in a policy's JSON form. */
function collect<Found>(part: unknown, look: (node: Node) => readonly Found[]): readonly Found[] {
  if (Array.isArray(part)) return part.flatMap((element: unknown) => collect(element, look));
  if (!isNode(part)) return [];
  return [...look(part), ...Object.values(part).flatMap((value) => collect(value, look))];
}

function isAttribute(node: unknown, of: Variable, attribute: string): boolean {
  if (!isNode(node)) return false;
  const access = node['.'];
  return isNode(access) && access['attr'] === attribute && isNode(access['left']) && access['left']['Var'] === of;
}

function numberIn(node: unknown): number | undefined {
  if (!isNode(node)) return undefined;
  if (typeof node['Value'] === 'number') return node['Value'];
  const negated = isNode(node['neg']) ? numberIn(node['neg']['arg']) : undefined;
  return negated === undefined ? undefined : -negated;
}

function literalsIn(node: unknown): readonly string[] {
  if (!isNode(node)) return [];
  if (typeof node['Value'] === 'string') return [node['Value']];
  return Array.isArray(node['Set']) ? node['Set'].flatMap(literalsIn) : [];
}

function patternOn(like: unknown, attribute: string): readonly string[] {
  if (!isNode(like) || !isAttribute(like['left'], 'context', attribute) || !Array.isArray(like['pattern'])) return [];
  const elements: readonly unknown[] = like['pattern'];
  const shown = elements.map((element) => (isNode(element) && typeof element['Literal'] === 'string' ? element['Literal'] : '*'));
  return [shown.join('')];
}

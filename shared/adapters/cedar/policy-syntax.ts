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

/** Texts that a policy compares an attribute of the context with, by `==`, `!=` or as elements of a set. */
export function textsComparedWith(part: unknown, attribute: string): readonly string[] {
  return collect(part, (node) =>
    ['==', '!=', 'contains', 'containsAny', 'containsAll'].flatMap((operator) => {
      const operands = node[operator];
      if (!isNode(operands)) return [];
      const { left, right } = operands;
      if (isContext(left, attribute)) return literalsIn(right);
      return isContext(right, attribute) ? literalsIn(left) : [];
    }),
  );
}

/** The `like` patterns that a policy holds an attribute of the context against. */
export function textsMatchedWith(part: unknown, attribute: string): readonly string[] {
  return collect(part, (node) => patternOn(node['like'], attribute));
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Visits every object in a policy's JSON form. */
function collect<Found>(part: unknown, look: (node: Node) => readonly Found[]): readonly Found[] {
  if (Array.isArray(part)) return part.flatMap((element: unknown) => collect(element, look));
  if (!isNode(part)) return [];
  return [...look(part), ...Object.values(part).flatMap((value) => collect(value, look))];
}

function isContext(node: unknown, attribute: string): boolean {
  if (!isNode(node)) return false;
  const access = node['.'];
  return isNode(access) && access['attr'] === attribute && isNode(access['left']) && access['left']['Var'] === 'context';
}

function literalsIn(node: unknown): readonly string[] {
  if (!isNode(node)) return [];
  if (typeof node['Value'] === 'string') return [node['Value']];
  return Array.isArray(node['Set']) ? node['Set'].flatMap(literalsIn) : [];
}

function patternOn(like: unknown, attribute: string): readonly string[] {
  if (!isNode(like) || !isContext(like['left'], attribute) || !Array.isArray(like['pattern'])) return [];
  const elements: readonly unknown[] = like['pattern'];
  const shown = elements.map((element) => (isNode(element) && typeof element['Literal'] === 'string' ? element['Literal'] : '*'));
  return [shown.join('')];
}

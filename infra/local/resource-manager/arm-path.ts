/**
 * What a request path of Azure Resource Manager names. Ids are decoded, begin with a slash, have no final one, and keep the caller's casing;
 * comparisons are made with `sameId` or on `idKey`.
 */
export type ArmTarget =
  | { readonly kind: 'subscriptions' }
  | { readonly kind: 'subscription'; readonly id: string; readonly subscriptionId: string }
  | { readonly kind: 'resourceGroups'; readonly subscriptionId: string }
  /** What can be done to a whole group. */
  | { readonly kind: 'groupAction'; readonly id: string; readonly action: 'moveResources' | 'validateMoveResources' }
  | { readonly kind: 'resourceGroup'; readonly id: string; readonly subscriptionId: string; readonly name: string }
  /** `/resources` of a subscription or a resource group. */
  | { readonly kind: 'resources'; readonly scopeId: string; readonly subscriptionId: string }
  | { readonly kind: 'providers'; readonly subscriptionId: string }
  | { readonly kind: 'provider'; readonly subscriptionId: string; readonly namespace: string }
  | { readonly kind: 'operationResult'; readonly subscriptionId: string; readonly operationId: string }
  | ResourceTarget
  | CollectionTarget;

export type ResourceTarget = {
  readonly kind: 'resource';
  readonly id: string;
  /** What stands before `/providers/` of this resource: empty for the tenant, else a subscription, a group, or a resource that it extends. */
  readonly scopeId: string;
  readonly namespace: string;
  /** Type segments and names by turns: `servers` `sql-1` `databases` `db-1` gives two of each. */
  readonly types: readonly string[];
  readonly names: readonly string[];
};

/** A path that ends in a type: a list of its resources when read, an action's name when posted to. */
export type CollectionTarget = {
  readonly kind: 'collection';
  readonly scopeId: string;
  readonly namespace: string;
  readonly types: readonly string[];
  readonly names: readonly string[];
  /** The last segment: the type to list, or the action to perform. */
  readonly last: string;
};

/** A path is refused as `invalid` where it is malformed, and as `unknown` where it names nothing that could exist. */
export type PathRefusal = { readonly kind: 'refused'; readonly reason: 'invalid' | 'unknown' };

/** Parses the path of a request (hostile, still percent-encoded, without the query). */
export function parseArmPath(rawPath: string): ArmTarget | PathRefusal {
  const segments = decodeSegments(rawPath);
  if (segments === undefined) {
    return { kind: 'refused', reason: 'invalid' };
  }
  const [root, subscriptionId, ...rest] = segments;
  if (is(root, 'providers')) {
    return parseProviders('', segments);
  }
  if (!is(root, 'subscriptions')) {
    return unknown;
  }
  return subscriptionId === undefined ? { kind: 'subscriptions' } : parseSubscription(subscriptionId, rest);
}

/** Two ids that differ in casing only name the same resource. */
export function idKey(id: string): string {
  return id.toLowerCase();
}

export function sameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** `Microsoft.Sql/servers/databases` of a resource, or of the resource before a collection's last segment. */
export function typeOf({ namespace, types }: { readonly namespace: string; readonly types: readonly string[] }): string {
  return [namespace, ...types].join('/');
}

/** The id of the resource before a collection's last segment; its scope where the last segment is all there is. */
export function baseIdOf({ scopeId, namespace, types, names }: CollectionTarget): string {
  return types.length === 0 ? scopeId : resourceIdOf(scopeId, namespace, types, names);
}

/** The subscription that an id lies in, or undefined for the tenant. */
export function subscriptionIdOf(id: string): string | undefined {
  return /^\/subscriptions\/([^/]+)/i.exec(id)?.[1];
}

/** The id of the resource group that an id lies in or is, or undefined. */
export function groupIdOf(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i.exec(id)?.[0];
}

export function lastSegment(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

const unknown: PathRefusal = { kind: 'refused', reason: 'unknown' };

function is(segment: string | undefined, word: string): boolean {
  return segment?.toLowerCase() === word;
}

function parseSubscription(subscriptionId: string, rest: readonly string[]): ArmTarget | PathRefusal {
  const id = `/subscriptions/${subscriptionId}`;
  const [first, second, ...further] = rest;
  if (first === undefined) {
    return { kind: 'subscription', id, subscriptionId };
  }
  if (is(first, 'resourcegroups')) {
    return second === undefined ? { kind: 'resourceGroups', subscriptionId } : parseGroup(subscriptionId, second, further);
  }
  if (is(first, 'resources') && rest.length === 1) {
    return { kind: 'resources', scopeId: id, subscriptionId };
  }
  if (is(first, 'operationresults') && second !== undefined && rest.length === 2) {
    return { kind: 'operationResult', subscriptionId, operationId: second };
  }
  if (is(first, 'providers') && rest.length <= 2) {
    return second === undefined ? { kind: 'providers', subscriptionId } : { kind: 'provider', subscriptionId, namespace: second };
  }
  return parseProviders(id, rest);
}

function parseGroup(subscriptionId: string, name: string, rest: readonly string[]): ArmTarget | PathRefusal {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
  if (rest.length === 0) {
    return { kind: 'resourceGroup', id, subscriptionId, name };
  }
  if (is(rest[0], 'resources') && rest.length === 1) {
    return { kind: 'resources', scopeId: id, subscriptionId };
  }
  const action = groupActions.find((known) => is(rest[0], known.toLowerCase()));
  if (action !== undefined && rest.length === 1) {
    return { kind: 'groupAction', id, action };
  }
  return parseProviders(id, rest);
}

const groupActions = ['moveResources', 'validateMoveResources'] as const;

/** `providers / namespace / type / name / type / name …`; a further `providers` in the place of a type begins an extension of what came before. */
function parseProviders(scopeId: string, segments: readonly string[]): ArmTarget | PathRefusal {
  const [providers, namespace, ...rest] = segments;
  if (!is(providers, 'providers') || namespace === undefined || rest.length === 0) {
    return unknown;
  }
  const types: string[] = [];
  const names: string[] = [];
  for (let index = 0; index < rest.length; index += 2) {
    const [type, name] = rest.slice(index, index + 2);
    if (type === undefined) {
      return unknown;
    }
    if (is(type, 'providers') && types.length > 0) {
      return parseProviders(resourceIdOf(scopeId, namespace, types, names), rest.slice(index));
    }
    if (name === undefined) {
      return { kind: 'collection', scopeId, namespace, types, names, last: type };
    }
    types.push(type);
    names.push(name);
  }
  return { kind: 'resource', id: resourceIdOf(scopeId, namespace, types, names), scopeId, namespace, types, names };
}

function resourceIdOf(scopeId: string, namespace: string, types: readonly string[], names: readonly string[]): string {
  const pairs = types.map((type, index) => `${type}/${names[index] ?? ''}`);
  return [scopeId, 'providers', namespace, ...pairs].join('/');
}

const maxSegmentLength = 260;
/** No name in Azure holds a separator, a percent sign left after decoding, or a control character. */
const forbiddenInSegment = /[/\\%?#<>&\p{Cc}]/u;

/** Undefined where a segment is empty, does not decode, or holds what no name may hold: nothing is normalised away. */
function decodeSegments(rawPath: string): readonly string[] | undefined {
  const [beforeFirst, ...raw] = rawPath.replace(/\/$/, '').split('/');
  if (beforeFirst !== '') {
    return undefined;
  }
  const segments: string[] = [];
  for (const segment of raw) {
    const decoded = decodeSegment(segment);
    if (decoded === undefined) {
      return undefined;
    }
    segments.push(decoded);
  }
  return segments;
}

function decodeSegment(raw: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  const dots = decoded === '.' || decoded === '..';
  return decoded === '' || dots || decoded.length > maxSegmentLength || forbiddenInSegment.test(decoded) ? undefined : decoded;
}

import { ArmPathError, endingSegment, isGuid, keepsCase, namespaceSegment, splitSegments, typeSegment } from './arm-names.ts';

export { ArmPathError };

/** What the last `providers` of a path stands on; for a path that ends with a scope, that scope. */
export type ArmScope = 'tenant' | 'managementGroup' | 'subscription' | 'resourceGroup' | 'resource';

/**
 * What a path of Azure Resource Manager addresses.
 * Source of the grammar: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules and …/azure-resource-manager/management/extension-resource-types.
 */
export type ArmPath = {
  /** Canonical text in which the last name keeps its spelling, as a PUT needs, which may create it. */
  readonly canonical: string;
  /** Canonical text of every other call: case is folded wherever Azure folds it. */
  readonly folded: string;
  readonly scope: ArmScope;
  /** RBAC-style type of the addressed resource, lower case: `microsoft.compute/virtualmachines`; only the namespace where a type is listed below it. */
  readonly type: string;
  /** Last segment, lower case, where it names no resource: a type to list, or an action to POST. */
  readonly verb: string | undefined;
  /** What else a POST whose path ends in a name may be; see `arm-call.ts`. */
  readonly alsoRead?: { readonly type: string; readonly verb: string };
  /** Canonical spelling of the addressed resource, group or subscription, without the verb; `/` for the tenant. What a GET of the target asks for. */
  readonly resource: string;
  /** Lower-case id of the resource, group, subscription or management group that is addressed, without the verb. Compare ids only in this form. */
  readonly resourceId: string;
  /** Ids that contain it, lower case, nearest first, ending with `/` (the tenant). */
  readonly containers: readonly string[];
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
  /** Name of the resource as the canonical text has it; for people to read. */
  readonly name: string | undefined;
};

type Reading = {
  readonly segments: readonly string[];
  at: number;
  /** Canonical segments read so far, case folded. */
  readonly text: string[];
  /** The last name as given, where the path ends with one. */
  spelled: string | undefined;
  resource: string;
  /** Ids passed on the way down, lower case; the last is the addressed resource. */
  readonly ids: string[];
  scope: ArmScope;
  /** What the next `providers` would stand on. */
  standingOn: ArmScope;
  type: string;
  keepsCase: boolean;
  /** The last name, case folded. */
  name: string | undefined;
  verb: string | undefined;
  subscriptionId: string | undefined;
  resourceGroup: string | undefined;
};

/** Parses a hostile path. Throws {@link ArmPathError} for anything that is not exactly a path Azure Resource Manager documents. */
export function parseArmPath(path: string): ArmPath {
  const reading = begin(splitSegments(path));
  if (peek(reading) === 'subscriptions') readSubscription(reading);
  else if (reading.segments.length === 1 && peek(reading) === 'tenants') endWith(reading, 'tenants');
  while (reading.at < reading.segments.length && reading.verb === undefined) readProvider(reading);
  if (reading.at < reading.segments.length) throw new ArmPathError(`The path goes on after "${reading.verb}", where it should end.`);
  const [resourceId = '/', ...containers] = reading.ids.toReversed();
  const { type, verb, resource, scope, subscriptionId, resourceGroup, text, spelled } = reading;
  const canonical = spelled === undefined ? text : [...text.slice(0, -1), spelled];
  const texts = { canonical: `/${canonical.join('/')}`, folded: `/${text.join('/')}`, name: spelled ?? reading.name };
  return { ...texts, scope, type, verb, resource, resourceId, containers, subscriptionId, resourceGroup };
}

function begin(segments: readonly string[]): Reading {
  return {
    segments,
    at: 0,
    text: [],
    spelled: undefined,
    resource: '/',
    ids: ['/'],
    scope: 'tenant',
    standingOn: 'tenant',
    type: 'microsoft.resources',
    keepsCase: false,
    name: undefined,
    verb: undefined,
    subscriptionId: undefined,
    resourceGroup: undefined,
  };
}

function peek(reading: Reading): string | undefined {
  return reading.segments[reading.at]?.toLowerCase();
}

/** Consumes the next segment, writing down its canonical spelling. */
function take(reading: Reading, canonical: string): void {
  reading.text.push(canonical);
  reading.at += 1;
  reading.spelled = undefined;
}

/** Consumes a type and a name. A resource called "providers" would let one path be read in two ways. */
function enterResource(reading: Reading, keyword: string, type: string, name: string): void {
  if (name.toLowerCase() === 'providers') throw new ArmPathError('The path has "providers" where a name should stand.');
  reading.keepsCase ||= keepsCase(type);
  take(reading, keyword);
  take(reading, reading.keepsCase ? name : name.toLowerCase());
  reading.spelled = isGuid(name) ? undefined : name;
  reading.resource = `/${reading.text.join('/')}`;
  reading.ids.push(reading.resource.toLowerCase());
  reading.type = type;
  reading.name = reading.text.at(-1);
}

function endWith(reading: Reading, verb: string): void {
  take(reading, verb);
  reading.verb = verb.toLowerCase();
}

function stand(reading: Reading, scope: ArmScope): void {
  reading.scope = scope;
  reading.standingOn = scope;
}

function readSubscription(reading: Reading): void {
  const id = reading.segments[reading.at + 1];
  if (id === undefined) {
    endWith(reading, 'subscriptions');
    return;
  }
  if (!isGuid(id)) throw new ArmPathError('The subscription id is not a GUID.');
  enterResource(reading, 'subscriptions', 'microsoft.resources/subscriptions', id.toLowerCase());
  reading.subscriptionId = id.toLowerCase();
  stand(reading, 'subscription');
  if (peek(reading) === 'resourcegroups') readResourceGroup(reading);
  else if (peek(reading) === 'tagnames') readTagName(reading);
  else readVerbOfScope(reading);
}

function readResourceGroup(reading: Reading): void {
  const name = reading.segments[reading.at + 1];
  if (name === undefined) {
    endWith(reading, 'resourceGroups');
    return;
  }
  enterResource(reading, 'resourceGroups', 'microsoft.resources/subscriptions/resourcegroups', name);
  reading.resourceGroup = reading.text.at(-1);
  stand(reading, 'resourceGroup');
  readVerbOfScope(reading);
}

/** `/subscriptions/{id}/tagNames/{name}/tagValues/{value}`: the names and values that a subscription suggests. */
function readTagName(reading: Reading): void {
  let type = 'microsoft.resources/subscriptions';
  for (const keyword of ['tagNames', 'tagValues'] as const) {
    if (peek(reading) !== keyword.toLowerCase()) return;
    const name = reading.segments[reading.at + 1];
    if (name === undefined) {
      endWith(reading, keyword);
      return;
    }
    type = `${type}/${keyword.toLowerCase()}`;
    enterResource(reading, keyword, type, name);
  }
}

/** `/subscriptions/{id}/resources`, `/resourceGroups/{name}/moveResources`: what follows a scope and is no provider. */
function readVerbOfScope(reading: Reading): void {
  const verb = peek(reading);
  if (verb === undefined || verb === 'providers') return;
  endWith(reading, typeSegment(verb));
}

/** `providers/{namespace}/{type}/{name}…`, which may follow a resource too (an extension resource). */
function readProvider(reading: Reading): void {
  if (peek(reading) !== 'providers') {
    throw new ArmPathError(`The path has "${peek(reading)}" where "subscriptions" or "providers" should stand.`);
  }
  take(reading, 'providers');
  reading.scope = reading.standingOn;
  reading.keepsCase = false;
  const namespace = peek(reading);
  if (namespace === undefined || reading.at + 1 === reading.segments.length) {
    if (namespace !== undefined) take(reading, namespaceSegment(namespace));
    reading.verb = 'providers';
    return;
  }
  take(reading, namespaceSegment(namespace));
  readTypesAndNames(reading, namespace);
  reading.standingOn = reading.type === 'microsoft.management/managementgroups' ? 'managementGroup' : 'resource';
}

function readTypesAndNames(reading: Reading, namespace: string): void {
  let type = namespace;
  if (peek(reading) === 'providers') throw new ArmPathError(`The path has "providers" where a type of ${namespace} should stand.`);
  for (let segment = peek(reading); segment !== undefined && segment !== 'providers'; segment = peek(reading)) {
    const name = reading.segments[reading.at + 1];
    if (name === undefined) {
      reading.type = type;
      endWith(reading, endingSegment(segment));
      return;
    }
    type = `${type}/${typeSegment(segment)}`;
    if (scopesWithKeywords.has(type)) throw new ArmPathError(`"${type}" has a path of its own, which begins with /subscriptions.`);
    enterResource(reading, segment, type, name);
  }
}

/** Scopes spelled as resources of a provider would be a second way to write the same target. */
const scopesWithKeywords: ReadonlySet<string> = new Set([
  'microsoft.resources/subscriptions',
  'microsoft.resources/resourcegroups',
  'microsoft.resources/tagnames',
]);

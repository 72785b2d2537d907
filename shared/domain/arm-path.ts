/** Raised by {@link parseArmPath}; the message names what is odd. */
export class ArmPathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ArmPathError';
  }
}

/**
 * What a path of Azure Resource Manager addresses.
 * Source of the grammar: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules and …/azure-resource-manager/management/extension-resource-types.
 */
export type ArmPath = {
  /** Canonical text: what is digested and sent. */
  readonly canonical: string;
  /** RBAC-style type of the addressed resource, lower case: `microsoft.compute/virtualmachines`; only the namespace where a type is listed below it. */
  readonly type: string;
  /** Last segment, lower case, where it names no resource: a type to list, or an action to POST. */
  readonly verb: string | undefined;
  /** Canonical spelling of the addressed resource, group or subscription, without the verb; `/` for the tenant. What a GET of the target asks for. */
  readonly resource: string;
  /** Lower-case id of the resource, group, subscription or management group that is addressed, without the verb. Compare ids only in this form. */
  readonly resourceId: string;
  /** Ids that contain it, lower case, nearest first, ending with `/` (the tenant). */
  readonly containers: readonly string[];
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
  /** Name of the resource as given; for people to read. */
  readonly name: string | undefined;
};

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const namespaceShape = /^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)+$/;
const typeShape = /^[a-z][a-z0-9.]*$/;
const nameShape = /^[A-Za-z0-9\-._()~!$'*+,;=:@|]+$/;
const maxPathLength = 2048;

type Reading = {
  readonly segments: readonly string[];
  at: number;
  /** Canonical segments read so far. */
  readonly text: string[];
  resource: string;
  /** Ids passed on the way down, lower case; the last is the addressed resource. */
  readonly ids: string[];
  type: string;
  name: string | undefined;
  verb: string | undefined;
  subscriptionId: string | undefined;
  resourceGroup: string | undefined;
};

/** Parses a hostile path. Throws {@link ArmPathError} for anything that is not exactly a path Azure Resource Manager documents. */
export function parseArmPath(path: string): ArmPath {
  const reading: Reading = {
    segments: splitSegments(path),
    at: 0,
    text: [],
    resource: '/',
    ids: ['/'],
    type: 'microsoft.resources',
    name: undefined,
    verb: undefined,
    subscriptionId: undefined,
    resourceGroup: undefined,
  };
  if (peek(reading) === 'subscriptions') readSubscription(reading);
  while (reading.at < reading.segments.length && reading.verb === undefined) readProvider(reading);
  if (reading.at < reading.segments.length) throw new ArmPathError(`The path goes on after "${reading.verb}", where it should end.`);
  const [resourceId = '/', ...containers] = reading.ids.reverse();
  const { type, verb, resource, subscriptionId, resourceGroup, name } = reading;
  return { canonical: `/${reading.text.join('/')}`, type, verb, resource, resourceId, containers, subscriptionId, resourceGroup, name };
}

function splitSegments(path: string): readonly string[] {
  if (path.length > maxPathLength) throw new ArmPathError(`The path is longer than ${maxPathLength} characters.`);
  if (!path.startsWith('/')) throw new ArmPathError('The path must start with "/" and name no host.');
  if (!/^[\x21-\x7e]*$/.test(path)) throw new ArmPathError('The path holds a space, a control, an invisible or a non-ASCII character.');
  for (const odd of ['%', '\\', '?', '#'] as const) {
    if (path.includes(odd)) throw new ArmPathError(`The path holds "${odd}": escapes, query and fragment are not part of it.`);
  }
  const segments = path.slice(1).split('/');
  for (const segment of segments) {
    if (segment === '') throw new ArmPathError('The path has an empty segment ("//" or a "/" at its end).');
    if (/^\.+$/.test(segment)) throw new ArmPathError(`The path has a dot segment ("${segment}").`);
    if (segment.endsWith('.')) throw new ArmPathError(`The path segment "${segment}" ends in a dot, which some servers drop.`);
    if (!nameShape.test(segment)) throw new ArmPathError(`The path segment "${segment}" holds a character that Azure names cannot have.`);
  }
  return segments;
}

function peek(reading: Reading): string | undefined {
  return reading.segments[reading.at]?.toLowerCase();
}

/** Consumes the next segment, writing down its canonical spelling. */
function take(reading: Reading, canonical: string): void {
  reading.text.push(canonical);
  reading.at += 1;
}

/** A resource called "providers" would let one path be read in two ways. */
function enterResource(reading: Reading, type: string, name: string): void {
  if (name.toLowerCase() === 'providers') throw new ArmPathError('The path has "providers" where a name should stand.');
  reading.resource = `/${reading.text.join('/')}`;
  reading.ids.push(reading.resource.toLowerCase());
  reading.type = type;
  reading.name = name;
}

function endWith(reading: Reading, verb: string): void {
  take(reading, verb);
  reading.verb = verb.toLowerCase();
}

function readSubscription(reading: Reading): void {
  const id = reading.segments[reading.at + 1]?.toLowerCase();
  if (id === undefined) {
    endWith(reading, 'subscriptions');
    return;
  }
  if (!guid.test(id)) throw new ArmPathError('The subscription id is not a GUID.');
  take(reading, 'subscriptions');
  take(reading, id);
  reading.subscriptionId = id;
  enterResource(reading, 'microsoft.resources/subscriptions', id);
  if (peek(reading) === 'resourcegroups') readResourceGroup(reading);
  else readVerbOfScope(reading);
}

function readResourceGroup(reading: Reading): void {
  const name = reading.segments[reading.at + 1];
  if (name === undefined) {
    endWith(reading, 'resourceGroups');
    return;
  }
  take(reading, 'resourceGroups');
  take(reading, name);
  reading.resourceGroup = name;
  enterResource(reading, 'microsoft.resources/subscriptions/resourcegroups', name);
  readVerbOfScope(reading);
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
  const namespace = peek(reading);
  if (namespace === undefined || reading.at + 1 === reading.segments.length) {
    if (namespace !== undefined) take(reading, namespaceSegment(namespace));
    reading.verb = 'providers';
    return;
  }
  take(reading, namespaceSegment(namespace));
  readTypesAndNames(reading, namespace);
}

function readTypesAndNames(reading: Reading, namespace: string): void {
  let type = namespace;
  if (peek(reading) === 'providers') throw new ArmPathError(`The path has "providers" where a type of ${namespace} should stand.`);
  for (let segment = peek(reading); segment !== undefined && segment !== 'providers'; segment = peek(reading)) {
    const name = reading.segments[reading.at + 1];
    if (name === undefined) {
      reading.type = type;
      endWith(reading, typeSegment(segment));
      return;
    }
    take(reading, typeSegment(segment));
    take(reading, name);
    type = `${type}/${segment}`;
    enterResource(reading, type, name);
  }
}

function namespaceSegment(lower: string): string {
  if (!namespaceShape.test(lower)) throw new ArmPathError(`"${lower}" is not a resource provider namespace such as Microsoft.Storage.`);
  return lower;
}

function typeSegment(lower: string): string {
  if (!typeShape.test(lower)) throw new ArmPathError(`"${lower}" is not a resource type or action.`);
  return lower;
}

/** Raised for a path that is not exactly one Azure Resource Manager documents; the message names what is odd. */
export class ArmPathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ArmPathError';
  }
}

const maxPathLength = 2048;
const namespaceShape = /^[a-z0-9]+(?:\.[a-z0-9]+)+$/;
const typeShape = /^[a-z][a-z0-9._]*$/;
const nameShape = /^(?:[A-Za-z0-9\-._()~!$'*+,;=:@|]|%20)+$/;
const guidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Types whose names, and the names below them, tell upper from lower case: what they name lies in a data plane of its own.
 * Everything else folds: "resource and resource group names are case-insensitive unless specifically noted; always perform a case-insensitive comparison of names".
 * Source: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules. A type listed here for nothing costs two digests where one would do, never a wrong target.
 */
const caseSensitiveTypes: readonly RegExp[] = [
  /^microsoft\.documentdb\/databaseaccounts\/(?:sqldatabases|mongodbdatabases|gremlindatabases|cassandrakeyspaces|tables)$/,
  /^microsoft\.dbfor[a-z]+\/(?:servers|flexibleservers|singleservers|servergroupsv2)\/databases$/,
  /^microsoft\.kusto\/clusters\/databases$/,
  /^microsoft\.synapse\/workspaces\/(?:kustopools|sqlpools)\/[a-z]+$/,
  /^microsoft\.sql\/(?:servers|managedinstances)\/databases\/schemas$/,
  /^microsoft\.appconfiguration\/configurationstores\/(?:keyvalues|snapshots)$/,
  /^microsoft\.machinelearningservices\/(?:workspaces|registries)\/[a-z]+$/,
  /^microsoft\.logic\/workflows\/[a-z]+$/,
  /^microsoft\.web\/sites\/(?:slots\/)?(?:hostruntime|extensions|functions)$/,
  /^microsoft\.resources\/subscriptions\/tagnames\/tagvalues$/,
];

/** Whether names of a type (lower case, as `microsoft.sql/servers`) keep their case. */
export function keepsCase(type: string): boolean {
  return caseSensitiveTypes.some((shape) => shape.test(type));
}

export function isGuid(text: string): boolean {
  return guidShape.test(text);
}

/** Cuts a hostile path into segments that hold nothing but characters of Azure names. Throws {@link ArmPathError}. */
export function splitSegments(path: string): readonly string[] {
  if (path.length > maxPathLength) throw new ArmPathError(`The path is longer than ${maxPathLength} characters.`);
  if (!path.startsWith('/')) throw new ArmPathError('The path must start with "/" and name no host.');
  if (!/^[\x21-\x7e]*$/.test(path)) {
    throw new ArmPathError(
      'The path holds a space, a control, an invisible or a non-ASCII character. A space inside a name is written %20.',
    );
  }
  for (const odd of ['\\', '?', '#'] as const) {
    if (path.includes(odd)) throw new ArmPathError(`The path holds "${odd}": query and fragment are not part of it.`);
  }
  const odd = /%(?!20)/.exec(path);
  if (odd !== null) {
    const shown = path.slice(odd.index, odd.index + 3);
    throw new ArmPathError(
      `The path holds the escape "${shown}": separators and other characters are never encoded; only %20 may stand in a name.`,
    );
  }
  const segments = path.slice(1).split('/');
  for (const segment of segments) checkSegment(segment);
  return segments;
}

function checkSegment(segment: string): void {
  if (segment === '') throw new ArmPathError('The path has an empty segment ("//" or a "/" at its end).');
  if (/^\.+$/.test(segment)) throw new ArmPathError(`The path has a dot segment ("${segment}").`);
  if (segment.endsWith('.')) throw new ArmPathError(`The path segment "${segment}" ends in a dot, which some servers drop.`);
  if (segment.startsWith('%20') || segment.endsWith('%20')) {
    throw new ArmPathError(`The path segment "${segment}" begins or ends with a space, which some servers drop.`);
  }
  if (!nameShape.test(segment)) throw new ArmPathError(`The path segment "${segment}" holds a character that Azure names cannot have.`);
}

/** Checks a lower-case segment that stands where a provider namespace stands. */
export function namespaceSegment(lower: string): string {
  if (!namespaceShape.test(lower)) throw new ArmPathError(`"${lower}" is not a resource provider namespace such as Microsoft.Storage.`);
  return lower;
}

/** Checks a lower-case segment that ends a path as an action or the type of a list. A few are functions of OData (`$testall`); a batch would hide requests in one. */
export function endingSegment(lower: string): string {
  return lower.startsWith('$') && lower !== '$batch' ? `$${typeSegment(lower.slice(1))}` : typeSegment(lower);
}

/** Checks a lower-case segment that stands where a type or an action stands. */
export function typeSegment(lower: string): string {
  if (!typeShape.test(lower)) throw new ArmPathError(`"${lower}" is not a resource type or action.`);
  return lower;
}

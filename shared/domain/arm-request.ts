import { parseArmCall } from './arm-call.ts';
import { type ArmMethod, armMethods } from './arm-method.ts';
import { type ArmPath, ArmPathError } from './arm-path.ts';
import { findNameInTwoCases } from './arm-property.ts';
import { ArmQueryError, canonicalQuery } from './arm-query.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { isJsonObject } from './json.ts';

/** Letters outside ASCII fold to letters of it, as the Kelvin sign does to `k`. */
const visibleAscii = /^[\x20-\x7e]*$/;

/** The request headers that change what Azure Resource Manager does; everything else is refused. */
export const armRequestHeaders = ['if-match', 'if-none-match'] as const;

/**
 * One call of Azure Resource Manager in its one canonical form: what is stored, hashed, shown, judged and sent.
 * Case is folded wherever Azure folds it: in keywords, ids, providers, types, actions and most names. The name that a PUT may create keeps its spelling.
 */
export type ArmRequest = {
  readonly kind: 'arm';
  readonly method: ArmMethod;
  readonly path: string;
  readonly apiVersion: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonValue | undefined;
};

export type ParsedArmRequest = { readonly request: ArmRequest; readonly path: ArmPath };

/** Types whose names are what must not be shown. Source: learn.microsoft.com/rest/api/searchmanagement/query-keys/delete. */
const namedByTheirSecret = /^microsoft\.search\/searchservices\/deletequerykey$/;

/** Raised by {@link parseArmRequest}: `field` is the offending part of the submitted body, as `target.query.$filter`. */
export class ArmRequestError extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.name = 'ArmRequestError';
    this.field = field;
  }
}

/** The hostile fields as they arrived, types checked but nothing else. */
export type UncheckedArmRequest = {
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonValue | undefined;
};

/** Turns hostile fields into the canonical request or throws {@link ArmRequestError} naming the field. */
export function parseArmRequest(unchecked: UncheckedArmRequest): ParsedArmRequest {
  const method = armMethods.find((known) => visibleAscii.test(unchecked.method) && known === unchecked.method.toUpperCase());
  if (method === undefined) {
    throw new ArmRequestError('target.method', `The method must be one of ${armMethods.join(', ')}.`);
  }
  const path = parsePath(method, unchecked.path);
  checkEnd(method, path);
  return {
    request: {
      kind: 'arm',
      method,
      path: path.canonical,
      apiVersion: parseApiVersion(unchecked.apiVersion),
      query: parseQuery(method, unchecked.query),
      headers: parseHeaders(unchecked.headers),
      body: parseBody(method, unchecked.body),
    },
    path,
  };
}

function checkEnd(method: ArmMethod, { type, verb }: ArmPath): void {
  if (method === 'POST' && verb === undefined) {
    throw new ArmRequestError('target.path', 'A POST must end in an action or a type, as …/virtualMachines/{name}/restart does.');
  }
  if (method !== 'POST' && method !== 'GET' && method !== 'HEAD' && verb !== undefined) {
    throw new ArmRequestError('target.path', `A ${method} must name one resource; this path ends in a type or an action.`);
  }
  if (namedByTheirSecret.test(type)) {
    throw new ArmRequestError('target.path', 'The path holds a key itself, and paths are shown and recorded.');
  }
}

/** The canonical request as a JSON value: the input of its digest, and the bytes that are sealed. */
export function armRequestJson(request: ArmRequest): JsonObject {
  const { body, ...rest } = request;
  return body === undefined ? rest : { ...rest, body };
}

/** Only a PUT may create what its last name spells; for every other call the spelling is folded away. */
function parsePath(method: ArmMethod, path: string): ArmPath {
  try {
    const parsed = parseArmCall(method, path);
    return method === 'PUT' ? parsed : parseArmCall(method, parsed.folded);
  } catch (error) {
    if (error instanceof ArmPathError) throw new ArmRequestError('target.path', error.message);
    throw error;
  }
}

function parseApiVersion(text: string): string {
  const lower = text.toLowerCase();
  if (!visibleAscii.test(text) || !/^\d{4}-\d{2}-\d{2}(-[a-z]{1,20}(\.\d{1,3})?)?$/.test(lower)) {
    throw new ArmRequestError(
      'target.apiVersion',
      'The apiVersion must be a date such as 2024-01-01, optionally with a suffix such as -preview.',
    );
  }
  return lower;
}

function parseQuery(method: ArmMethod, query: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return canonicalQuery(method, query);
  } catch (error) {
    if (error instanceof ArmQueryError) throw new ArmRequestError(`target.query.${error.parameter}`, error.message);
    throw error;
  }
}

function parseHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const parsed: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const field = `target.headers.${name.slice(0, 64)}`;
    const known = armRequestHeaders.find((allowed) => allowed === name.toLowerCase());
    if (known === undefined) throw new ArmRequestError(field, `Only these headers are passed on: ${armRequestHeaders.join(', ')}.`);
    if (parsed.some(([seen]) => seen === known)) throw new ArmRequestError(field, 'The header is given twice, in different case.');
    if (!visibleAscii.test(value) || value.trim() !== value || value === '' || value.length > 1024) {
      throw new ArmRequestError(field, 'A header value must be printable ASCII of 1 to 1,024 characters without outer spaces.');
    }
    parsed.push([known, value]);
  }
  return Object.fromEntries(parsed.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** GET, HEAD and DELETE carry no body; an empty object is taken for none, since clients send it by habit. */
function parseBody(method: ArmMethod, body: JsonValue | undefined): JsonValue | undefined {
  if (method === 'PUT' || method === 'PATCH' || method === 'POST') {
    const twice = body === undefined ? undefined : findNameInTwoCases(body);
    if (twice !== undefined) {
      throw new ArmRequestError(
        'target.body',
        `The body names "${twice.slice(0, 80)}" twice in one object, in different case; Azure reads one of them.`,
      );
    }
    return body;
  }
  if (body === undefined || (isJsonObject(body) && Object.keys(body).length === 0)) return undefined;
  throw new ArmRequestError('target.body', `A ${method} carries no body.`);
}

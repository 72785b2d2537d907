import type { IncomingHttpHeaders } from 'node:http';
import { parseJsonBody } from '../loopback-server.ts';
import { type ArmAnswer, armError, invalidContent } from './arm-answer.ts';
import type { ArmAction, Authorizer } from './authorization.ts';
import type { HappeningFault } from './faults.ts';
import { asObject, type JsonObject } from './json.ts';
import type { LongRunning } from './long-running-styles.ts';
import type { LoggedRequest } from './request-log.ts';
import type { StateStore } from './state-store.ts';
import type { Caller } from './token-check.ts';

/** What every handler works with, apart from the request. */
export type ArmService = {
  readonly address: string;
  readonly store: StateStore;
  readonly authorizer: Authorizer;
  readonly longRunning: LongRunning;
  /** Every request that was answered before, oldest first. */
  readonly requests: () => readonly LoggedRequest[];
  /** How long after it happened an event can be asked for in the activity log. */
  readonly activityLogDelayMs: number;
  /** What follows the name of a vault in its address; absent where there are no vaults. */
  readonly vaultSuffix?: string;
};

/** One authenticated request. */
export type ArmCall = {
  readonly service: ArmService;
  readonly caller: Caller;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The path as it came, still encoded. */
  readonly path: string;
  readonly query: ArmQuery;
  readonly apiVersion: string;
  readonly body: Buffer;
  /** Milliseconds since the epoch; the same for everything that the request does. */
  readonly now: number;
  /** Told of each long-running operation that begins; answers with the fault that it meets. */
  readonly onOperation: (operationId: string) => HappeningFault | undefined;
};

/** Query parameters; their names compare without casing, as in ARM. Undefined where one comes twice. */
export type ArmQuery = { readonly get: (name: string) => string | undefined };

export function parseQuery(rawQuery: string): ArmQuery | undefined {
  const entries = [...new URLSearchParams(rawQuery)].map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const parameters = new Map(entries);
  return parameters.size === entries.length ? { get: (name) => parameters.get(name.toLowerCase()) } : undefined;
}

export type Refused = { readonly kind: 'refused'; readonly answer: ArmAnswer };
export type BodyRead = { readonly kind: 'object'; readonly object: JsonObject } | Refused;

export function refuse(answer: ArmAnswer): Refused {
  return { kind: 'refused', answer };
}

/** The body as a JSON object. */
export function readObject({ headers, body }: ArmCall): BodyRead {
  const contentType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (contentType !== 'application/json') {
    return refuse(armError(415, 'UnsupportedMediaType', 'The content media type is not supported. Only application/json is.'));
  }
  const parsed = parseJsonBody(body);
  const object = Array.isArray(parsed) ? undefined : asObject(parsed);
  return object === undefined ? refuse(invalidContent('a JSON object is expected')) : { kind: 'object', object };
}

export function isAllowed({ service, caller, now }: ArmCall, action: ArmAction, scopeId: string): boolean {
  return service.authorizer.allows(caller.objectId, action, scopeId, now);
}

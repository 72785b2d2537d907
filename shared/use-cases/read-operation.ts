import type { OperationEvent } from '../domain/event.ts';
import type { Instant } from '../domain/instant.ts';
import type { JsonValue } from '../domain/json.ts';
import { isOperationId, type Operation, type OperationId } from '../domain/operation.ts';
import { RequestError } from '../domain/request-error.ts';
import type { Announcer } from '../ports/announcer.ts';
import type { Masker } from '../ports/masker.ts';
import type { IndexPage, IndexQuery, OperationIndex } from '../ports/operation-index.ts';
import { type OperationStore, type StoredOperation, StoreError } from '../ports/operation-store.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import type { Clock, Log } from '../ports/system.ts';
import type { Caller } from '../ports/token-verifier.ts';
import { type AuthorizeDeps, appRoles, authorizeAgent, authorizePerson } from './authorize-caller.ts';
import { maskRequestBody } from './card-subject.ts';
import { collectSecret } from './collect-secret.ts';
import { openRequest } from './open-request.ts';

export type ReadDeps = AuthorizeDeps & {
  readonly store: OperationStore;
  readonly masker: Masker;
  readonly index: OperationIndex;
  readonly policies: PolicyEngine;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
};

/** An operation with the masked bodies that belong to it. */
export type OperationReading = {
  readonly operation: Operation;
  readonly result: JsonValue | undefined;
  readonly preview: JsonValue | undefined;
  /** What the agent sent, masked; for the people who decide, who must be able to read all of it. */
  readonly requestBody: JsonValue | undefined;
  /** A compact JWE that only the agent can open; handed out with one reading by that agent. */
  readonly secret?: string;
};

/** Whether this caller may know of an operation; settled once per request, then asked for each operation. */
type MayRead = (operation: Operation) => boolean;

async function readerRights(deps: ReadDeps, caller: Caller): Promise<MayRead> {
  if (caller.kind === 'agent') {
    const { agent } = await authorizeAgent(deps, caller);
    return (operation) => operation.agent.id === agent.objectId && operation.agent.tenantId === agent.tenantId;
  }
  const person = await authorizePerson(deps, caller, [appRoles.audit, appRoles.approve]);
  const now: Instant = deps.clock.now();
  return (operation) => deps.policies.mayRead(person, operation, now);
}

/** One operation as its caller may see it; for anybody else it does not exist. An agent whose value waits encrypted gets it with this, once. Throws {@link RequestError}. */
export function makeReadOperation(deps: ReadDeps): (caller: Caller, id: string) => Promise<OperationReading> {
  const withBodies = makeWithBodies(deps);
  return async (caller, id) => {
    const stored = await findReadable(deps, caller, id);
    // First, since a value that was taken out is lost where the rest of its answer cannot be had.
    const reading = await withBodies(stored.operation, caller.kind);
    // An agent reads nothing but its own operations, so that this one is the one that asked.
    const collected = caller.kind === 'agent' ? await collectSecret(deps, stored) : undefined;
    return collected === undefined ? reading : { ...reading, operation: collected.operation, secret: collected.jwe };
  };
}

export type WithBodies = (operation: Operation, reader: Caller['kind']) => Promise<OperationReading>;

/**
 * Adds the masked bodies that belong to an operation where it stands; whoever calls it has settled that the reader may see the operation. The
 * target's state is for the people who decide: an agent that may only ask for a change could otherwise read by asking.
 */
export function makeWithBodies({ store, masker }: Pick<ReadDeps, 'store' | 'masker'>): WithBodies {
  return async (operation, reader) => {
    const finished = 'result' in operation && operation.result.bodyDigest !== undefined;
    const shown = reader === 'person' && operation.shown?.preview.state === 'present';
    const [result, preview, request] = await Promise.all([
      finished ? store.readDocument(operation.id, 'result') : undefined,
      shown ? store.readDocument(operation.id, 'preview') : undefined,
      reader === 'person' ? openRequest(store, operation.id) : undefined,
    ]);
    const requestBody = request === undefined ? undefined : await maskRequestBody(masker, operation, request);
    return { operation, result, preview, requestBody };
  };
}

/** The evidence of one operation: its events in order, their chain checked. Throws {@link RequestError}. */
export function makeReadEvents(deps: ReadDeps): (caller: Caller, id: string) => Promise<readonly OperationEvent[]> {
  return async (caller, id) => (await findReadable(deps, caller, id)).events;
}

async function findReadable(deps: ReadDeps, caller: Caller, id: OperationId): Promise<StoredOperation> {
  const mayRead = await readerRights(deps, caller);
  const stored = isOperationId(id) ? await deps.store.read(id) : undefined;
  if (stored === undefined || !mayRead(stored.operation)) throw new RequestError('OperationNotFound', 'There is no such operation.');
  return stored;
}

/** Operations that the caller may see, newest first. An agent sees its own, whatever it asks for; every entry is checked, since an id alone may have been another tenant's. Throws {@link RequestError}. */
export function makeListOperations(deps: ReadDeps): (caller: Caller, query: IndexQuery) => Promise<IndexPage> {
  return async (caller, query) => {
    const mayRead = await readerRights(deps, caller);
    const page = await deps.index.query(caller.kind === 'agent' ? { ...query, agentId: caller.objectId } : query);
    if (page === 'badContinuation')
      throw new RequestError('InvalidRequest', 'The continuationToken is not one of this listing.', { target: 'continuationToken' });
    const listed = await Promise.all(page.entries.map(async (entry) => ({ entry, stored: await readListed(deps, entry.id) })));
    const entries = listed.filter(({ stored }) => stored !== undefined && mayRead(stored.operation)).map(({ entry }) => entry);
    return { ...page, entries };
  };
}

/** Who may see what somebody damaged cannot be told, so it is not listed; that it was damaged is an alarm, and no reason to hide the rest. */
async function readListed({ store, log }: ReadDeps, id: OperationId): Promise<StoredOperation | undefined> {
  try {
    return await store.read(id);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'corrupt') throw error;
    log.error('a stored operation is damaged and was left out of a listing', { operationId: id });
    return undefined;
  }
}

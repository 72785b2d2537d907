import type { HttpHandler } from '@azure/functions';
import { parseListQuery } from '../shared/contracts/operation-request.ts';
import { eventsResponse, listResponse } from '../shared/contracts/operation-response.ts';
import type { OperationEvent } from '../shared/domain/event.ts';
import { isTerminal } from '../shared/domain/operation.ts';
import type { IndexPage, IndexQuery } from '../shared/ports/operation-index.ts';
import type { Caller } from '../shared/ports/token-verifier.ts';
import type { AwaitEnd } from '../shared/use-cases/await-end.ts';
import type { OperationReading } from '../shared/use-cases/read-operation.ts';
import { authenticated, type HttpDeps } from './http.ts';
import { operationAnswer, operationUrl, preferredWaitMs, type UrlDeps } from './operation-answer.ts';

export type ReadHandlerDeps = HttpDeps &
  UrlDeps & { readonly read: (caller: Caller, id: string) => Promise<OperationReading>; readonly awaitEnd: AwaitEnd };

/** `GET /api/operations/{id}`: 200 and where it stands; `Prefer: wait=20` waits for its end. */
export function makeReadOperationHandler(deps: ReadHandlerDeps): HttpHandler {
  return authenticated(deps, async ({ request, caller }) => {
    const waitMs = preferredWaitMs(request);
    const reading = await deps.read(caller, request.params['id'] ?? '');
    if (waitMs === 0 || isTerminal(reading.operation)) return { ...operationAnswer(deps, reading, waitMs), status: 200 };
    await deps.awaitEnd(reading.operation, waitMs);
    return { ...operationAnswer(deps, await deps.read(caller, reading.operation.id), waitMs), status: 200 };
  });
}

export type ListHandlerDeps = HttpDeps & UrlDeps & { readonly list: (caller: Caller, query: IndexQuery) => Promise<IndexPage> };

/** `GET /api/operations?status=&agent=&action=&from=&to=&top=&continuationToken=`: newest first. */
export function makeListOperationsHandler(deps: ListHandlerDeps): HttpHandler {
  return authenticated(deps, async ({ request, caller }) => {
    const { searchParams } = new URL(request.url);
    const page = await deps.list(caller, parseListQuery(searchParams));
    const nextLink = page.continuationToken === undefined ? undefined : nextLinkOf(deps, searchParams, page.continuationToken);
    return { status: 200, body: listResponse(page.entries, (id) => operationUrl(deps, id), nextLink) };
  });
}

export type EventsHandlerDeps = HttpDeps & { readonly readEvents: (caller: Caller, id: string) => Promise<readonly OperationEvent[]> };

/** `GET /api/operations/{id}/events`: the evidence, oldest first, each event chained to the one before. */
export function makeReadEventsHandler(deps: EventsHandlerDeps): HttpHandler {
  return authenticated(deps, async ({ request, caller }) => {
    return { status: 200, body: eventsResponse(await deps.readEvents(caller, request.params['id'] ?? '')) };
  });
}

function nextLinkOf(deps: UrlDeps, searchParams: URLSearchParams, continuationToken: string): string {
  const next = new URLSearchParams(searchParams);
  next.set('continuationToken', continuationToken);
  return `${deps.publicUrl}/api/operations?${next.toString()}`;
}

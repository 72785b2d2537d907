import type { HttpHandler, HttpRequest } from '@azure/functions';
import { parseSubmission } from '../shared/contracts/operation-request.ts';
import { isTerminal, type Operation } from '../shared/domain/operation.ts';
import { RequestError } from '../shared/domain/request-error.ts';
import type { Caller } from '../shared/ports/token-verifier.ts';
import type { AwaitEnd } from '../shared/use-cases/await-end.ts';
import type { WithBodies } from '../shared/use-cases/read-operation.ts';
import type { Submission } from '../shared/use-cases/submit-operation.ts';
import { committedAnswer } from './committed-answer.ts';
import { type Answer, type AuthenticatedRequest, authenticated, bodyBytes, type HttpDeps, traceparentOf } from './http.ts';
import { preferredWaitMs, type UrlDeps } from './operation-answer.ts';

export type SubmitHandlerDeps = HttpDeps &
  UrlDeps & {
    readonly submit: (caller: Caller, submission: Submission) => Promise<Operation>;
    readonly awaitEnd: AwaitEnd;
    readonly withBodies: WithBodies;
  };

/** `POST /api/operations`: 202 with Operation-Location while it goes on, 200 when it has ended; `Prefer: wait=20` waits for the end. */
export function makeSubmitOperationHandler(deps: SubmitHandlerDeps): HttpHandler {
  return authenticated(deps, async (authenticatedRequest) => {
    const { request, caller } = authenticatedRequest;
    const waitMs = preferredWaitMs(request);
    const operation = await deps.submit(caller, await submissionOf(authenticatedRequest));
    const standing = isTerminal(operation) || waitMs === 0 ? operation : await endOrStanding(deps, operation, waitMs);
    return withRepeatability(request, await committedAnswer(deps, standing, caller, waitMs));
  });
}

/** It was taken, whether or not somebody can say now how it goes on. */
async function endOrStanding({ awaitEnd, log }: SubmitHandlerDeps, operation: Operation, waitMs: number): Promise<Operation> {
  try {
    return await awaitEnd(operation, waitMs);
  } catch (error) {
    log.warn('the end of an operation could not be awaited', {
      operationId: operation.id,
      error: error instanceof Error ? error.name : typeof error,
    });
    return operation;
  }
}

/** The submission that a request carries, its shape checked. Throws {@link RequestError}. */
export async function submissionOf({ request, clientRequestId }: AuthenticatedRequest): Promise<Submission> {
  const repeatabilityId = repeatabilityOf(request);
  const body = parseSubmission(request.headers.get('content-type'), await bodyBytes(request));
  return { ...body, repeatabilityId, clientRequestId, traceparent: traceparentOf(request) };
}

/** Source: OASIS Repeatable Requests 1.0. The operations are kept, so an id is honoured for as long as they are. */
function repeatabilityOf(request: HttpRequest): string | undefined {
  const id = request.headers.get('repeatability-request-id');
  const firstSent = request.headers.get('repeatability-first-sent');
  if (
    firstSent !== null &&
    (id === null ||
      Number.isNaN(Date.parse(firstSent)) ||
      !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(firstSent))
  ) {
    throw new RequestError('InvalidRequest', 'Repeatability-First-Sent must be an HTTP date beside a Repeatability-Request-ID.', {
      target: 'Repeatability-First-Sent',
    });
  }
  if (id !== null && !/^[A-Za-z0-9._:-]{1,128}$/.test(id)) {
    throw new RequestError('InvalidRequest', 'Repeatability-Request-ID must be 1 to 128 letters, digits or "._:-"; a UUID is usual.', {
      target: 'Repeatability-Request-ID',
    });
  }
  return id ?? undefined;
}

function withRepeatability(request: HttpRequest, answer: Answer): Answer {
  if (!request.headers.has('repeatability-request-id')) return answer;
  return { ...answer, headers: { ...answer.headers, 'repeatability-result': 'accepted' } };
}

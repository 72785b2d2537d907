import type { Operation } from '../shared/domain/operation.ts';
import type { Caller } from '../shared/ports/token-verifier.ts';
import type { OperationReading, WithBodies } from '../shared/use-cases/read-operation.ts';
import type { Answer, HttpDeps } from './http.ts';
import { operationAnswer, type UrlDeps } from './operation-answer.ts';

export type CommittedAnswerDeps = Pick<HttpDeps, 'log'> & UrlDeps & { readonly withBodies: WithBodies };

/**
 * The answer to what was written. That it was must be said although its documents cannot be read at the moment: an error would make the caller think that it was not.
 * Then they are left out, and are there when the operation is read again.
 */
export async function committedAnswer(deps: CommittedAnswerDeps, operation: Operation, caller: Caller, waitMs = 0): Promise<Answer> {
  return operationAnswer(deps, await readingOf(deps, operation, caller), waitMs);
}

async function readingOf(deps: CommittedAnswerDeps, operation: Operation, caller: Caller): Promise<OperationReading> {
  try {
    return await deps.withBodies(operation, caller.kind);
  } catch (error) {
    deps.log.warn('the documents of an operation could not be read and were left out of an answer', {
      operationId: operation.id,
      error: error instanceof Error ? error.name : typeof error,
    });
    return { operation, result: undefined, preview: undefined, requestBody: undefined };
  }
}

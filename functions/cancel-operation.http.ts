import type { HttpHandler } from '@azure/functions';
import type { Operation } from '../shared/domain/operation.ts';
import type { Caller } from '../shared/ports/token-verifier.ts';
import type { WithBodies } from '../shared/use-cases/read-operation.ts';
import { committedAnswer } from './committed-answer.ts';
import { authenticated, type HttpDeps } from './http.ts';
import type { UrlDeps } from './operation-answer.ts';

export type CancelHandlerDeps = HttpDeps &
  UrlDeps & {
    readonly cancel: (caller: Caller, id: string) => Promise<Operation>;
    readonly withBodies: WithBodies;
  };

/** `POST /api/operations/{id}/cancel`: the agent takes back what has not begun to run. */
export function makeCancelOperationHandler(deps: CancelHandlerDeps): HttpHandler {
  return authenticated(deps, async ({ request, caller }) => {
    const operation = await deps.cancel(caller, request.params['id'] ?? '');
    return await committedAnswer(deps, operation, caller);
  });
}

import type { HttpHandler } from '@azure/functions';
import { parseVote } from '../shared/contracts/operation-request.ts';
import { isOperationId } from '../shared/domain/operation.ts';
import { RequestError } from '../shared/domain/request-error.ts';
import type { Caller } from '../shared/ports/token-verifier.ts';
import type { WithBodies } from '../shared/use-cases/read-operation.ts';
import type { RecordVote, VotingCaller } from '../shared/use-cases/record-vote.ts';
import { committedAnswer } from './committed-answer.ts';
import { authenticated, bodyBytes, type HttpDeps } from './http.ts';
import type { UrlDeps } from './operation-answer.ts';

export type DecideHandlerDeps = HttpDeps &
  UrlDeps & {
    readonly authorizeVoter: (caller: Caller) => Promise<VotingCaller>;
    readonly recordVote: RecordVote;
    readonly withBodies: WithBodies;
  };

/** `POST /api/operations/{id}/decisions`: one person's vote on the approval digest that the person saw. */
export function makeDecideOperationHandler(deps: DecideHandlerDeps): HttpHandler {
  return authenticated(deps, async ({ request, caller }) => {
    const vote = parseVote(request.headers.get('content-type'), await bodyBytes(request));
    const operationId = request.params['id'] ?? '';
    const voter = await deps.authorizeVoter(caller);
    if (!isOperationId(operationId)) throw new RequestError('OperationNotFound', 'There is no such operation.');
    const operation = await deps.recordVote(voter, { operationId, ...vote, channel: 'api' });
    return { ...(await committedAnswer(deps, operation, caller)), status: 200 };
  });
}

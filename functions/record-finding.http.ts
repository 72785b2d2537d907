import type { HttpHandler } from '@azure/functions';
import { parseFinding } from '../shared/contracts/operation-request.ts';
import { isOperationId } from '../shared/domain/operation.ts';
import { RequestError } from '../shared/domain/request-error.ts';
import type { Caller } from '../shared/ports/token-verifier.ts';
import type { WithBodies } from '../shared/use-cases/read-operation.ts';
import type { RecordFinding } from '../shared/use-cases/record-finding.ts';
import type { VotingCaller } from '../shared/use-cases/record-vote.ts';
import { committedAnswer } from './committed-answer.ts';
import { authenticated, bodyBytes, type HttpDeps } from './http.ts';
import type { UrlDeps } from './operation-answer.ts';

export type RecordFindingHandlerDeps = HttpDeps &
  UrlDeps & {
    readonly authorizeVoter: (caller: Caller) => Promise<VotingCaller>;
    readonly recordFinding: RecordFinding;
    readonly withBodies: WithBodies;
  };

/** `POST /api/operations/{id}/findings`: what a person found who looked where the outcome is unknown. */
export function makeRecordFindingHandler(deps: RecordFindingHandlerDeps): HttpHandler {
  return authenticated(deps, async ({ request, caller }) => {
    const finding = parseFinding(request.headers.get('content-type'), await bodyBytes(request));
    const operationId = request.params['id'] ?? '';
    const person = await deps.authorizeVoter(caller);
    if (!isOperationId(operationId)) throw new RequestError('OperationNotFound', 'There is no such operation.');
    const operation = await deps.recordFinding(person, { operationId, ...finding });
    return { ...(await committedAnswer(deps, operation, caller)), status: 200 };
  });
}

import type { HttpHandler } from '@azure/functions';
import { assessResponse } from '../shared/contracts/operation-response.ts';
import type { Caller } from '../shared/ports/token-verifier.ts';
import type { Judgement } from '../shared/use-cases/judge-request.ts';
import type { Submission } from '../shared/use-cases/submit-operation.ts';
import { authenticated, type HttpDeps } from './http.ts';
import { submissionOf } from './submit-operation.http.ts';

export type AssessHandlerDeps = HttpDeps & { readonly assess: (caller: Caller, submission: Submission) => Promise<Judgement> };

/** `POST /api/operations/assess`: the body of a submission; answers with assessment and decision, sends nothing and stores nothing but that it was asked. */
export function makeAssessOperationHandler(deps: AssessHandlerDeps): HttpHandler {
  return authenticated(deps, async (request) => {
    const { action, assessment, decision } = await deps.assess(request.caller, await submissionOf(request));
    return { status: 200, body: assessResponse(action, assessment, decision) };
  });
}

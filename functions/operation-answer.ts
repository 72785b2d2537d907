import type { HttpRequest } from '@azure/functions';
import { operationResponse } from '../shared/contracts/operation-response.ts';
import { isTerminal, type OperationId } from '../shared/domain/operation.ts';
import type { OperationReading } from '../shared/use-cases/read-operation.ts';
import type { Answer } from './http.ts';

export type UrlDeps = { readonly publicUrl: string };

/** How long an agent should leave before it asks again, in seconds: people take their time, executions do not. */
const retryAfterSeconds = { awaitingApproval: 15, approved: 1, executing: 2 } as const;

export function operationUrl({ publicUrl }: UrlDeps, id: OperationId): string {
  return `${publicUrl}/api/operations/${id}`;
}

/** The answer that every route gives for one operation. `waitMs` tells that the caller preferred to wait, which is acknowledged. */
export function operationAnswer(deps: UrlDeps, { operation, ...documents }: OperationReading, waitMs = 0): Answer {
  const url = operationUrl(deps, operation.id);
  const applied = waitMs === 0 ? {} : { 'preference-applied': `wait=${waitMs / 1000}` };
  const body = operationResponse(operation, documents, url);
  if (isTerminal(operation)) return { status: 200, headers: { ...applied, 'operation-location': url }, body };
  const retry = String(retryAfterSeconds[operation.status]);
  return { status: 202, headers: { ...applied, 'operation-location': url, 'retry-after': retry }, body };
}

const maxWaitSeconds = 60;

/** `Prefer: wait=N` (RFC 7240), at most a minute; 0 where the caller does not ask for it. */
export function preferredWaitMs(request: HttpRequest): number {
  const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,5})"?(?:$|[,;\s])/i.exec(request.headers.get('prefer') ?? '');
  return match === null ? 0 : Math.min(Number(match[1]), maxWaitSeconds) * 1000;
}

import type { JsonValue } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import { readSealedRequest } from '../domain/sealed-request.ts';
import type { CardSubject } from '../ports/approval-channel.ts';
import type { Masker } from '../ports/masker.ts';
import type { OperationStore } from '../ports/operation-store.ts';
import type { OpenedRequest } from './open-request.ts';

export type CardSubjectDeps = { readonly store: OperationStore; readonly masker: Masker };

/** What a card of an operation shows: the stored request's masked body and the target's masked state as the approvers were shown it. */
export async function readCardSubject({ store, masker }: CardSubjectDeps, operation: Operation): Promise<CardSubject> {
  const [request, targetState] = await Promise.all([
    store.readDocument(operation.id, 'request'),
    store.readDocument(operation.id, 'preview'),
  ]);
  const requestBody = await maskRequestBody(masker, operation, readSealedRequest(request));
  return { operation, requestBody, targetState };
}

/** What stands for the value of a `set` wherever its request is shown. */
const valueNotShown = '[not shown]';

/** The masked body of a request, the same wherever it is shown; undefined where the request has none. */
export async function maskRequestBody(
  masker: Masker,
  { action, target }: Operation,
  { parsed }: Pick<OpenedRequest, 'parsed'>,
): Promise<JsonValue | undefined> {
  if (parsed.path === undefined) return parsed.request.method === 'set' ? { value: valueNotShown } : undefined;
  const { body } = parsed.request;
  return body === undefined ? undefined : (await masker.mask(body, { part: 'request', action, path: target.path })).value;
}

import { maskSecrets } from '../domain/masking/mask.ts';
import type { Operation } from '../domain/operation.ts';
import { readSealedRequest } from '../domain/sealed-request.ts';
import type { CardSubject } from '../ports/approval-channel.ts';
import type { OperationStore } from '../ports/operation-store.ts';

/** What a card of an operation shows: the stored request's masked body and the target's masked state as the approvers were shown it. */
export async function readCardSubject(store: OperationStore, operation: Operation): Promise<CardSubject> {
  const [request, targetState] = await Promise.all([
    store.readDocument(operation.id, 'request'),
    store.readDocument(operation.id, 'preview'),
  ]);
  const { body } = readSealedRequest(request).parsed.request;
  return { operation, requestBody: body === undefined ? undefined : maskSecrets(body).value, targetState };
}

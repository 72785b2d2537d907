import type { OperationId } from '../domain/operation.ts';
import type { SealedRequest } from '../domain/request-digest.ts';
import { readSealedRequest } from '../domain/sealed-request.ts';
import { isTargetError, type ParsedTarget } from '../domain/target-request.ts';
import { type OperationStore, StoreError } from '../ports/operation-store.ts';

export type OpenedRequest = { readonly sealed: SealedRequest; readonly parsed: ParsedTarget };

/**
 * The sealed request of an operation; undefined where it is missing, damaged or was sealed for another one, which no repetition mends.
 * Throws StoreError `unreachable`.
 */
export async function openRequest(store: OperationStore, id: OperationId): Promise<OpenedRequest | undefined> {
  try {
    return readSealedRequest(await store.readDocument(id, 'request'));
  } catch (error) {
    const isDamaged = error instanceof TypeError || isTargetError(error) || (error instanceof StoreError && error.code === 'corrupt');
    if (isDamaged) return undefined;
    throw error;
  }
}

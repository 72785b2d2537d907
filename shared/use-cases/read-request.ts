import { actionOf } from '../domain/action.ts';
import { ArmRequestError, type ParsedArmRequest } from '../domain/arm-request.ts';
import { equalInConstantTime } from '../domain/digest.ts';
import { maskText } from '../domain/masking.ts';
import type { Operation } from '../domain/operation.ts';
import { requestDigest, type SealedRequest } from '../domain/request-digest.ts';
import { readSealedRequest } from '../domain/sealed-request.ts';
import { type OperationStore, StoreError } from '../ports/operation-store.ts';

export type StoredRequest = { readonly sealed: SealedRequest; readonly parsed: ParsedArmRequest };

/**
 * The sealed request of an operation; undefined where it cannot be opened, or is not what the events say of it. People decide by the events and the
 * executor sends the sealed request: whoever could make the two differ would have them approve one thing and run another. Throws StoreError `unreachable`.
 */
export async function readRequest(store: OperationStore, operation: Operation): Promise<StoredRequest | undefined> {
  const request = await openRequest(store, operation);
  return request !== undefined && isToldBy(operation, request) ? request : undefined;
}

async function openRequest(store: OperationStore, { id }: Operation): Promise<StoredRequest | undefined> {
  try {
    return readSealedRequest(await store.readDocument(id, 'request'));
  } catch (error) {
    const isDamaged =
      error instanceof TypeError || error instanceof ArmRequestError || (error instanceof StoreError && error.code === 'corrupt');
    if (isDamaged) return undefined;
    throw error;
  }
}

/** Every field that people and policies see, one a line. */
function isToldBy({ digest, agent, justification, action, target }: Operation, { sealed, parsed }: StoredRequest): boolean {
  const { request, path } = parsed;
  return (
    equalInConstantTime(requestDigest(sealed), digest) &&
    sameTexts({ ...agent }, { ...sealed.request.agent }) &&
    sameOrMasked(justification, sealed.request.justification) &&
    action === actionOf(request.method, path) &&
    target.method === request.method &&
    target.path === request.path &&
    target.apiVersion === request.apiVersion &&
    target.resourceId === path.resourceId &&
    target.type === path.type &&
    sameTexts(target.query, request.query) &&
    sameTexts(target.headers, request.headers)
  );
}

function sameTexts(told: Readonly<Record<string, string>>, sealed: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(sealed);
  return names.length === Object.keys(told).length && names.every((name) => sameOrMasked(told[name], sealed[name]));
}

/** Events hold no secrets, so that what is masked there is bound by the digest alone. */
function sameOrMasked(told: string | undefined, sealed: string | undefined): boolean {
  return told !== undefined && (told === sealed || told === maskText);
}

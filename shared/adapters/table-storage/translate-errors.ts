import { isRestError } from '@azure/core-rest-pipeline';
import { StoreError } from '../../ports/operation-store.ts';
import { SealError } from '../../ports/sealer.ts';

/** How long one call may take with all repeats that the SDK makes by itself; afterwards its outcome is doubtful. */
const callTimeoutMs = 30_000;

/** Options of every call: the SDK on its own waits for ever. */
export function bounded(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(callTimeoutMs) };
}

/** What a failed call of Table or Blob Storage says. `doubtful`: nothing for certain, perhaps not even that it failed. */
export type StorageFailure = 'exists' | 'changed' | 'absent' | 'tooLarge' | 'doubtful';

/** Codes that a status of 400 or 413 comes with where something is over a limit. Source: learn.microsoft.com/rest/api/storageservices/table-service-error-codes. */
const limitCodes: readonly unknown[] = ['EntityTooLarge', 'PropertyValueTooLarge', 'RequestBodyTooLarge', 'ContentLengthExceeded'];

/** `TableNotFound` is not `absent`: a missing table says nothing about its rows. */
const absentCodes: readonly unknown[] = ['ResourceNotFound', 'EntityNotFound', 'BlobNotFound'];

export function failureOf(error: unknown): StorageFailure {
  if (!isRestError(error)) return 'doubtful';
  const code = codeOf(error);
  if (error.statusCode === 409) return 'exists';
  if (error.statusCode === 412) return 'changed';
  if (error.statusCode === 404 && absentCodes.includes(code)) return 'absent';
  if (error.statusCode === 413 || limitCodes.includes(code)) return 'tooLarge';
  return 'doubtful';
}

/** The error of a call that has no other meaning to its caller. */
export function storeErrorOf(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof SealError) return new StoreError('corrupt', `${doing}: ${error.message}`, { cause: error });
  if (failureOf(error) === 'tooLarge') return new StoreError('tooLarge', `${doing}: it is over a limit of the storage`, { cause: error });
  return new StoreError('unreachable', `${doing}: the storage did not answer as it should`, { cause: error });
}

/** Where the SDK keeps the code depends on whether the answer was parsed as JSON (tables), taken from a header (blobs) or was part of a batch. */
function codeOf(error: { readonly code?: string | undefined; readonly details?: unknown }): unknown {
  return at(at(error.details, 'odataError'), 'code') ?? at(error.details, 'errorCode') ?? error.code;
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}

import type { OperationEvent } from '../domain/event.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Operation, OperationId } from '../domain/operation.ts';

/** Bodies that belong to an operation but not into its events. */
export const documentNames = ['request', 'preview', 'result', 'polling', 'handover'] as const;
export type DocumentName = (typeof documentNames)[number];

/** A body and its name; stored sealed, readable only for the operation it was stored for. */
export type OperationDocument = { readonly name: DocumentName; readonly value: JsonValue };

/** An operation as it was read, with what the next write must still find in place. */
export type StoredOperation = {
  readonly operation: Operation;
  readonly events: readonly OperationEvent[];
  /** Opaque; goes back with {@link OperationStore.append}. */
  readonly version: string;
};

/** New events, the operation they lead to, and documents to keep with them. */
export type Commit = {
  readonly operation: Operation;
  readonly events: readonly OperationEvent[];
  readonly documents: readonly OperationDocument[];
  /** Documents that go in the same transaction; they must be there. */
  readonly removed?: readonly DocumentName[];
};

/** State and events of operations: one transaction a write, one winner where two write at once. Throws {@link StoreError}. */
export type OperationStore = {
  /** Writes the first events. `exists` where the id is taken, by whomever. A commit whose answer was lost is recognised as `committed`. */
  create(commit: Commit): Promise<'committed' | 'exists'>;
  /** Writes further events on exactly what was read. `conflict` where somebody else wrote first. A commit whose answer was lost is recognised as `committed`. */
  append(previous: StoredOperation, commit: Commit): Promise<'committed' | 'conflict'>;
  /** The operation with its events, replayed and with its chain checked; undefined where there is none. */
  read(id: OperationId): Promise<StoredOperation | undefined>;
  readDocument(id: OperationId, name: DocumentName): Promise<JsonValue | undefined>;
};

export class StoreError extends Error {
  readonly code: 'unreachable' | 'corrupt' | 'tooLarge';
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

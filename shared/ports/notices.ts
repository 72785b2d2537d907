import type { Notice } from '../domain/notice.ts';
import type { OperationId } from '../domain/operation.ts';

/** Somebody else who is told how operations end. Resolves when it has taken a notice. Throws {@link NoticeError}. */
export type NoticeReceiver = { deliver(notice: Notice): Promise<void> };

/** Says what happened and neither where it was sent nor what came back: addresses may hold keys. */
export class NoticeError extends Error {
  readonly code: 'unreachable' | 'refused';
  /** How long the receiver asks for. */
  readonly retryAfterMs: number | undefined;
  constructor(code: NoticeError['code'], message: string, retryAfterMs?: number) {
    super(message);
    this.name = 'NoticeError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Up to which of its events the receiver was told of an operation; 0 for nothing. Throws StoreError. */
export type NoticeProgress = {
  toldUpTo(id: OperationId): Promise<number>;
  markTold(id: OperationId, sequence: number): Promise<void>;
};

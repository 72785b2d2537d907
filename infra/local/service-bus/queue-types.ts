import type { StoredMessage } from './queue-state.ts';
import type { QueueRecord } from './records.ts';

/** A message as its sender gave it. The payload is opaque here. */
export type IncomingMessage = {
  readonly payload: Buffer;
  readonly messageId: string | undefined;
  readonly ttlMs: number | undefined;
  readonly scheduledFor: number | undefined;
  readonly sessionId?: string | undefined;
};

export type LockedMessage = { readonly message: StoredMessage; readonly lockToken: string; readonly lockedUntil: number };
export type PeekedMessage = { readonly message: StoredMessage; readonly state: 'active' | 'scheduled' | 'deferred' };

export type AcceptOutcome =
  | { readonly kind: 'accepted'; readonly sequenceNumbers: readonly number[] }
  | { readonly kind: 'quotaExceeded' }
  | { readonly kind: 'sessionMissing' };
export type SettleOutcome = 'settled' | 'lockLost' | 'notAllowed';

/** Changes application properties inside a payload; undefined leaves it as it is. */
export type PayloadChange = ((payload: Buffer) => Buffer) | undefined;

export type QueueLimits = {
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly duplicateDetectionWindowMs: number | undefined;
  readonly maxSizeBytes: number | undefined;
  readonly defaultTtlMs: number | undefined;
  readonly deadLetterOnExpiration: boolean;
  readonly requiresSession?: boolean;
};

export type QueueWorld = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newLockToken: () => string;
  /** Told of each change, in order; replaying what it was told gives the same queue. */
  readonly record: (record: QueueRecord) => void;
};

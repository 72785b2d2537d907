import type { RiskLevel } from '../domain/assessment.ts';
import type { Instant } from '../domain/instant.ts';
import type { OperationId, OperationStatus } from '../domain/operation.ts';

/** One line of a listing; written off the critical path, so it may lag by moments and never decides anything. */
export type IndexEntry = {
  readonly id: OperationId;
  readonly sequence: number;
  readonly status: OperationStatus;
  readonly action: string;
  readonly agentId: string;
  readonly agentName: string;
  readonly riskLevel: RiskLevel;
  readonly resourceId: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
};

export type IndexQuery = {
  readonly status?: OperationStatus;
  readonly agentId?: string;
  readonly action?: string;
  /** Inclusive. */
  readonly from?: Instant;
  /** Exclusive. */
  readonly to?: Instant;
  /** 1 to 1,000. */
  readonly top: number;
  /** From an earlier page; hostile, `badContinuation` where it is not ours. */
  readonly continuationToken?: string;
};

export type IndexPage = { readonly entries: readonly IndexEntry[]; readonly continuationToken?: string };

/** Listing of operations, newest first. */
export type OperationIndex = {
  /** Idempotent; an entry of a lower sequence never replaces a newer one. */
  put(entry: IndexEntry): Promise<void>;
  query(query: IndexQuery): Promise<IndexPage | 'badContinuation'>;
  /** The oldest operation that has not ended, for the alarm; undefined where there is none. */
  oldestWaiting(): Promise<IndexEntry | undefined>;
};

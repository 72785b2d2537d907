import type { Assessment } from './assessment.ts';
import type { Agent, Finding, OperationEvent } from './event.ts';
import type { Instant } from './instant.ts';
import { isTerminal, type Operation, type OperationId, type OperationStatus } from './operation.ts';

/** What others are told of an operation that has ended, or was looked at after that: whose, what and how, never what was sent or came back. */
export type Notice = {
  /** The same however often it is sent, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly operationId: OperationId;
  /** Of the event that it tells of; a later notice of the same operation has a higher one. */
  readonly sequence: number;
  readonly kind: OperationStatus | 'findingRecorded';
  readonly at: Instant;
  readonly traceparent: string | undefined;
  readonly action: string;
  readonly status: OperationStatus;
  readonly level: Assessment['level'];
  readonly agent: Agent;
  readonly policies: readonly string[];
  readonly createdAt: Instant;
  /** What a person found where the outcome was unknown. */
  readonly found: Finding | undefined;
};

/** The events that others are told of: the one that ended the operation, and what people found where the outcome is unknown. */
export function notableEvents(events: readonly OperationEvent[]): readonly OperationEvent[] {
  return events.filter(isNotable);
}

function isNotable({ detail }: OperationEvent): boolean {
  switch (detail.kind) {
    case 'executionFinished':
    case 'executionStopped':
    case 'rejected':
    case 'cancelled':
    case 'expired':
    case 'findingRecorded':
      return true;
    case 'decided':
      return detail.decision.outcome === 'deny';
    default:
      return false;
  }
}

/** The notice of a notable event of an operation that has ended. Throws RangeError for one that has not: its events tell of no end. */
export function noticeOf(operation: Operation, { sequence, at, detail }: OperationEvent): Notice {
  if (!isTerminal(operation)) throw new RangeError('an operation that goes on has nothing to tell');
  const { id, action, status, assessment, agent, decision, createdAt, traceparent } = operation;
  return {
    id: `${id}-${sequence}`,
    operationId: id,
    sequence,
    kind: detail.kind === 'findingRecorded' ? 'findingRecorded' : status,
    at,
    traceparent,
    action,
    status,
    level: assessment.level,
    agent,
    policies: decision.policies?.map((policy) => policy.id) ?? [],
    createdAt,
    found: detail.kind === 'findingRecorded' ? detail.found : undefined,
  };
}

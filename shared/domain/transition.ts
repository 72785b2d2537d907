import { quorum } from './approval.ts';
import { isLaxerAssessment } from './assessment.ts';
import { isLaxer } from './decision.ts';
import type { EventDetail, EventKind, OperationEvent } from './event.ts';
import type { Instant } from './instant.ts';
import type { Approved, AwaitingApproval, Draft, Executing, Operation, OperationCore } from './operation.ts';

/** Raised where an event does not fit the state; a fault of our code or a broken chain, never an expected outcome. */
export class TransitionError extends Error {
  readonly code: 'notNamed' | 'tooEarly' | 'tooLate' | 'laxer' | 'incomplete';
  constructor(code: TransitionError['code'], message: string) {
    super(message);
    this.name = 'TransitionError';
    this.code = code;
  }
}

type EventOf<Kind extends EventKind> = OperationEvent & { readonly detail: Extract<EventDetail, { kind: Kind }> };

function is<Kind extends EventKind>(event: OperationEvent, kind: Kind): event is EventOf<Kind> {
  return event.detail.kind === kind;
}

/**
 * The state machine: what an operation becomes by one event at `now`. Anything that is not named here is a {@link TransitionError}.
 * The state is nothing but the fold of its events; {@link replay} is the only way to obtain one from storage.
 */
export function transition(operation: Operation | Draft | undefined, event: OperationEvent, now: Instant): Operation | Draft {
  if (operation === undefined) return begin(event);
  const at = { head: { sequence: event.sequence, hash: event.hash }, updatedAt: event.at };
  if (is(event, 'messageDeadLettered') && operation.status !== 'submitted' && operation.status !== 'assessed')
    return { ...operation, ...at };
  if (is(event, 'voteRefused') && 'decision' in operation) return { ...operation, ...at, refusedVotes: operation.refusedVotes + 1 };
  if (is(event, 'approvalRequested') && 'decision' in operation)
    return { ...operation, ...at, cards: [...operation.cards, event.detail.card] };
  switch (operation.status) {
    case 'submitted':
      if (is(event, 'assessed')) return { ...operation, ...at, status: 'assessed', assessment: event.detail.assessment };
      break;
    case 'assessed':
      if (is(event, 'decided')) return decided({ ...operation, ...at, decision: event.detail.decision }, event);
      break;
    case 'awaitingApproval':
      return whileAwaitingApproval({ ...operation, ...at }, event, now);
    case 'approved':
      return whileApproved({ ...operation, ...at }, event, now);
    case 'executing':
      return whileExecuting({ ...operation, ...at }, event);
    case 'succeeded':
    case 'failed':
    case 'outcomeUnknown':
    case 'denied':
    case 'rejected':
    case 'expired':
    case 'cancelled':
      break;
  }
  throw notNamed(operation.status, event);
}

/** The operation that a whole chain of events tells. Throws {@link TransitionError} where they tell none. */
export function replay(events: readonly OperationEvent[]): Operation {
  let operation: Operation | Draft | undefined;
  for (const event of events) operation = transition(operation, event, event.at);
  if (operation === undefined || operation.status === 'submitted' || operation.status === 'assessed') {
    throw new TransitionError('incomplete', 'the events end before a decision');
  }
  return operation;
}

function notNamed(status: string, event: OperationEvent): TransitionError {
  return new TransitionError('notNamed', `${event.detail.kind} is not named for ${status}`);
}

function begin(event: OperationEvent): Draft {
  if (!is(event, 'submitted')) throw notNamed('nothing', event);
  const { agent, ownerId, target, action, digest, requestMac, justification, traceparent } = event.detail;
  return {
    status: 'submitted',
    id: event.operationId,
    head: { sequence: event.sequence, hash: event.hash },
    createdAt: event.at,
    updatedAt: event.at,
    agent,
    ownerId,
    target,
    action,
    digest,
    requestMac,
    justification,
    traceparent,
    cards: [],
    votes: [],
    refusedVotes: 0,
    shown: undefined,
  };
}

function decided(core: OperationCore, event: EventOf<'decided'>): Operation {
  const { decision, deadline } = event.detail;
  switch (decision.outcome) {
    case 'allow':
      return { ...core, status: 'approved', executeBy: deadline, attempts: 0 };
    case 'requireApproval':
      return { ...core, status: 'awaitingApproval', expiresAt: deadline };
    case 'deny':
      return { ...core, status: 'denied', detail: decision.reasons.join(' ') };
  }
}

function whileAwaitingApproval(operation: AwaitingApproval, event: OperationEvent, now: Instant): Operation {
  if (is(event, 'expired') && event.detail.waitingFor === 'approval') {
    if (now < operation.expiresAt) throw new TransitionError('tooEarly', `it waits until ${operation.expiresAt}`);
    return { ...operation, status: 'expired', detail: 'Nobody decided in time.' };
  }
  if (is(event, 'cancelled')) return { ...operation, status: 'cancelled', detail: 'The agent took it back.' };
  if (operation.shown === undefined) return beforePreview(operation, event);
  if (is(event, 'voteRecorded')) {
    if (now >= operation.expiresAt) throw new TransitionError('tooLate', `voting ended at ${operation.expiresAt}`);
    return { ...operation, votes: [...operation.votes, event.detail.vote] };
  }
  if (operation.decision.outcome !== 'requireApproval') throw notNamed(operation.status, event);
  const standing = quorum(operation.votes, operation.decision.requirements);
  if (is(event, 'approved') && standing === 'approved')
    return { ...operation, status: 'approved', executeBy: event.detail.executeBy, attempts: 0 };
  if (is(event, 'rejected') && standing === 'rejected') return { ...operation, status: 'rejected', detail: event.detail.reason };
  throw notNamed(operation.status, event);
}

/** Before anybody was shown anything the operation is assessed and decided once more, only ever stricter. */
function beforePreview(operation: AwaitingApproval, event: OperationEvent): Operation {
  if (is(event, 'assessed')) {
    if (isLaxerAssessment(event.detail.assessment, operation.assessment))
      throw new TransitionError('laxer', 'a second assessment may only see more danger');
    return { ...operation, assessment: event.detail.assessment };
  }
  if (is(event, 'decided')) {
    if (isLaxer(event.detail.decision, operation.decision)) throw new TransitionError('laxer', 'a second decision may only be stricter');
    if (event.detail.deadline > operation.expiresAt) throw new TransitionError('laxer', 'a second decision may not give more time');
    return decided({ ...operation, decision: event.detail.decision }, event);
  }
  if (is(event, 'previewed')) {
    return { ...operation, shown: { preview: event.detail.preview, approvalDigest: event.detail.approvalDigest } };
  }
  throw notNamed(operation.status, event);
}

function whileApproved(operation: Approved, event: OperationEvent, now: Instant): Operation {
  if (is(event, 'expired') && event.detail.waitingFor === 'execution') {
    if (now < operation.executeBy) throw new TransitionError('tooEarly', `it may run until ${operation.executeBy}`);
    return { ...operation, status: 'expired', detail: 'It was not run in time.' };
  }
  if (is(event, 'cancelled')) return { ...operation, status: 'cancelled', detail: 'The agent took it back.' };
  if (is(event, 'executionStopped')) return { ...operation, status: event.detail.end, detail: event.detail.detail };
  if (is(event, 'executionStarted')) {
    if (now >= operation.executeBy) throw new TransitionError('tooLate', `it could run until ${operation.executeBy}`);
    return { ...operation, status: 'executing', phase: 'claimed', leaseUntil: event.detail.leaseUntil, attempts: event.detail.attempt };
  }
  throw notNamed(operation.status, event);
}

function whileExecuting(operation: Executing, event: OperationEvent): Operation {
  const { id, executeBy, attempts } = operation;
  const core = coreOf(operation);
  if (is(event, 'executionFinished') && operation.phase !== 'claimed') {
    return { ...core, status: event.detail.outcome, detail: event.detail.detail, result: event.detail.result };
  }
  if (is(event, 'executionFinished') && event.detail.outcome === 'failed') {
    return { ...core, status: 'failed', detail: event.detail.detail, result: event.detail.result };
  }
  if (is(event, 'executionReleased') && operation.phase !== 'polling') return { ...core, status: 'approved', executeBy, attempts };
  if (is(event, 'callAccepted') && operation.phase === 'calling') {
    return { ...core, status: 'executing', phase: 'polling', pollUntil: event.detail.pollUntil, executeBy, attempts };
  }
  if (operation.phase === 'claimed') {
    if (is(event, 'credentialIssued')) return operation;
    if (is(event, 'executionStopped')) return { ...core, status: event.detail.end, detail: event.detail.detail };
    if (is(event, 'callStarted'))
      return { ...core, status: 'executing', phase: 'calling', leaseUntil: event.detail.leaseUntil, executeBy, attempts };
  }
  throw notNamed(`${operation.status} (${operation.phase}) ${id}`, event);
}

function coreOf(operation: Operation): OperationCore {
  const { id, head, createdAt, updatedAt, agent, ownerId, target, action, digest, requestMac, justification, traceparent } = operation;
  const { assessment, decision, cards, votes, refusedVotes, shown } = operation;
  return {
    ...{ id, head, createdAt, updatedAt, agent, ownerId, target, action, digest, requestMac, justification, traceparent },
    ...{ assessment, decision, cards, votes, refusedVotes, shown },
  };
}

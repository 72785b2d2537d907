import { followGrants, moved } from './access/follow-grants.ts';
import { quorum } from './approval.ts';
import { isLaxerAssessment } from './assessment.ts';
import { isLaxer } from './decision.ts';
import type { EventDetail, EventKind, OperationEvent } from './event.ts';
import { type Instant, plusMs } from './instant.ts';
import type { Approved, AwaitingApproval, Draft, Executing, Finished, Operation, OperationCore } from './operation.ts';

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
  const grants = 'decision' in operation ? followGrants(operation.grants, event) : undefined;
  if (grants !== undefined && 'decision' in operation) return { ...operation, ...at, grants };
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
    case 'outcomeUnknown':
      if (is(event, 'findingRecorded')) {
        const { by, found, note } = event.detail;
        return { ...operation, ...at, findings: [...operation.findings, { by, found, note, at: event.at }] };
      }
      break;
    case 'succeeded':
      return handedOver({ ...operation, ...at }, event, now);
    case 'failed':
    case 'denied':
    case 'rejected':
    case 'expired':
    case 'cancelled':
      break;
  }
  throw notNamed(operation.status, event);
}

/** A value that waits for its agent goes once: to the agent before its time is over, or away after it. */
function handedOver(operation: Finished, event: OperationEvent, now: Instant): Operation {
  const { handover } = operation;
  if (handover?.standing !== 'waiting') throw notNamed(operation.status, event);
  if (is(event, 'secretCollected')) {
    if (now >= handover.until) throw new TransitionError('tooLate', `it could be collected until ${handover.until}`);
    return { ...operation, handover: { ...handover, standing: 'collected' } };
  }
  if (is(event, 'secretDropped')) {
    if (now < handover.until) throw new TransitionError('tooEarly', `it may be collected until ${handover.until}`);
    return { ...operation, handover: { ...handover, standing: 'dropped' } };
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
    grants: [],
  };
}

const noTurns = { attempts: 0, deferrals: 0, notBefore: undefined };

function decided(core: OperationCore, event: EventOf<'decided'>): Operation {
  const { decision, deadline } = event.detail;
  switch (decision.outcome) {
    case 'allow':
      return { ...core, status: 'approved', executeBy: deadline, ...noTurns };
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
    return { ...operation, status: 'approved', executeBy: event.detail.executeBy, ...noTurns };
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
    const { attempt: attempts, leaseUntil } = event.detail;
    return { ...coreOf(operation), ...turnsOf(operation), status: 'executing', phase: 'claimed', leaseUntil, attempts };
  }
  throw notNamed(operation.status, event);
}

/** How long a claim that was given back waits before it is tried again, by the number of attempts so far; what refused it may need as long. */
const retryAfterMs = [2_000, 30_000] as const;

function whileExecuting(operation: Executing, event: OperationEvent): Operation {
  const core = coreOf(operation);
  const turns = turnsOf(operation);
  if (is(event, 'executionFinished') && (mayHaveCalled(operation) || event.detail.outcome === 'failed')) {
    const { outcome, detail, result, handoverUntil: until } = event.detail;
    const handover = until === undefined ? {} : { handover: { standing: 'waiting', until } as const };
    return { ...core, status: outcome, detail, result, finishedAt: event.at, findings: [], ...handover };
  }
  if (is(event, 'executionReleased') && mayRunAgain(operation)) {
    const delayMs = retryAfterMs[operation.attempts - operation.deferrals - 1] ?? retryAfterMs[1];
    return { ...core, ...turns, status: 'approved', notBefore: plusMs(event.at, delayMs) };
  }
  switch (operation.phase) {
    case 'claimed':
      if (is(event, 'credentialIssued')) return operation;
      if (is(event, 'executionStopped')) return { ...core, status: event.detail.end, detail: event.detail.detail };
      if (is(event, 'executionDeferred')) return deferred(core, turns, event);
      if (is(event, 'accessRequested') && isFirstOf(turns, core, event)) return accessAwaited(core, turns, event);
      if (is(event, 'callStarted'))
        return { ...core, ...turns, status: 'executing', phase: 'calling', leaseUntil: event.detail.leaseUntil };
      break;
    case 'awaitingAccess':
      if (is(event, 'executionStopped')) return { ...core, status: event.detail.end, detail: event.detail.detail };
      if (is(event, 'executionDeferred')) return deferred(core, turns, event);
      if (is(event, 'accessPropagated')) {
        const { attempt, leaseUntil } = event.detail;
        const grants = moved(core.grants, attempt, ['granted'], 'propagated');
        if (grants !== undefined && attempt === turns.attempts)
          return { ...core, ...turns, grants, status: 'executing', phase: 'claimed', leaseUntil };
      }
      break;
    case 'calling':
      if (is(event, 'executionDeferred')) return deferred(core, turns, event);
      if (is(event, 'callAccepted')) return { ...core, ...turns, status: 'executing', phase: 'polling', pollUntil: event.detail.pollUntil };
      if (is(event, 'outcomeDoubted')) return doubted(core, turns, event);
      break;
    case 'polling':
      if (is(event, 'outcomeDoubted') && event.detail.accepted) return doubted(core, turns, event);
      break;
    case 'readingBack':
      // An executor that is only slow still knows best what Azure answered.
      if (operation.accepted) break;
      if (is(event, 'executionDeferred')) return deferred(core, turns, event);
      if (is(event, 'callAccepted')) return { ...core, ...turns, status: 'executing', phase: 'polling', pollUntil: event.detail.pollUntil };
      if (is(event, 'outcomeDoubted')) return doubted(core, turns, event);
      break;
  }
  throw notNamed(`${operation.status} (${operation.phase}) ${operation.id}`, event);
}

function mayHaveCalled({ phase }: Executing): boolean {
  return phase !== 'claimed' && phase !== 'awaitingAccess';
}

/** One grant an attempt, named after it, so that two attempts never share one. */
function isFirstOf({ attempts }: Turns, { grants }: OperationCore, { detail: { grant } }: EventOf<'accessRequested'>): boolean {
  return grant.attempt === attempts && grants.every(({ attempt }) => attempt !== attempts);
}

function accessAwaited(core: OperationCore, turns: Turns, event: EventOf<'accessRequested'>): Executing {
  const { grant, accessUntil } = event.detail;
  const grants = [...core.grants, { ...grant, standing: 'requested' as const }];
  return { ...core, ...turns, grants, status: 'executing', phase: 'awaitingAccess', accessUntil };
}

/** What Azure has taken is never sent again. */
function mayRunAgain(operation: Executing): boolean {
  return operation.phase !== 'polling' && !(operation.phase === 'readingBack' && operation.accepted);
}

type Turns = Pick<Executing, 'executeBy' | 'attempts' | 'deferrals'>;

function deferred(core: OperationCore, turns: Turns, event: EventOf<'executionDeferred'>): Approved {
  return { ...core, ...turns, status: 'approved', deferrals: turns.deferrals + 1, notBefore: event.detail.notBefore };
}

function doubted(core: OperationCore, turns: Turns, event: EventOf<'outcomeDoubted'>): Executing {
  const { reason: doubt, accepted, readAt, readUntil } = event.detail;
  return { ...core, ...turns, status: 'executing', phase: 'readingBack', accepted, doubt, doubtedAt: event.at, readAt, readUntil };
}

function turnsOf({ executeBy, attempts, deferrals }: Approved | Executing): Turns {
  return { executeBy, attempts, deferrals };
}

function coreOf(operation: Operation): OperationCore {
  const { id, head, createdAt, updatedAt, agent, ownerId, target, action, digest, requestMac, justification, traceparent } = operation;
  const { assessment, decision, cards, votes, refusedVotes, shown, grants } = operation;
  return {
    ...{ id, head, createdAt, updatedAt, agent, ownerId, target, action, digest, requestMac, justification, traceparent },
    ...{ assessment, decision, cards, votes, refusedVotes, shown, grants },
  };
}

import { approvalDigest, type Preview, type Vote, type Voter } from '../../shared/domain/approval.ts';
import type { ArmRequest } from '../../shared/domain/arm-request.ts';
import type { Assessment } from '../../shared/domain/assessment.ts';
import type { ApprovalRequirements, Decision } from '../../shared/domain/decision.ts';
import { type Digest, isDigest } from '../../shared/domain/digest.ts';
import type { Agent, ArmTargetSummary, EventDetail, Happening, OperationEvent } from '../../shared/domain/event.ts';
import { appendToChain } from '../../shared/domain/event-chain.ts';
import { advance } from '../../shared/domain/history.ts';
import { instant } from '../../shared/domain/instant.ts';
import type { Operation } from '../../shared/domain/operation.ts';
import { requestDigest, type SealedRequest } from '../../shared/domain/request-digest.ts';

export const operationId = 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa';
export const otherOperationId = 'op_bbbbbbbbbbbbbbbbbbbbbbbbbb';

export const agent: Agent = {
  id: '44444444-4444-4444-8444-000000000001',
  name: 'deploy-agent',
  tenantId: '11111111-1111-4111-8111-111111111111',
  issuer: 'https://login.example/v2.0',
};
export const ownerId = '55555555-5555-4555-8555-000000000004';
export const alice: Voter = { id: '55555555-5555-4555-8555-000000000001', name: 'Alice Approver' };
export const bob: Voter = { id: '55555555-5555-4555-8555-000000000002', name: 'Bob Approver' };

export const storageAccount =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-prod/providers/microsoft.storage/storageaccounts/stproddata';

export const target: ArmRequest = {
  kind: 'arm',
  method: 'DELETE',
  path: storageAccount,
  apiVersion: '2024-01-01',
  query: { forcedeletion: 'true' },
  headers: { 'if-match': '*' },
  body: undefined,
};

export const sealed: SealedRequest = {
  salt: 'salt-of-this-operation',
  request: { agent, justification: 'The account is no longer needed.', target },
};

export const summary: ArmTargetSummary = {
  kind: 'arm',
  method: 'DELETE',
  path: storageAccount,
  apiVersion: '2024-01-01',
  query: { forcedeletion: 'true' },
  headers: { 'if-match': '*' },
  resourceId: storageAccount.toLowerCase(),
  type: 'microsoft.storage/storageaccounts',
};

export const assessment: Assessment = {
  level: 'high',
  environment: 'production',
  factors: [{ code: 'destroysData', level: 'high', detail: 'What it deletes holds data.', evidence: 'DELETE' }],
};

export const requirements: ApprovalRequirements = { required: 1, groups: ['approvers'], expiresInMs: 14_400_000, voters: 'human' };

export const requireApproval: Extract<Decision, { outcome: 'requireApproval' }> = {
  outcome: 'requireApproval',
  reasons: ['deploy-agents-ask-one-person'],
  policyVersion: 'sha256:policy-1',
  requirements,
};
export const allow: Decision = { outcome: 'allow', reasons: ['deploy-agents-low-risk'], policyVersion: 'sha256:policy-1' };
export const deny: Decision = { outcome: 'deny', reasons: ['No agent may do this.'], policyVersion: 'sha256:policy-1' };

export const preview: Preview = { state: 'present', digest: digestFilledWith('a'), readAt: instant('2026-11-21T20:12:30.000Z') };

/** A digest that says which it is. */
export function digestFilledWith(digit: string): Digest {
  const text = `sha256:${digit.repeat(64)}`;
  if (!isDigest(text)) throw new RangeError('not a hexadecimal digit');
  return text;
}

/** What approvers of the sample see and vote on. */
export const shownDigest = approvalDigest({
  requestDigest: requestDigest(sealed),
  assessment,
  policyVersion: 'sha256:policy-1',
  requirements,
  preview,
});

export function voteOf(voter: Voter, decision: Vote['decision'] = 'approve', at = '2026-11-21T20:20:00.000Z'): Vote {
  return { voter, decision, digest: shownDigest, reason: 'Looked at it.', channel: 'teams', at: instant(at) };
}

/** One event of every kind, and of every variant that leads elsewhere, as it comes in the life of the sample. */
export const details = {
  submitted: {
    kind: 'submitted',
    agent,
    ownerId,
    target: summary,
    action: 'microsoft.storage/storageaccounts/delete',
    digest: requestDigest(sealed),
    requestMac: 'hmac-sha256:00',
    justification: 'The account is no longer needed.',
  },
  assessed: { kind: 'assessed', assessment },
  decidedRequireApproval: { kind: 'decided', decision: requireApproval, deadline: instant('2026-11-22T00:12:00.000Z') },
  decidedAllow: { kind: 'decided', decision: allow, deadline: instant('2026-11-21T21:12:00.000Z') },
  decidedDeny: { kind: 'decided', decision: deny, deadline: instant('2026-11-21T21:12:00.000Z') },
  previewed: { kind: 'previewed', preview, approvalDigest: shownDigest, masked: [] },
  approvalRequested: {
    kind: 'approvalRequested',
    card: { channel: 'teams', group: 'approvers', conversationId: '19:approvers', activityId: '1' },
  },
  voteRecordedApprove: { kind: 'voteRecorded', vote: voteOf(alice) },
  voteRecordedReject: { kind: 'voteRecorded', vote: voteOf(bob, 'reject') },
  voteRefused: { kind: 'voteRefused', voter: bob, refusal: 'notInGroup', channel: 'teams' },
  approved: { kind: 'approved', executeBy: instant('2026-11-21T21:20:00.000Z') },
  rejected: { kind: 'rejected', by: bob, reason: 'Too late in the day.' },
  cancelled: { kind: 'cancelled' },
  expiredApproval: { kind: 'expired', waitingFor: 'approval' },
  expiredExecution: { kind: 'expired', waitingFor: 'execution' },
  executionStarted: { kind: 'executionStarted', attempt: 1, leaseUntil: instant('2026-11-21T20:26:00.000Z') },
  credentialIssued: {
    kind: 'credentialIssued',
    tier: 'operator',
    identity: '66666666-6666-4666-8666-000000000001',
    expiresAt: instant('2026-11-21T21:21:00.000Z'),
  },
  callStarted: { kind: 'callStarted', digest: requestDigest(sealed), leaseUntil: instant('2026-11-21T20:26:30.000Z') },
  callAccepted: { kind: 'callAccepted', status: 202, pollUntil: instant('2026-11-22T20:22:00.000Z') },
  executionStoppedDenied: { kind: 'executionStopped', code: 'policyRefuses', detail: 'The policies now refuse it.', end: 'denied' },
  executionStoppedExpired: { kind: 'executionStopped', code: 'drifted', detail: 'The target has changed.', end: 'expired' },
  executionReleased: { kind: 'executionReleased', reason: 'No credential could be had.' },
  executionDeferred: {
    kind: 'executionDeferred',
    reason: 'Azure answered 429: it was too busy and did nothing.',
    notBefore: instant('2026-11-21T20:22:00.000Z'),
  },
  outcomeDoubted: {
    kind: 'outcomeDoubted',
    reason: 'The connection was cut.',
    accepted: false,
    readAt: instant('2026-11-21T20:21:05.000Z'),
    readUntil: instant('2026-11-21T20:36:00.000Z'),
  },
  findingRecorded: { kind: 'findingRecorded', by: bob, found: 'noEffect', note: 'The account is still there.' },
  executionFinishedSucceeded: {
    kind: 'executionFinished',
    outcome: 'succeeded',
    detail: 'Azure answered 200.',
    result: { status: 200, masked: [] },
  },
  executionFinishedFailed: {
    kind: 'executionFinished',
    outcome: 'failed',
    detail: 'Azure answered 409.',
    result: { status: 409, masked: [] },
  },
  executionFinishedOutcomeUnknown: {
    kind: 'executionFinished',
    outcome: 'outcomeUnknown',
    detail: 'The connection was lost.',
    result: { masked: [] },
  },
  messageDeadLettered: { kind: 'messageDeadLettered', queue: 'executions', purpose: 'execute', reason: 'MaxDeliveryCountExceeded' },
} as const satisfies Record<string, EventDetail>;

export type DetailName = keyof typeof details;

export function happening(detail: EventDetail, at = '2026-11-21T20:21:00.000Z'): Happening {
  return { actor: { kind: 'countersign', role: 'edge' }, at: instant(at), detail };
}

/** The event that would follow an operation, chained on. */
export function eventAfter(operation: Operation | undefined, detail: EventDetail, at?: string): OperationEvent {
  const [event] = appendToChain(operation?.id ?? operationId, operation?.head, [happening(detail, at)]);
  if (event === undefined) throw new RangeError('no event was made');
  return event;
}

export function operationAfter(from: Operation | undefined, ...following: readonly EventDetail[]): Operation {
  return advance(
    operationId,
    from,
    following.map((detail) => happening(detail)),
  ).operation;
}

const { submitted, assessed } = details;
const waiting = operationAfter(undefined, submitted, assessed, details.decidedRequireApproval);
const shown = operationAfter(waiting, details.previewed);
const voted = operationAfter(shown, details.voteRecordedApprove);
const approved = operationAfter(voted, details.approved);
const claimed = operationAfter(approved, details.executionStarted);
const calling = operationAfter(claimed, details.credentialIssued, details.callStarted);

/** The sample wherever it may stand. */
export const operations = {
  waiting,
  shown,
  /** Enough people have approved, and nothing has said so yet. */
  voted,
  /** Somebody has rejected, and nothing has said so yet. */
  votedAgainst: operationAfter(shown, details.voteRecordedReject),
  allowed: operationAfter(undefined, submitted, assessed, details.decidedAllow),
  approved,
  claimed,
  calling,
  polling: operationAfter(calling, details.callAccepted),
  /** The answer to the call is lost. */
  readingBack: operationAfter(calling, details.outcomeDoubted),
  /** Azure took the call, and has forgotten it. */
  readingBackAccepted: operationAfter(calling, details.callAccepted, { ...details.outcomeDoubted, accepted: true }),
  succeeded: operationAfter(calling, details.executionFinishedSucceeded),
  failed: operationAfter(calling, details.executionFinishedFailed),
  outcomeUnknown: operationAfter(calling, details.executionFinishedOutcomeUnknown),
  denied: operationAfter(undefined, submitted, assessed, details.decidedDeny),
  rejected: operationAfter(shown, details.voteRecordedReject, details.rejected),
  expired: operationAfter(claimed, details.executionStoppedExpired),
  cancelled: operationAfter(waiting, details.cancelled),
} as const satisfies Record<string, Operation>;

export type StateName = keyof typeof operations;

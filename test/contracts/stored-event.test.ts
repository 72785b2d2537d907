import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { decodeEvent, encodeEvent, StoredEventError, type storedEvent } from '../../shared/contracts/stored-event.ts';
import { digestOf } from '../../shared/domain/digest.ts';
import type { EventDetail, EventKind, OperationEvent } from '../../shared/domain/event.ts';
import { appendToChain } from '../../shared/domain/event-chain.ts';
import { instant } from '../../shared/domain/instant.ts';
import { assessed, decided, happening, operationIdOf, refusedVote, submitted } from './sample-operation.ts';

const at = instant('2026-11-21T20:12:00.000Z');
const digest = digestOf('any');
const voter = { id: '55555555-5555-4555-8555-000000000001', name: 'Ada Approver' };

/** One detail of every kind; a kind that is added to the domain does not compile until it is here. */
const details: { readonly [Kind in EventKind]: Extract<EventDetail, { kind: Kind }> } = {
  submitted: { ...submitted, clientRequestId: 'c-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  assessed,
  decided,
  previewed: { kind: 'previewed', preview: { state: 'present', digest, readAt: at }, approvalDigest: digest, masked: ['properties.key'] },
  approvalRequested: {
    kind: 'approvalRequested',
    card: { channel: 'teams', group: 'approvers', conversationId: '19:abc@thread.v2', activityId: '1' },
  },
  voteRecorded: { kind: 'voteRecorded', vote: { voter, decision: 'approve', digest, reason: '', channel: 'teams', at } },
  voteRefused: refusedVote,
  approved: { kind: 'approved', executeBy: at },
  rejected: { kind: 'rejected', by: voter, reason: 'Not today.' },
  cancelled: { kind: 'cancelled' },
  expired: { kind: 'expired', waitingFor: 'approval' },
  secretCollected: { kind: 'secretCollected' },
  secretDropped: { kind: 'secretDropped' },
  executionStarted: { kind: 'executionStarted', attempt: 1, leaseUntil: at },
  credentialIssued: { kind: 'credentialIssued', tier: 'operator', identity: 'operator', expiresAt: at },
  accessRequested: {
    kind: 'accessRequested',
    grant: {
      attempt: 1,
      tier: 'operator',
      assignmentId: '/subscriptions/1/providers/Microsoft.Authorization/roleAssignments/2',
      scope: '/subscriptions/1',
      role: { id: 'acdd72a7-3385-48ef-bd42-f606fba81ae7', name: 'Reader' },
      principalId: '66666666-6666-4666-8666-000000000002',
      needs: ['microsoft.storage/storageaccounts/read'],
      condition: 'x',
    },
    accessUntil: at,
  },
  accessGranted: { kind: 'accessGranted', attempt: 1 },
  accessPropagated: { kind: 'accessPropagated', attempt: 1, leaseUntil: at },
  accessRemoved: { kind: 'accessRemoved', attempt: 1 },
  accessRevoked: { kind: 'accessRevoked', attempt: 1, confirmed: true },
  leftoverAccessRemoved: { kind: 'leftoverAccessRemoved', assignmentId: '/subscriptions/1' },
  callStarted: { kind: 'callStarted', digest, leaseUntil: at, before: { state: 'present', digest, asAsked: false } },
  callAccepted: { kind: 'callAccepted', status: 202, pollUntil: at },
  executionStopped: { kind: 'executionStopped', code: 'drifted', detail: 'The account changed.', end: 'denied' },
  executionReleased: {
    kind: 'executionReleased',
    reason: 'nothing was sent',
    readBack: { by: 'target', found: 'It is not there, as before the call.' },
  },
  executionDeferred: { kind: 'executionDeferred', reason: 'Azure answered 429.', notBefore: at },
  outcomeDoubted: { kind: 'outcomeDoubted', reason: 'The connection was cut.', accepted: false, readAt: at, readUntil: at },
  executionFinished: {
    kind: 'executionFinished',
    outcome: 'succeeded',
    detail: 'Done.',
    result: { status: 200, bodyDigest: digest, masked: [] },
    readBack: { by: 'activityLog', found: 'The call succeeded.' },
  },
  findingRecorded: { kind: 'findingRecorded', by: voter, found: 'partialEffect', note: 'Two of three are gone.' },
  messageDeadLettered: { kind: 'messageDeadLettered', queue: 'executions', purpose: 'execute', reason: 'MaxDeliveryCountExceeded' },
};

function eventOf(detail: EventDetail): OperationEvent {
  const [event] = appendToChain(operationIdOf('event'), undefined, [happening(detail)]);
  if (event === undefined) throw new Error('no event');
  return event;
}

function codeOf(text: string): string {
  try {
    decodeEvent(text);
    return 'decoded';
  } catch (error) {
    return error instanceof StoredEventError ? error.code : 'another error';
  }
}

describe('decoding a stored event', () => {
  const good = eventOf(details.submitted);

  it.each([
    ['empty text', '', 'notJson'],
    ['half a text', encodeEvent(good).slice(0, -1), 'notJson'],
    ['a name given twice', encodeEvent(good).replace('{', '{"sequence":2,'), 'notJson'],
    ['null', 'null', 'notAnEvent'],
    ['a list', `[${encodeEvent(good)}]`, 'notAnEvent'],
    ['an unknown field', JSON.stringify({ ...good, note: '' }), 'notAnEvent'],
    ['an unknown field of a detail', JSON.stringify({ ...good, detail: { ...good.detail, approved: true } }), 'notAnEvent'],
    ['an unknown kind', JSON.stringify({ ...good, detail: { kind: 'approvedByNobody' } }), 'notAnEvent'],
    ['an unknown refusal', JSON.stringify({ ...good, detail: { ...refusedVote, refusal: 'tired' } }), 'notAnEvent'],
    ['a missing field', JSON.stringify({ ...good, detail: { kind: 'approved' } }), 'notAnEvent'],
    ['a null where nothing should be', JSON.stringify({ ...good, detail: { ...submitted, traceparent: null } }), 'notAnEvent'],
    ['a sequence of 0', JSON.stringify({ ...good, sequence: 0 }), 'notAnEvent'],
    ['a time without milliseconds', JSON.stringify({ ...good, at: '2026-11-21T20:12:00Z' }), 'notAnEvent'],
    ['a short hash', JSON.stringify({ ...good, hash: 'sha256:00' }), 'notAnEvent'],
  ])('refuses %s', (_, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it.each(Object.values(details).map((detail) => [detail.kind, detail] as const))(
    'gives back the %s event that was encoded',
    (_, detail) => {
      const event = eventOf(detail);
      expect(decodeEvent(encodeEvent(event))).toEqual(event);
    },
  );

  it('knows exactly the events that the domain knows', () => {
    const same: Same<Plain<z.output<typeof storedEvent>>, Plain<OperationEvent>> = true;
    expect(same).toBe(true);
  });
});

describe('encoding an event', () => {
  it('refuses what could not be read again', () => {
    const event = { ...eventOf(details.callAccepted), detail: { ...details.callAccepted, status: 20.5 } };
    expect(() => encodeEvent(event)).toThrow(StoredEventError);
  });

  it('writes the same event as the same text', () => {
    const { hash, ...rest } = eventOf(details.cancelled);
    expect(encodeEvent({ hash, ...rest })).toBe(encodeEvent({ ...rest, hash }));
  });
});

/** A type with its intersections and readonly marks dissolved, so that two spellings of one shape are one type. */
type Plain<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : { -readonly [Key in keyof T]: Plain<T[Key]> };

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

import { z } from 'zod';
import { grantedTiers } from '../domain/access/tiers.ts';
import { voteRefusals } from '../domain/approval.ts';
import { armMethods } from '../domain/arm-method.ts';
import { environments, riskLevels } from '../domain/assessment.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { type Digest, isDigest } from '../domain/digest.ts';
import { findings, type OperationEvent } from '../domain/event.ts';
import { eventJson } from '../domain/event-chain.ts';
import { type Instant, isInstant } from '../domain/instant.ts';
import { JsonError, type JsonValue, parseJsonText } from '../domain/json.ts';
import { secretMethods } from '../domain/secrets/secret-request.ts';

/** `notJson`: the text is no I-JSON. `notAnEvent`: it is something else than an event that we know. */
export class StoredEventError extends Error {
  readonly code: 'notJson' | 'notAnEvent';
  constructor(code: StoredEventError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoredEventError';
    this.code = code;
  }
}

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');
const instant = z.custom<Instant>((value) => typeof value === 'string' && isInstant(value), 'not an instant');
const count = z.int().min(0);
const texts = z.array(z.string()).readonly();
const named = z.record(z.string(), z.string()).readonly();

const identified = { id: z.string(), name: z.string() };
const person = z.strictObject(identified).readonly();

const actor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('agent'), ...identified }).readonly(),
  z.strictObject({ kind: z.literal('person'), ...identified }).readonly(),
  z.strictObject({ kind: z.literal('countersign'), role: z.enum(['edge', 'approvals', 'executor']) }).readonly(),
]);

const armTarget = z
  .strictObject({
    kind: z.literal('arm'),
    method: z.enum(armMethods),
    path: z.string(),
    apiVersion: z.string(),
    query: named,
    headers: named,
    resourceId: z.string(),
    type: z.string(),
  })
  .readonly();

const secretTarget = z
  .strictObject({
    kind: z.literal('keyvaultSecret'),
    method: z.enum(secretMethods),
    vault: z.string(),
    name: z.string().exactOptional(),
    version: z.string().exactOptional(),
    revealTo: z.string().exactOptional(),
    path: z.string(),
    resourceId: z.string(),
    type: z.string(),
  })
  .readonly();

const target = z.discriminatedUnion('kind', [armTarget, secretTarget]);

const factor = z
  .strictObject({ code: z.string(), level: z.enum(riskLevels), detail: z.string(), evidence: z.string().exactOptional() })
  .readonly();

const assessment = z
  .strictObject({ level: z.enum(riskLevels), environment: z.enum(environments), factors: z.array(factor).readonly() })
  .readonly();

const requirements = z
  .strictObject({ required: count, groups: texts, expiresInMs: z.number().min(0), voters: z.literal('human') })
  .readonly();

const decidingPolicy = z.strictObject({ id: z.string(), advice: z.string().exactOptional() }).readonly();
const decided = { reasons: texts, policies: z.array(decidingPolicy).readonly().exactOptional(), policyVersion: z.string() };
const decision = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('allow'), ...decided }).readonly(),
  z.strictObject({ outcome: z.literal('requireApproval'), ...decided, requirements }).readonly(),
  z.strictObject({ outcome: z.literal('deny'), ...decided }).readonly(),
]);

const preview = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('present'), digest, readAt: instant }).readonly(),
  z.strictObject({ state: z.literal('absent'), readAt: instant }).readonly(),
  z.strictObject({ state: z.literal('unreadable'), reason: z.string(), readAt: instant }).readonly(),
]);

const channel = z.enum(['teams', 'api']);

const vote = z
  .strictObject({ voter: person, decision: z.enum(['approve', 'reject']), digest, reason: z.string(), channel, at: instant })
  .readonly();

const card = z
  .strictObject({ channel: z.literal('teams'), group: z.string(), conversationId: z.string(), activityId: z.string() })
  .readonly();

const result = z.strictObject({ status: count.exactOptional(), bodyDigest: digest.exactOptional(), masked: texts }).readonly();

const grant = z
  .strictObject({
    attempt: z.int().min(1),
    tier: z.enum(grantedTiers),
    assignmentId: z.string(),
    scope: z.string(),
    role: z.strictObject(identified).readonly(),
    principalId: z.string(),
    needs: texts,
    condition: z.string().exactOptional(),
  })
  .readonly();

const before = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('present'), digest, asAsked: z.boolean() }).readonly(),
  z.strictObject({ state: z.literal('secretPresent'), newest: z.string(), versions: count }).readonly(),
  z.strictObject({ state: z.literal('secretDeleted') }).readonly(),
  z.strictObject({ state: z.literal('absent') }).readonly(),
  z.strictObject({ state: z.literal('unreadable') }).readonly(),
]);

const readBack = z.strictObject({ by: z.enum(['operationStatus', 'target', 'activityLog']), found: z.string() }).readonly();

const stopCode = z.enum([
  'digestMismatch',
  'chainBroken',
  'votesInsufficient',
  'voterNoLongerMember',
  'policyRefuses',
  'agentRefused',
  'drifted',
  'tooLate',
  'targetUnreadable',
  'movedElsewhere',
  'limitReached',
]);

const detail = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('submitted'),
      agent: z.strictObject({ ...identified, tenantId: z.string(), issuer: z.string() }).readonly(),
      proof: z
        .strictObject({ issuer: z.string(), client: z.string().exactOptional(), managedIdentity: z.string().exactOptional() })
        .readonly()
        .exactOptional(),
      ownerId: z.string(),
      target,
      action: z.string(),
      digest,
      requestMac: z.string(),
      justification: z.string(),
      clientRequestId: z.string().exactOptional(),
      traceparent: z.string().exactOptional(),
    })
    .readonly(),
  z.strictObject({ kind: z.literal('assessed'), assessment }).readonly(),
  z.strictObject({ kind: z.literal('decided'), decision, deadline: instant }).readonly(),
  z.strictObject({ kind: z.literal('previewed'), preview, approvalDigest: digest, masked: texts }).readonly(),
  z.strictObject({ kind: z.literal('approvalRequested'), card }).readonly(),
  z.strictObject({ kind: z.literal('voteRecorded'), vote }).readonly(),
  z.strictObject({ kind: z.literal('voteRefused'), voter: person, refusal: z.enum(voteRefusals), channel }).readonly(),
  z.strictObject({ kind: z.literal('approved'), executeBy: instant }).readonly(),
  z.strictObject({ kind: z.literal('rejected'), by: person, reason: z.string() }).readonly(),
  z.strictObject({ kind: z.literal('cancelled') }).readonly(),
  z.strictObject({ kind: z.literal('expired'), waitingFor: z.enum(['approval', 'execution']) }).readonly(),
  z.strictObject({ kind: z.literal('executionStarted'), attempt: count, leaseUntil: instant }).readonly(),
  z.strictObject({ kind: z.literal('credentialIssued'), tier: z.string(), identity: z.string(), expiresAt: instant }).readonly(),
  z.strictObject({ kind: z.literal('accessRequested'), grant, accessUntil: instant }).readonly(),
  z.strictObject({ kind: z.literal('accessGranted'), attempt: count }).readonly(),
  z.strictObject({ kind: z.literal('accessPropagated'), attempt: count, leaseUntil: instant }).readonly(),
  z.strictObject({ kind: z.literal('accessRemoved'), attempt: count }).readonly(),
  z.strictObject({ kind: z.literal('accessRevoked'), attempt: count, confirmed: z.boolean() }).readonly(),
  z.strictObject({ kind: z.literal('leftoverAccessRemoved'), assignmentId: z.string() }).readonly(),
  z
    .strictObject({
      kind: z.literal('callStarted'),
      digest,
      leaseUntil: instant,
      before: before.exactOptional(),
      secretsUsed: z
        .array(z.strictObject({ reference: z.string(), version: z.string() }).readonly())
        .readonly()
        .exactOptional(),
    })
    .readonly(),
  z.strictObject({ kind: z.literal('callAccepted'), status: count, pollUntil: instant }).readonly(),
  z
    .strictObject({ kind: z.literal('executionStopped'), code: stopCode, detail: z.string(), end: z.enum(['denied', 'expired']) })
    .readonly(),
  z.strictObject({ kind: z.literal('executionReleased'), reason: z.string(), readBack: readBack.exactOptional() }).readonly(),
  z.strictObject({ kind: z.literal('executionDeferred'), reason: z.string(), notBefore: instant }).readonly(),
  z
    .strictObject({ kind: z.literal('outcomeDoubted'), reason: z.string(), accepted: z.boolean(), readAt: instant, readUntil: instant })
    .readonly(),
  z
    .strictObject({
      kind: z.literal('executionFinished'),
      outcome: z.enum(['succeeded', 'failed', 'outcomeUnknown']),
      detail: z.string(),
      result,
      readBack: readBack.exactOptional(),
      handoverUntil: instant.exactOptional(),
    })
    .readonly(),
  z.strictObject({ kind: z.literal('secretCollected') }).readonly(),
  z.strictObject({ kind: z.literal('secretDropped') }).readonly(),
  z.strictObject({ kind: z.literal('findingRecorded'), by: person, found: z.enum(findings), note: z.string() }).readonly(),
  z.strictObject({ kind: z.literal('messageDeadLettered'), queue: z.string(), purpose: z.string(), reason: z.string() }).readonly(),
]);

/** One stored event; strict at every level, so that a row of a newer or a forged shape is refused and never half understood. */
export const storedEvent = z
  .strictObject({
    operationId: z.string(),
    sequence: z.int().min(1),
    actor,
    at: instant,
    detail,
    previousHash: digest,
    hash: digest,
  })
  .readonly();

/**
 * An event as the text that is stored: RFC 8785 canonical JSON, so that the same event is always the same text.
 * Throws {@link StoredEventError} `notAnEvent` for what could not be read again.
 */
export function encodeEvent(event: OperationEvent): string {
  return canonicalJson(eventJson(checked(eventJson(event))));
}

/** Reads a stored event, which somebody may have tampered with. Whether it is the right one, the chain says. Throws {@link StoredEventError}. */
export function decodeEvent(text: string): OperationEvent {
  try {
    return checked(parseJsonText(text));
  } catch (error) {
    if (error instanceof JsonError) throw new StoredEventError('notJson', 'a stored event is no JSON', { cause: error });
    throw error;
  }
}

function checked(value: JsonValue): OperationEvent {
  const parsed = storedEvent.safeParse(value);
  if (!parsed.success) throw new StoredEventError('notAnEvent', `this is no event: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

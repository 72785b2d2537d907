import { approvalsReceived } from '../domain/approval.ts';
import type { Assessment } from '../domain/assessment.ts';
import type { Decision } from '../domain/decision.ts';
import type { OperationEvent } from '../domain/event.ts';
import { eventJson } from '../domain/event-chain.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { type Finished, nextStep, type Operation } from '../domain/operation.ts';
import type { IndexEntry } from '../ports/operation-index.ts';

/** The public JSON of one operation; `result`, `preview` and `requestBody` are the masked documents. */
export function operationResponse(
  operation: Operation,
  documents: {
    readonly result: JsonValue | undefined;
    readonly preview: JsonValue | undefined;
    readonly requestBody?: JsonValue | undefined;
    /** A JWE that goes to the agent with this answer and no other. */
    readonly secret?: string;
  },
  url: string,
): JsonObject {
  const { agent } = operation;
  return {
    id: operation.id,
    status: operation.status,
    next: nextStep(operation.status),
    digest: operation.digest,
    action: operation.action,
    target: targetOf(operation, documents.requestBody),
    justification: operation.justification,
    agent: { id: agent.id, name: agent.name, issuer: agent.issuer },
    createdAt: operation.createdAt,
    updatedAt: operation.updatedAt,
    risk: riskOf(operation.assessment),
    decision: {
      outcome: operation.decision.outcome,
      ...reasonsOf(operation.decision),
      ...approvalOf(operation, documents.preview, url),
    },
    ...endOf(operation, documents.result, documents.secret),
  };
}

/** The public JSON of a dry run. */
export function assessResponse(action: string, assessment: Assessment, decision: Decision): JsonObject {
  const approval = decision.outcome === 'requireApproval' ? requirementsOf(decision.requirements) : {};
  return {
    action,
    risk: riskOf(assessment),
    decision: { outcome: decision.outcome, ...reasonsOf(decision), policyVersion: decision.policyVersion, ...approval },
  };
}

export function listResponse(
  entries: readonly IndexEntry[],
  operationUrl: (id: string) => string,
  nextLink: string | undefined,
): JsonObject {
  const value = entries.map((entry) => ({
    id: entry.id,
    status: entry.status,
    next: nextStep(entry.status),
    action: entry.action,
    resourceId: entry.resourceId,
    agent: { id: entry.agentId, name: entry.agentName },
    risk: { level: entry.riskLevel },
    createdAt: entry.createdAt,
    updatedAt: entry.updatedAt,
    url: operationUrl(entry.id),
  }));
  return nextLink === undefined ? { value } : { value, nextLink };
}

/** Events as they are chained: `hash` is the SHA-256 of the RFC 8785 form of the event without its `hash`. */
export function eventsResponse(events: readonly OperationEvent[]): JsonObject {
  return { value: events.map(eventJson) };
}

function targetOf({ target }: Operation, body: JsonValue | undefined): JsonObject {
  if (target.kind === 'keyvaultSecret') {
    const { path: _, type: __, revealTo, ...told } = target;
    return { ...told, ...(revealTo === undefined ? {} : { reveal: true, revealTo }), ...(isJsonObject(body) ? body : {}) };
  }
  const { kind, method, path, apiVersion, query, headers } = target;
  return { kind, method, path, apiVersion, query: { ...query }, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
}

function riskOf(assessment: Assessment): JsonObject {
  return { level: assessment.level, environment: assessment.environment, factors: assessment.factors.map((factor) => ({ ...factor })) };
}

/** Sentences for people, and which policies decided, with their advice. */
function reasonsOf({ reasons, policies }: Decision): JsonObject {
  return { reasons: [...reasons], ...(policies === undefined ? {} : { policies: policies.map((policy) => ({ ...policy })) }) };
}

function requirementsOf(requirements: { required: number; groups: readonly string[]; expiresInMs: number }): JsonObject {
  const { required, groups, expiresInMs } = requirements;
  return { approval: { required, groups: [...groups], expiresInSeconds: Math.round(expiresInMs / 1000) } };
}

function approvalOf(operation: Operation, preview: JsonValue | undefined, url: string): JsonObject {
  if (operation.decision.outcome !== 'requireApproval') return {};
  const { required, groups } = operation.decision.requirements;
  const { shown } = operation;
  return {
    approval: {
      ...(shown === undefined
        ? {}
        : { digest: shown.approvalDigest, preview: { ...shown.preview, ...(preview === undefined ? {} : { body: preview }) } }),
      required,
      received: approvalsReceived(operation.votes),
      groups: [...groups],
      votes: operation.votes.map(({ voter, decision, reason, channel, at }) => ({ voter: { ...voter }, decision, reason, channel, at })),
      ...(operation.status === 'awaitingApproval' ? { expiresAt: operation.expiresAt } : {}),
      url,
    },
  };
}

function endOf(operation: Operation, result: JsonValue | undefined, secret: string | undefined): JsonObject {
  switch (operation.status) {
    case 'awaitingApproval':
      return {};
    case 'approved':
    case 'executing':
      return { executeBy: operation.executeBy };
    case 'succeeded':
    case 'failed':
    case 'outcomeUnknown': {
      const { status, masked } = operation.result;
      return {
        detail: operation.detail,
        result: {
          ...(status === undefined ? {} : { status }),
          ...(result === undefined ? {} : { body: result }),
          masked: [...masked],
          ...secretOf(operation, secret),
        },
        ...findingsOf(operation),
      };
    }
    case 'denied':
    case 'rejected':
    case 'expired':
    case 'cancelled':
      return { detail: operation.detail };
  }
}

/** Where a value was encrypted to the agent's key: whether it waits, until when, and the JWE itself for the one who takes it. */
function secretOf({ handover }: Finished, jwe: string | undefined): JsonObject {
  if (handover === undefined) return {};
  const { standing, until } = handover;
  return { secret: { state: standing, ...(standing === 'waiting' ? { until } : {}), ...(jwe === undefined ? {} : { jwe }) } };
}

/** What people found who looked where the outcome is unknown; absent where it is known. */
function findingsOf({ status, findings }: Finished): JsonObject {
  if (status !== 'outcomeUnknown') return {};
  return { findings: findings.map(({ by, found, note, at }) => ({ by: { ...by }, found, note, at })) };
}

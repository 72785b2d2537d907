import type { OperationEvent } from './event.ts';
import { epochMsOf, type Instant } from './instant.ts';
import type { Operation } from './operation.ts';

/**
 * Every metric, its unit in UCUM, and the attributes that it has; none of them is an id of an operation, an agent, a person or a resource, so that there are few
 * series. Source: opentelemetry.io/docs/specs/semconv/general/metrics.
 */
export const metrics = {
  'countersign.operation.transitions': { kind: 'counter', unit: '{transition}', description: 'Operations that came to a status.' },
  'countersign.decision.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'From the submission to the end of the waiting for people.',
  },
  'countersign.execution.delay': { kind: 'histogram', unit: 's', description: 'From when an operation may run to its first call.' },
  'countersign.execution.duration': { kind: 'histogram', unit: 's', description: 'From the first call to the outcome.' },
  'countersign.queue.message.age': { kind: 'histogram', unit: 's', description: 'How long a message was due when its handling began.' },
  'countersign.masked_values': { kind: 'counter', unit: '{value}', description: 'Values that were hidden in what is kept and shown.' },
  'countersign.denials': { kind: 'counter', unit: '{denial}', description: 'Operations that were denied, by each policy that decided.' },
  'countersign.doubts': {
    kind: 'counter',
    unit: '{doubt}',
    description: 'Calls of which nobody could say at once, or at all, what they did.',
  },
} as const satisfies Readonly<Record<string, { kind: 'counter' | 'histogram'; unit: string; description: string }>>;

export type MetricName = keyof typeof metrics;

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** One value of one metric, in the metric's unit. */
export type Measurement = { readonly metric: MetricName; readonly value: number; readonly attributes: Attributes };

/** An operation and its events, all of them or those of one commit. */
export type Told = { readonly operation: Operation; readonly events: readonly OperationEvent[] };

/**
 * What one commit adds to the metrics, told by nothing but what it changed: whoever calls this where a commit has just been made counts each transition once.
 * `before` is the operation with all its events as the commit found them; undefined for the first commit.
 */
export function measurementsOf(before: Told | undefined, committed: Told): readonly Measurement[] {
  return [
    ...transitionOf(before?.operation, committed.operation),
    ...denialsOf(before?.operation, committed.operation),
    ...decisionTime(before?.operation, committed),
    ...executionTimes(before?.events ?? [], committed),
    ...committed.events.flatMap(maskedIn),
    ...committed.events.flatMap(doubtIn),
  ];
}

function transitionOf(before: Operation | undefined, { status, assessment }: Operation): readonly Measurement[] {
  if (before?.status === status) return [];
  const attributes = { 'countersign.operation.status': status, 'countersign.risk.level': assessment.level };
  return [{ metric: 'countersign.operation.transitions', value: 1, attributes }];
}

/** Ids of policies are as many as there are policies; what no policy permitted was denied by none. */
function denialsOf(before: Operation | undefined, { status, decision }: Operation): readonly Measurement[] {
  if (status !== 'denied' || before?.status === 'denied') return [];
  const ids = decision.outcome === 'deny' ? (decision.policies ?? []).map(({ id }) => id) : [];
  return [...new Set(ids.length === 0 ? ['none'] : ids)].map((id) => ({
    metric: 'countersign.denials',
    value: 1,
    attributes: { 'countersign.policy.id': id, 'countersign.denied.at': before === undefined ? 'submission' : 'later' },
  }));
}

/** Only what waited for people took time to decide. */
function decisionTime(before: Operation | undefined, { operation }: Told): readonly Measurement[] {
  if (before?.status !== 'awaitingApproval' || operation.status === 'awaitingApproval') return [];
  return [
    {
      metric: 'countersign.decision.duration',
      value: secondsBetween(operation.createdAt, operation.updatedAt),
      attributes: { 'countersign.decision.outcome': operation.status, 'countersign.risk.level': operation.assessment.level },
    },
  ];
}

function executionTimes(earlier: readonly OperationEvent[], { operation, events }: Told): readonly Measurement[] {
  const all = [...earlier, ...events];
  const called = all.find(({ detail }) => detail.kind === 'callStarted');
  if (called === undefined) return [];
  const attributes = { 'countersign.risk.level': operation.assessment.level };
  // Where no person was asked, it might run from the moment of its decision.
  const mayRun = all.find(({ detail }) => detail.kind === 'approved') ?? all.find(({ detail }) => detail.kind === 'decided');
  const delay: Measurement[] =
    mayRun === undefined || !events.includes(called)
      ? []
      : [{ metric: 'countersign.execution.delay', value: secondsBetween(mayRun.at, called.at), attributes }];
  const finished = events.find(({ detail }) => detail.kind === 'executionFinished');
  if (finished?.detail.kind !== 'executionFinished') return delay;
  const duration: Measurement = {
    metric: 'countersign.execution.duration',
    value: secondsBetween(called.at, finished.at),
    attributes: { ...attributes, 'countersign.execution.outcome': finished.detail.outcome },
  };
  return [...delay, duration];
}

function maskedIn({ detail }: OperationEvent): readonly Measurement[] {
  const paths = detail.kind === 'previewed' ? detail.masked : detail.kind === 'executionFinished' ? detail.result.masked : [];
  const count = paths.reduce((sum, path) => sum + placesOf(path), 0);
  if (count === 0) return [];
  const document = detail.kind === 'previewed' ? 'preview' : 'result';
  return [{ metric: 'countersign.masked_values', value: count, attributes: { 'countersign.document': document } }];
}

/** A list of masked places that was cut ends with how many it leaves out. */
function placesOf(path: string): number {
  const rest = /^… and (\d{1,9}) more$/.exec(path)?.[1];
  return rest === undefined ? 1 : Number(rest);
}

function doubtIn({ detail }: OperationEvent): readonly Measurement[] {
  if (detail.kind === 'outcomeDoubted') {
    return [doubt(detail.accepted ? 'acceptedAndLost' : 'answerLost')];
  }
  if (detail.kind === 'executionFinished' && detail.outcome === 'outcomeUnknown') return [doubt('outcomeUnknown')];
  return [];
}

function doubt(kind: string): Measurement {
  return { metric: 'countersign.doubts', value: 1, attributes: { 'countersign.doubt': kind } };
}

/** Clocks of two hosts may differ: no time is less than none. */
export function secondsBetween(from: Instant, to: Instant): number {
  return Math.max(0, epochMsOf(to) - epochMsOf(from)) / 1000;
}

import { HttpRequest, type InvocationContext, type PreInvocationHandler } from '@azure/functions';
import type { LogLevel, ProcessTelemetry } from '../shared/adapters/telemetry/telemetry.ts';
import { readQueueMessage } from '../shared/contracts/queue-message.ts';
import { queueNames } from '../shared/contracts/queues.ts';
import { epochMsOf, instantFromEpochMs } from '../shared/domain/instant.ts';
import { type Attributes, secondsBetween } from '../shared/domain/measurement.ts';
import { isOperationId, type OperationId } from '../shared/domain/operation.ts';
import { parseTraceParent } from '../shared/domain/trace-parent.ts';
import type { Clock } from '../shared/ports/system.ts';
import type { RunningStep, Step } from '../shared/ports/telemetry.ts';

export type ObserveInvocationsDeps = {
  readonly telemetry: Pick<ProcessTelemetry, 'duringInvocation' | 'about' | 'measure'>;
  readonly clock: Clock;
};

/** What is known of an invocation before it runs. */
type Begun = { readonly step: Step; readonly operationId: OperationId | undefined };

/**
 * Makes a step of every invocation, whatever triggers it: it goes on with the trace of whoever caused it, its lines are given to the host by its context, and how
 * long its message was due is measured.
 */
export function observeInvocations(deps: ObserveInvocationsDeps): PreInvocationHandler {
  return (hook) => {
    const { invocationContext: context, functionHandler } = hook;
    hook.functionHandler = (...inputs: Parameters<typeof functionHandler>) => {
      const { step, operationId } = begin(deps, context, inputs[0]);
      return deps.telemetry.duringInvocation(writeTo(context), step, async (running) => {
        if (operationId !== undefined) deps.telemetry.about(operationId);
        const result: unknown = await functionHandler(...inputs);
        if (step.kind === 'server') noteAnswer(running, result);
        return result;
      });
    };
  };
}

function begin(deps: ObserveInvocationsDeps, context: InvocationContext, input: unknown): Begun {
  const common = { 'faas.name': context.functionName, 'faas.invocation_id': context.invocationId };
  if (input instanceof HttpRequest) return beginRequest(context, input, common);
  const name: unknown = context.options.trigger['queueName'];
  return typeof name === 'string'
    ? beginMessage(deps, context, name, input, common)
    : {
        step: { name: context.functionName, kind: 'internal', parent: parentOf(context, undefined), attributes: common },
        operationId: undefined,
      };
}

/** The route as it is registered, not the address, which the caller wrote. */
function beginRequest(context: InvocationContext, { method, headers, params }: HttpRequest, common: Attributes): Begun {
  const route = String(context.options.trigger['route']);
  const id = params['id'] ?? '';
  return {
    step: {
      name: `${method} ${route}`,
      kind: 'server',
      parent: parentOf(context, headers.get('traceparent')),
      attributes: { ...common, 'http.request.method': method, 'http.route': route },
    },
    operationId: isOperationId(id) ? id : undefined,
  };
}

function beginMessage(deps: ObserveInvocationsDeps, context: InvocationContext, name: string, body: unknown, common: Attributes): Begun {
  const queue = queueNames.find((known) => name === known || name === `${known}/$DeadLetterQueue`);
  const read = queue === undefined ? undefined : readQueueMessage(queue, context.triggerMetadata?.['contentType'], body);
  const message = read?.ok ? read.message : undefined;
  const destination = { 'messaging.destination.name': name };
  measureAge(deps, context, destination);
  return {
    step: {
      name: `process ${name}`,
      kind: 'consumer',
      parent: parentOf(context, message?.traceparent),
      attributes: {
        ...common,
        ...destination,
        'messaging.system': 'servicebus',
        'messaging.operation.type': 'process',
        ...(message === undefined ? {} : { 'countersign.purpose': message.purpose, 'countersign.attempt': message.attempt }),
      },
    },
    operationId: message?.operationId,
  };
}

/** For a message that was sent ahead, the queue says when it became due. */
function measureAge({ telemetry, clock }: ObserveInvocationsDeps, { triggerMetadata }: InvocationContext, attributes: Attributes): void {
  const enqueued: unknown = triggerMetadata?.['enqueuedTimeUtc'];
  // It is UTC by its name, and .NET writes no zone then.
  const enqueuedMs =
    typeof enqueued === 'string' ? Date.parse(/Z$|[+-]\d{2}:\d{2}$/.test(enqueued) ? enqueued : `${enqueued}Z`) : Number.NaN;
  if (Number.isNaN(enqueuedMs) || enqueuedMs > epochMsOf(clock.now()) + 86_400_000) return;
  const value = secondsBetween(instantFromEpochMs(enqueuedMs), clock.now());
  telemetry.measure([{ metric: 'countersign.queue.message.age', value, attributes }]);
}

/** The host's own span where it is in the trace of whoever caused this, which it knows as well as we do; hostile values are dropped. */
function parentOf({ traceContext }: InvocationContext, cause: string | null | undefined): string | undefined {
  const ofHost = parseTraceParent(traceContext?.traceParent);
  const ofCause = parseTraceParent(cause);
  const isHosts = ofHost !== undefined && (ofCause === undefined || ofCause.traceId === ofHost.traceId);
  return isHosts ? traceContext?.traceParent : ofCause === undefined ? undefined : (cause ?? undefined);
}

function noteAnswer(running: RunningStep, answer: unknown): void {
  const status: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'status') : undefined;
  if (typeof status !== 'number') return;
  running.note({ 'http.response.status_code': status });
  if (status >= 500) running.fail(String(status));
}

function writeTo(context: InvocationContext): (level: LogLevel, line: string) => void {
  return (level, line) => context[level](line);
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { failureCode } from '../../domain/failure-code.ts';
import type { Attributes } from '../../domain/measurement.ts';
import type { OperationId } from '../../domain/operation.ts';
import { parseTraceParent } from '../../domain/trace-parent.ts';
import type { Log } from '../../ports/system.ts';
import type { RunningStep, Step, Telemetry } from '../../ports/telemetry.ts';
import type { Exporter, Sending } from './exporter.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** Takes one line of the log. */
export type WriteLine = (level: LogLevel, line: string) => void;

/** Telemetry of a process, and its log, whose lines say where they belong. */
export type ProcessTelemetry = Telemetry & {
  readonly log: Log;
  /** As `during`, for what a trigger begins: its lines go where the host expects them, and nothing of another invocation is about it. */
  readonly duringInvocation: <T>(write: WriteLine, step: Step, work: (running: RunningStep) => Promise<T>) => Promise<T>;
  /** From when this resolves, spans and measurements go there; until then they are dropped. Never rejects: what cannot be loaded is told in the log. */
  readonly exportThrough: (load: () => Promise<Exporter>) => Promise<void>;
  /** How the last sending went; `off` where nothing is ever sent. */
  readonly lastSending: () => Sending | 'off' | undefined;
  /** Sends what is there, for so long at most. */
  readonly close: (withinMs: number) => Promise<void>;
};

/** Around a piece of work. All steps of one invocation share `subject`. */
type Scope = {
  readonly write: WriteLine;
  readonly traceparent: string | undefined;
  readonly subject: { operationId: OperationId | undefined };
};

/** The attribute by which all spans of an operation are found. */
export const operationIdAttribute = 'countersign.operation.id';

/** Without an exporter a step costs no more than to remember where it belongs. `write` takes the lines that are written outside of invocations. */
export function makeTelemetry(write: WriteLine): ProcessTelemetry {
  const scopes = new AsyncLocalStorage<Scope>();
  let exporter: Exporter | undefined;
  let isOff = true;

  const run = async <T>(around: Scope, step: Step, work: (running: RunningStep) => Promise<T>): Promise<T> => {
    const parent = parseTraceParent(step.parent) === undefined ? around.traceparent : step.parent;
    const span = exporter?.begin({ ...step, parent });
    let failure: string | undefined;
    const running: RunningStep = {
      note: (attributes) => span?.note(attributes),
      fail: (code) => {
        failure = code;
      },
    };
    try {
      return await scopes.run({ ...around, traceparent: span?.traceparent ?? parent }, () => work(running));
    } catch (error) {
      failure = failureCode(error);
      throw error;
    } finally {
      const { operationId } = around.subject;
      if (operationId !== undefined) span?.note({ [operationIdAttribute]: operationId });
      span?.end(failure);
    }
  };

  const writeLine =
    (level: LogLevel): Log['info'] =>
    (event, fields = {}) => {
      const scope = scopes.getStore();
      (scope?.write ?? write)(level, JSON.stringify({ level, event, ...placeOf(scope), ...fields }));
    };
  const log: Log = { info: writeLine('info'), warn: writeLine('warn'), error: writeLine('error') };

  return {
    log,
    during: (step, work) => run(scopes.getStore() ?? { write, traceparent: undefined, subject: { operationId: undefined } }, step, work),
    duringInvocation: (writeHere, step, work) =>
      run({ write: writeHere, traceparent: undefined, subject: { operationId: undefined } }, step, work),
    about: (operationId) => {
      const scope = scopes.getStore();
      if (scope !== undefined) scope.subject.operationId = operationId;
    },
    traceparent: () => scopes.getStore()?.traceparent,
    measure: (measurements) => {
      for (const measurement of measurements) exporter?.measure(measurement);
    },
    exportThrough: async (load) => {
      isOff = false;
      try {
        exporter = await load();
      } catch (error) {
        log.error('telemetry could not be started', { error: failureCode(error) });
      }
    },
    lastSending: () => (isOff ? 'off' : exporter?.lastSending()),
    close: async (withinMs) => {
      const closing = exporter?.close();
      exporter = undefined;
      if (closing !== undefined) await within(withinMs, closing);
    },
  };
}

function placeOf(scope: Scope | undefined): Attributes {
  const operationId = scope?.subject.operationId;
  const traceId = parseTraceParent(scope?.traceparent)?.traceId;
  return { ...(operationId === undefined ? {} : { operationId }), ...(traceId === undefined ? {} : { traceId }) };
}

/** Resolves with the work, whatever becomes of it, or without it when the time is up; keeps no process alive. */
async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const settled = work.catch(() => undefined);
  const { promise: overdue, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([settled, overdue]);
  clearTimeout(timer);
}

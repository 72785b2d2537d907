import type { Attributes, Measurement } from '../domain/measurement.ts';
import type { OperationId } from '../domain/operation.ts';

/** What a step is to whoever is on its other side, in OpenTelemetry's words. */
export type StepKind = 'server' | 'consumer' | 'producer' | 'client' | 'internal';

/** A piece of work that takes time. Name and attributes are ours: nothing that a caller, Azure or a person wrote, and no address. */
export type Step = {
  readonly name: string;
  readonly kind: StepKind;
  /** The `traceparent` of what caused it, where that is another process's; else it belongs to the step around it. */
  readonly parent?: string | undefined;
  readonly attributes?: Attributes;
};

/** Inside a step: what turned out about it. */
export type RunningStep = {
  readonly note: (attributes: Attributes) => void;
  /** The step did not do what it is for, though it threw nothing; `code` is ours. */
  readonly fail: (code: string) => void;
};

/** Traces and metrics. Nothing of it can fail, wait, or change what is measured. */
export type Telemetry = {
  /** Does the work as a step. What it throws is thrown on; of that only the error's name and code are kept. */
  readonly during: <T>(step: Step, work: (running: RunningStep) => Promise<T>) => Promise<T>;
  /** Says of which operation the work around here is. */
  readonly about: (operationId: OperationId) => void;
  /** The `traceparent` of the step around here, to be given to whatever it causes; undefined outside of steps that have one. */
  readonly traceparent: () => string | undefined;
  readonly measure: (measurements: readonly Measurement[]) => void;
};

import type { Measurement } from '../../domain/measurement.ts';
import type { RunningStep, Step } from '../../ports/telemetry.ts';

/** Where traces and metrics go; loaded only where there is somewhere for them to go. */
export type Exporter = {
  /** Begins a span; without a parent it begins a trace. */
  readonly begin: (step: Step) => Span;
  readonly measure: (measurement: Measurement) => void;
  /** How the last sending went; undefined while nothing was sent. */
  readonly lastSending: () => Sending | undefined;
  /** Sends what is there and ends. May take long, or for ever, where nobody answers. */
  readonly close: () => Promise<void>;
};

export type Span = Pick<RunningStep, 'note'> & {
  readonly traceparent: string;
  /** `failure` is a name or a code, where it failed. */
  readonly end: (failure: string | undefined) => void;
};

/** What came of one sending: `ok`, an HTTP status, or the code of why there is none. */
export type Sending = { readonly isGood: boolean; readonly code: string; readonly durationMs: number };

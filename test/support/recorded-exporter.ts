import type { Exporter, Sending } from '../../shared/adapters/telemetry/exporter.ts';
import type { Attributes, Measurement } from '../../shared/domain/measurement.ts';
import { parseTraceParent, traceParentText } from '../../shared/domain/trace-parent.ts';
import type { StepKind } from '../../shared/ports/telemetry.ts';

export type RecordedSpan = {
  readonly name: string;
  readonly kind: StepKind;
  readonly parent: string | undefined;
  readonly traceparent: string;
  readonly attributes: Attributes;
  readonly failure: string | undefined;
};

export type RecordedExporter = Exporter & {
  /** Ended spans, in the order of their ends. */
  readonly spans: readonly RecordedSpan[];
  readonly measurements: readonly Measurement[];
};

/** An exporter that keeps what it is given; its spans are numbered. */
export function makeRecordedExporter(lastSending?: Sending, close: () => Promise<void> = async () => undefined): RecordedExporter {
  const spans: RecordedSpan[] = [];
  const measurements: Measurement[] = [];
  let begun = 0;
  return {
    spans,
    measurements,
    begin: ({ name, kind, parent, attributes }) => {
      begun += 1;
      const number = begun.toString(16);
      const traceId = parseTraceParent(parent)?.traceId ?? number.padStart(32, 'f');
      const traceparent = traceParentText({ traceId, spanId: number.padStart(16, 'e'), isSampled: true });
      let noted: Attributes = { ...attributes };
      return {
        traceparent,
        note: (more) => {
          noted = { ...noted, ...more };
        },
        end: (failure) => spans.push({ name, kind, parent, traceparent, attributes: noted, failure }),
      };
    },
    measure: (measurement) => measurements.push(measurement),
    lastSending: () => lastSending,
    close,
  };
}

import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { shutdownAzureMonitor, useAzureMonitor } from '@azure/monitor-opentelemetry';
import {
  type Counter,
  type Histogram,
  type Meter,
  metrics as meters,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { failureCode } from '../../domain/failure-code.ts';
import { metrics } from '../../domain/measurement.ts';
import { parseTraceParent, traceParentText } from '../../domain/trace-parent.ts';
import type { Step, StepKind } from '../../ports/telemetry.ts';
import type { Exporter, Sending, Span } from './exporter.ts';

export type AzureMonitorOptions = {
  readonly connectionString: string;
  /** The identity that may send, where the resource of Application Insights takes no key. */
  readonly credential: TokenCredential | undefined;
};

/** The name under which our spans and metrics stand. */
const scopeName = 'countersign';

/** An endpoint that does not answer holds one connection for so long, and nothing else. */
const sendingTimeoutMs = 10_000;

const kinds: Readonly<Record<StepKind, SpanKind>> = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
};

const off = { enabled: false } as const;

/**
 * Starts the SDK and sends to Application Insights. It instruments nothing by itself, since what it would note of requests (addresses, headers) is what agents
 * wrote: only steps that we name are spans. What cannot be sent is dropped, never written to a disk. Importing this loads the SDK.
 */
export function makeAzureMonitorExporter({ connectionString, credential }: AzureMonitorOptions): Exporter {
  let last: Sending | undefined;
  const policy = watchSendings((sending) => {
    last = sending;
  });
  useAzureMonitor({
    azureMonitorExporterOptions: {
      connectionString,
      disableOfflineStorage: true,
      additionalPolicies: [{ policy, position: 'perRetry' }],
      ...(credential === undefined ? {} : { credential }),
    },
    // Every trace, unless OTEL_TRACES_SAMPLER says otherwise; a caller's flag must not decide whether we see what it does.
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableLiveMetrics: false,
    enableStandardMetrics: false,
    enablePerformanceCounters: false,
    instrumentationOptions: {
      azureSdk: off,
      http: off,
      mongoDb: off,
      mySql: off,
      postgreSql: off,
      redis: off,
      redis4: off,
      bunyan: off,
      winston: off,
      console: off,
    },
  });
  const tracer = trace.getTracer(scopeName);
  const instruments = instrumentsOf(meters.getMeter(scopeName));
  return {
    begin: (step) => beginSpan(tracer, step),
    measure: ({ metric, value, attributes }) => {
      const instrument = instruments.get(metric);
      if (instrument !== undefined && 'add' in instrument) instrument.add(value, attributes);
      else instrument?.record(value, attributes);
    },
    lastSending: () => last,
    close: async () => {
      await shutdownAzureMonitor();
    },
  };
}

function beginSpan(tracer: Tracer, { name, kind, parent, attributes = {} }: Step): Span {
  const cause = parseTraceParent(parent);
  const context =
    cause === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          traceId: cause.traceId,
          spanId: cause.spanId,
          traceFlags: cause.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
          isRemote: true,
        });
  // What handles a message has no name in Application Insights unless it is given as this.
  const named = kind === 'consumer' ? { ...attributes, 'ai.operation.name': name } : attributes;
  const span = tracer.startSpan(name, { kind: kinds[kind], attributes: named }, context);
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: traceParentText({ traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }),
    note: (noted) => {
      span.setAttributes(noted);
    },
    end: (failure) => {
      if (failure !== undefined) span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end();
    },
  };
}

/** Bounds of the histograms' buckets, in seconds: from what a machine does to what people take. */
const secondsBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

function instrumentsOf(meter: Meter): ReadonlyMap<string, Counter | Histogram> {
  return new Map(
    Object.entries(metrics).map(([name, { kind, unit, description }]) => [
      name,
      kind === 'counter'
        ? meter.createCounter(name, { unit, description })
        : meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: secondsBounds } }),
    ]),
  );
}

/** Ends a sending that nobody answers, and tells how each one went. */
function watchSendings(tell: (sending: Sending) => void): PipelinePolicy {
  return {
    name: 'countersignWatchSendings',
    sendRequest: async (request, next) => {
      request.timeout = sendingTimeoutMs;
      const startedAt = performance.now();
      const since = () => Math.round(performance.now() - startedAt);
      try {
        const response = await next(request);
        const isGood = response.status >= 200 && response.status < 300;
        tell({ isGood, code: isGood ? 'ok' : `http${response.status}`, durationMs: since() });
        return response;
      } catch (error) {
        tell({ isGood: false, code: failureCode(error), durationMs: since() });
        throw error;
      }
    },
  };
}

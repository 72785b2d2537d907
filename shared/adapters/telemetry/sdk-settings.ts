/**
 * Settings that the SDK reads from the environment and from nowhere else; they must be there before it is loaded. With them it sends nothing about itself to
 * its makers, makes no spans of Azure's clients (whose addresses hold what agents asked for), says nothing of the process's command line, and
 * does not turn on the log of Azure's clients, whose warnings tell of requests.
 */
export const sdkSettings = {
  APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
  APPLICATIONINSIGHTS_STATSBEAT_DISABLED: 'true',
  APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
  APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED: 'true',
  APPLICATIONINSIGHTS_INSTRUMENTATION_LOGGING_LEVEL: 'NONE',
  AZURE_LOG_LEVEL: 'error',
  AZURE_TRACING_DISABLED: 'true',
  OTEL_NODE_RESOURCE_DETECTORS: 'none',
} as const satisfies Readonly<Record<string, string>>;

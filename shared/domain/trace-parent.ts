/** What a `traceparent` names: a trace, and the span in it that caused what carries the text. */
export type TraceParent = { readonly traceId: string; readonly spanId: string; readonly isSampled: boolean };

/** Version 00 alone; ids of zeros are not valid. Source: www.w3.org/TR/trace-context/#traceparent-header. */
const shape = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Reads a `traceparent` that anybody may have written; undefined for what is not exactly one, which is dropped, as that standard asks. */
export function parseTraceParent(value: unknown): TraceParent | undefined {
  const match = typeof value === 'string' ? shape.exec(value) : null;
  if (match === null) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = match;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function traceParentText({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

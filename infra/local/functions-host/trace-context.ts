import { randomBytes } from 'node:crypto';
import type { TraceContext } from './core-types.ts';

const traceParentShape =
  /^(?:00(?=.{53}$)|(?!00|ff)[0-9a-f]{2}(?=.{53}(?:-|$)))-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})/;

/**
 * The W3C trace context of an invocation: the caller's trace with a span of its own, or a new trace where the caller sent none that
 * is valid.
 */
export function makeTraceContext(traceParent: string | undefined, traceState: string | undefined): TraceContext {
  const caller = traceParentShape.exec(traceParent ?? '');
  const [, traceId = randomBytes(16).toString('hex'), flags = '00'] = caller ?? [];
  return {
    traceParent: `00-${traceId}-${randomBytes(8).toString('hex')}-${flags}`,
    traceState: caller === null ? '' : (traceState ?? ''),
    attributes: {},
  };
}

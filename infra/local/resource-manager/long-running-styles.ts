import { z } from 'zod';

/** By which headers an accepted operation leads to how it goes on; `none` leaves only the `provisioningState` of the resource. */
export const pollStyle = z.enum(['asyncOperation', 'location', 'both', 'none']);
export type PollStyle = z.infer<typeof pollStyle>;

/**
 * How a write of a type takes its time. `asyncOperation` and `both`: 201 or 200 with the headers and the resource as it is becoming.
 * `location`: 202 without a body. `provisioningState`: 201 or 200 with the resource as it is becoming, and no header.
 * Source: learn.microsoft.com/azure/azure-resource-manager/management/async-operations.
 */
export const writeStyle = z.enum(['atOnce', 'asyncOperation', 'location', 'both', 'provisioningState']);
export type WriteStyle = z.infer<typeof writeStyle>;

/** How a deletion or an action of a type takes its time: 202 with the headers; `atOnce`: 200, or 204 for an action with nothing to say; `noContent`: 204 at once. */
export const otherStyle = z.enum(['atOnce', 'noContent', 'asyncOperation', 'location', 'both']);
export type OtherStyle = z.infer<typeof otherStyle>;

export type LongRunningStyles = {
  readonly put: WriteStyle;
  readonly patch: WriteStyle;
  readonly delete: OtherStyle;
  readonly action: OtherStyle;
};

/** How long-running operations go, beside what a type says. */
export type LongRunning = {
  /** How long an operation takes at least. */
  readonly durationMs: number;
  /** How often an operation is asked about and still goes on. */
  readonly steps: number;
  /** What `Retry-After` says. */
  readonly retryAfterSeconds: number;
  /** Styles other than those of the table, by type in lower case. */
  readonly types: ReadonlyMap<string, Partial<LongRunningStyles>>;
};

export type LongRunningOptions = {
  readonly [Setting in keyof Omit<LongRunning, 'types'>]?: LongRunning[Setting];
} & { readonly types?: Readonly<Record<string, Partial<LongRunningStyles>>> };

export function longRunningOf({ durationMs = 1000, steps = 0, retryAfterSeconds = 1, types = {} }: LongRunningOptions): LongRunning {
  const styles = Object.entries(types).map(([type, style]): [string, Partial<LongRunningStyles>] => [type.toLowerCase(), style]);
  return { durationMs, steps, retryAfterSeconds, types: new Map(styles) };
}

export const stylesAtOnce: LongRunningStyles = { put: 'atOnce', patch: 'atOnce', delete: 'atOnce', action: 'atOnce' };

/** The styles of a type: those that the options give it, then those of the table. */
export function stylesOf(
  { type, styles }: { readonly type: string; readonly styles: LongRunningStyles },
  { types }: LongRunning,
): LongRunningStyles {
  return { ...styles, ...types.get(type.toLowerCase()) };
}

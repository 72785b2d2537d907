import type { EventDetail } from '../domain/event.ts';
import { epochMsOf, type Instant, plusMs } from '../domain/instant.ts';
import type { Executing } from '../domain/operation.ts';
import { RequestError } from '../domain/request-error.ts';
import { AnnounceError } from '../ports/announcer.ts';
import { StoreError } from '../ports/operation-store.ts';
import type { Chance, Clock } from '../ports/system.ts';

export type DeferDeps = { readonly clock: Clock; readonly chance: Chance };

/** So often a call is put off because Azure is busy; then it has failed. */
export const maxDeferrals = 12;

const firstBackOffMs = 5_000;
const longestBackOffMs = 5 * 60_000;
const longestJitterMs = 30_000;

/**
 * Puts a call off that Azure was too busy for, by no less than Azure asked and by some chance more, so that what was refused together does not come back together.
 * After {@link maxDeferrals}, or where it could no longer run in time, it has failed.
 */
export function deferredOrFailed(
  deps: DeferDeps,
  operation: Executing,
  busy: { readonly status: number; readonly retryAfterMs: number },
): EventDetail {
  const notBefore = laterAt(deps, operation, busy.retryAfterMs);
  const reason = `Azure answered ${busy.status}: it was too busy and did nothing.`;
  if (operation.deferrals < maxDeferrals && notBefore < operation.executeBy) return { kind: 'executionDeferred', reason, notBefore };
  const times =
    operation.deferrals === 0 ? '' : ` It had been put off ${operation.deferrals} ${operation.deferrals === 1 ? 'time' : 'times'}.`;
  return { kind: 'executionFinished', outcome: 'failed', detail: `${reason}${times}`, result: { status: busy.status, masked: [] } };
}

/** Puts off what could not even be verified because something that is asked was away; when it could no longer run in time, it expires. */
export function deferredByOutage(deps: DeferDeps, operation: Executing): EventDetail {
  const notBefore = laterAt(deps, operation, 0);
  const { executeBy } = operation;
  return {
    kind: 'executionDeferred',
    reason: 'Something that must be asked before the call could not be reached.',
    notBefore: notBefore < executeBy ? notBefore : executeBy,
  };
}

/** Puts off what a limit stands in the way of, until there may be room; undefined where it could no longer run then. */
export function deferredUntilRoom(deps: DeferDeps, operation: Executing, roomAfterMs: number, reason: string): EventDetail | undefined {
  const notBefore = laterAt(deps, operation, roomAfterMs);
  return notBefore < operation.executeBy ? { kind: 'executionDeferred', reason, notBefore } : undefined;
}

/** Whether an error says that something is away, rather than that something is wrong. */
export function isOutage(error: unknown): boolean {
  if (error instanceof RequestError) return error.code === 'Unavailable';
  if (error instanceof AnnounceError) return true;
  return error instanceof StoreError && error.code === 'unreachable';
}

function laterAt({ clock, chance }: DeferDeps, { deferrals }: Executing, askedMs: number): Instant {
  const backOffMs = Math.min(firstBackOffMs * 2 ** Math.min(deferrals, 16), longestBackOffMs);
  const leastMs = Math.max(askedMs, backOffMs);
  const jitterMs = Math.floor(chance() * Math.min(leastMs / 4, longestJitterMs));
  return plusMs(clock.now(), leastMs + jitterMs);
}

/** How long from now until an instant; 0 where it is past. */
export function msUntil({ clock }: Pick<DeferDeps, 'clock'>, at: Instant): number {
  return Math.max(0, epochMsOf(at) - epochMsOf(clock.now()));
}

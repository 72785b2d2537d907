import { type ActionClass, actionClassOf } from './action-class.ts';
import type { OperationId } from './operation.ts';

/** What may be limited: operations of one class, or of every class together; and dry runs, of whatever they are. */
export const limitedClasses = ['all', 'read', 'write', 'delete', 'action', 'assess'] as const satisfies readonly (
  | 'all'
  | 'assess'
  | ActionClass
)[];
export type LimitedClass = (typeof limitedClasses)[number];

export const limitNames = ['operationsPerMinute', 'waiting', 'executedPerDay'] as const;
export type LimitName = (typeof limitNames)[number];

/** One limit of an agent. `executedPerDay` is of deletes alone. */
export type Limit = { readonly of: LimitedClass; readonly name: LimitName; readonly most: number };

/**
 * What is kept of one operation of a limited agent, times in milliseconds since 1970. `waits`: not known to have ended. `ran`: when it was let through to delete;
 * `surely` where it is known to have called Azure.
 */
export type LimitEntry = {
  readonly id: OperationId;
  readonly class: ActionClass;
  readonly at: number;
  readonly waits: boolean;
  readonly ran?: { readonly at: number; readonly surely: boolean };
};

/** A limit that is reached, and when there may be room again; `unsettled` are operations that count and may have ended meanwhile. */
export type Refused = {
  readonly passed: false;
  readonly limit: Limit;
  readonly retryAfterMs: number;
  readonly unsettled: readonly OperationId[];
};

export type Ruling = { readonly passed: true; readonly entries: readonly LimitEntry[] } | Refused;

export const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;

/** How soon it is worth asking again where nobody can know when an operation ends. */
export const askAgainMs = 15_000;

/** A second look at one claim is no second execution. */
const sameTurnMs = minuteMs;

/** Whether one more operation may be taken. One that is counted already, as a repeated submission, passes and is not counted twice. */
export function ruleSubmission(
  entries: readonly LimitEntry[],
  limits: readonly Limit[],
  asked: { readonly id: OperationId; readonly action: string },
  now: number,
): Ruling {
  if (entries.some(({ id }) => id === asked.id)) return { passed: true, entries };
  const one: LimitEntry = { id: asked.id, class: actionClassOf(asked.action), at: now, waits: true };
  for (const limit of limits) {
    if (!covers(limit, one)) continue;
    const counted = entries.filter((entry) => covers(limit, entry) && countsForSubmission(limit.name, entry, now));
    if (counted.length >= limit.most) return refused(limit, counted, now);
  }
  return { passed: true, entries: [...current(entries, limits, now), one] };
}

/** Whether an operation that is about to delete may. Only what was let through counts here, so that those that wait do not keep each other from it. */
export function ruleExecution(
  entries: readonly LimitEntry[],
  limits: readonly Limit[],
  asked: { readonly id: OperationId; readonly action: string },
  now: number,
): Ruling {
  const limit = limits.find(({ of, name }) => of === 'delete' && name === 'executedPerDay');
  if (limit === undefined || actionClassOf(asked.action) !== 'delete') return { passed: true, entries };
  const own = entries.find(({ id }) => id === asked.id);
  if (own?.ran !== undefined && now - own.ran.at < sameTurnMs) return { passed: true, entries };
  const others = entries.filter(({ id }) => id !== asked.id);
  const counted = others.filter((entry) => hasRun(entry, now));
  if (counted.length >= limit.most) return refused(limit, counted, now);
  const one: LimitEntry = { id: asked.id, class: 'delete', at: own?.at ?? now, waits: true, ran: { at: now, surely: false } };
  return { passed: true, entries: [...current(others, limits, now), one] };
}

/** Whether one more dry run may be made. They are counted by themselves: one leaves no operation, and takes nobody's place. */
export function ruleAssessment(
  entries: readonly LimitEntry[],
  limits: readonly Limit[],
  asked: { readonly id: OperationId; readonly action: string },
  now: number,
): Ruling {
  const limit = limits.find(({ of, name }) => of === 'assess' && name === 'operationsPerMinute');
  if (limit === undefined) return { passed: true, entries };
  const counted = entries.filter((entry) => countsForSubmission(limit.name, entry, now));
  if (counted.some(({ id }) => id === asked.id)) return { passed: true, entries };
  if (counted.length >= limit.most) return refused(limit, counted, now);
  return { passed: true, entries: [...counted, { id: asked.id, class: actionClassOf(asked.action), at: now, waits: false }] };
}

/** What became of an operation that is counted: it goes on or has ended, with or without a call to Azure, or it never came to be. */
export type Standing = 'goesOn' | 'goesOnCalled' | 'neverWas' | 'endedUncalled' | 'endedCalled';

export function settle(entry: LimitEntry, standing: Standing): LimitEntry {
  const { ran, ...kept } = entry;
  switch (standing) {
    case 'goesOn':
      return entry;
    case 'neverWas':
    case 'endedUncalled':
      return { ...kept, waits: false };
    case 'goesOnCalled':
      return ran === undefined || ran.surely ? entry : { ...entry, ran: { at: ran.at, surely: true } };
    case 'endedCalled':
      return { ...kept, waits: false, ...(ran === undefined ? {} : { ran: { at: ran.at, surely: true } }) };
  }
}

/** The entries that may still count for anything. What waits is settled only where it stands in the way, so that without a limit on it nobody would ever take it off. */
function current(entries: readonly LimitEntry[], limits: readonly Limit[], now: number): readonly LimitEntry[] {
  const ofWaiting = limits.filter(({ name }) => name !== 'operationsPerMinute');
  const mayCount = (entry: LimitEntry) => entry.waits && ofWaiting.some((limit) => covers(limit, entry));
  return entries.filter((entry) => now - entry.at < minuteMs || hasRun(entry, now) || mayCount(entry));
}

function covers({ of }: Limit, entry: LimitEntry): boolean {
  return of === 'all' || of === entry.class;
}

function countsForSubmission(name: LimitName, entry: LimitEntry, now: number): boolean {
  switch (name) {
    case 'operationsPerMinute':
      return now - entry.at < minuteMs;
    case 'waiting':
      return entry.waits;
    case 'executedPerDay':
      // What waits may run: a person should not be asked for what could not be done then.
      return entry.waits || hasRun(entry, now);
  }
}

function hasRun({ ran }: LimitEntry, now: number): boolean {
  return ran !== undefined && now - ran.at < dayMs;
}

function refused(limit: Limit, counted: readonly LimitEntry[], now: number): Refused {
  const unsettled = counted.filter((entry) => isUnsettled(limit.name, entry)).map(({ id }) => id);
  return { passed: false, limit, retryAfterMs: roomAfterMs(limit, counted, now), unsettled };
}

/** Whether the operation itself may say that it counts no longer. */
function isUnsettled(name: LimitName, { waits, ran }: LimitEntry): boolean {
  switch (name) {
    case 'operationsPerMinute':
      return false;
    case 'waiting':
      return waits;
    case 'executedPerDay':
      return ran === undefined ? waits : !ran.surely;
  }
}

/** Until so many of what counts have left their window that one more fits in. */
function roomAfterMs({ name, most }: Limit, counted: readonly LimitEntry[], now: number): number {
  if (name === 'waiting') return askAgainMs;
  const leaving = counted.map((entry) => leavesAt(name, entry)).sort((one, other) => one - other)[counted.length - most];
  if (leaving === undefined || leaving === Number.POSITIVE_INFINITY) return askAgainMs;
  return Math.max(1, leaving - now);
}

function leavesAt(name: LimitName, { at, ran }: LimitEntry): number {
  if (name === 'operationsPerMinute') return at + minuteMs;
  return ran?.surely === true ? ran.at + dayMs : Number.POSITIVE_INFINITY;
}

import type { ArmMethod } from '../domain/arm-method.ts';
import type { ArmTargetSummary, ReadBackEvidence, SecretTargetSummary, TargetBefore } from '../domain/event.ts';
import { plusMs } from '../domain/instant.ts';
import type { ReadingBack } from '../domain/operation.ts';
import { isSettled, judgeTarget, type SentCall, type TargetVerdict } from '../domain/read-back.ts';
import { judgeSecret } from '../domain/secrets/read-back-secret.ts';
import type { ActivityLog, AzureAnswer, AzureReader } from '../ports/azure.ts';
import type { SecretReader } from '../ports/key-vault.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { Clock } from '../ports/system.ts';
import { type OpenedRequest, openRequest } from './open-request.ts';
import { type PollOperationDeps, pollOperation } from './poll-operation.ts';

export type ReadBackDeps = PollOperationDeps & {
  readonly reader: AzureReader;
  readonly vaults: { readonly reader: SecretReader };
  readonly activityLog: ActivityLog;
  readonly clock: Clock;
};

/** One place that was looked at, and what was found there. */
export type Looked = { readonly where: string; readonly found: string };

/** What one look for the outcome of a call gave. `untouched`: it certainly had no effect, and is safe to make again. */
export type FoundOutcome =
  | { readonly kind: 'answered'; readonly answer: AzureAnswer; readonly succeeded: boolean; readonly readBack: ReadBackEvidence }
  | { readonly kind: 'succeeded' | 'failed' | 'untouched'; readonly readBack: ReadBackEvidence }
  | { readonly kind: 'unclear'; readonly looked: readonly Looked[] };

/** Clocks differ, and what Azure noted in the second before the call may be the call. */
const clockToleranceMs = 5 * 60_000;

/**
 * Looks where the outcome of a call can be seen: the status of its operation, then the target, then the activity log. The first that tells decides. Whatever cannot be
 * asked tells nothing; this never throws.
 */
export async function lookForOutcome(deps: ReadBackDeps, stored: StoredOperation, operation: ReadingBack): Promise<FoundOutcome> {
  const looked: Looked[] = [];
  if (operation.accepted) {
    const outcome = await pollOperation(deps, operation);
    if (outcome.kind === 'answered') {
      const { answer, succeeded } = outcome;
      return { kind: 'answered', answer, succeeded, readBack: { by: 'operationStatus', found: 'Azure answered after all.' } };
    }
    looked.push({ where: 'Status of the operation', found: outcome.kind === 'pending' ? 'Azure is still working on it.' : outcome.reason });
  }
  if (operation.target.kind !== 'arm') return await lookAtSecret(deps, stored, operation, operation.target);
  const { kind, found } = await lookAtTarget(deps, stored, operation, operation.target);
  const byTarget: ReadBackEvidence = { by: 'target', found };
  if (kind === 'happened') return { kind: 'succeeded', readBack: byTarget };
  if (kind === 'failed') return { kind: 'failed', readBack: byTarget };
  looked.push({ where: 'Target', found });
  const logged = await lookIntoLog(deps, stored, operation);
  if (logged.kind !== 'unclear') return { kind: logged.kind, readBack: { by: 'activityLog', found: logged.found } };
  // Only what was not even noted, and has had the time to arrive, is made again.
  if (kind === 'untouched' && !operation.accepted && !logged.noted && isSettled(operation, deps.clock.now())) {
    return { kind: 'untouched', readBack: byTarget };
  }
  looked.push({ where: 'Activity log', found: logged.found });
  return { kind: 'unclear', looked };
}

/** A vault keeps no log that we could ask; what was made again would be one more version, so that only a `set` that left no trace is. */
async function lookAtSecret(
  deps: ReadBackDeps,
  { events }: StoredOperation,
  operation: ReadingBack,
  { vault, name, method }: SecretTargetSummary,
): Promise<FoundOutcome> {
  const last = events.findLast(({ detail }) => detail.kind === 'callStarted');
  const before = last?.detail.kind === 'callStarted' ? last.detail.before : undefined;
  const state = name === undefined ? undefined : await orNothing(() => deps.vaults.reader.read(vault, name));
  const now = state ?? ({ state: 'unreadable', reason: 'It could not be asked for.' } as const);
  const known = before === undefined || before.state === 'present' ? undefined : before;
  const call = { method, before: known, from: last?.at ?? operation.doubtedAt, to: operation.doubtedAt };
  const { kind, found } = judgeSecret(call, now);
  const readBack: ReadBackEvidence = { by: 'target', found };
  if (kind === 'happened') return { kind: 'succeeded', readBack };
  if (kind === 'untouched' && isSettled(operation, deps.clock.now())) return { kind: 'untouched', readBack };
  return { kind: 'unclear', looked: [{ where: 'Secret', found }] };
}

async function lookAtTarget(
  deps: ReadBackDeps,
  stored: StoredOperation,
  operation: ReadingBack,
  target: ArmTargetSummary,
): Promise<TargetVerdict> {
  const { accepted } = operation;
  if (target.method !== 'PUT' && target.method !== 'DELETE')
    return judgeTarget(callOf(stored, operation, target.method, undefined), { state: 'absent' });
  const request = await orNothing(() => openRequest(deps.store, operation.id));
  const path = request?.parsed.path?.resource ?? target.path;
  const now = await orNothing(() => deps.reader.read(path, target.apiVersion));
  if (now === undefined) return { kind: 'unclear', found: 'It could not be asked for.' };
  return judgeTarget({ ...callOf(stored, operation, target.method, request), accepted }, now);
}

function callOf(stored: StoredOperation, { accepted }: ReadingBack, method: ArmMethod, request: OpenedRequest | undefined): SentCall {
  const sent = request?.parsed.request;
  return {
    method,
    body: sent?.kind === 'arm' ? sent.body : undefined,
    before: targetBeforeOf(stored),
    salt: request?.sealed.salt,
    accepted,
  };
}

function targetBeforeOf({ events }: StoredOperation): TargetBefore | undefined {
  const last = events.findLast(({ detail }) => detail.kind === 'callStarted')?.detail;
  return last?.kind === 'callStarted' ? last.before : undefined;
}

type InLog = { readonly kind: 'succeeded' | 'failed' | 'unclear'; readonly noted: boolean; readonly found: string };

/**
 * A success there is one of this operation, whichever of its calls had it. A failure decides only where there was no earlier call whose failure it could be.
 */
async function lookIntoLog(deps: ReadBackDeps, { events }: StoredOperation, { id, target }: ReadingBack): Promise<InLog> {
  const calls = events.filter(({ detail }) => detail.kind === 'callStarted');
  const [first] = calls;
  if (first === undefined) return { kind: 'unclear', noted: false, found: 'No call is on record.' };
  const logged = await orNothing(() =>
    deps.activityLog.find({
      resourceId: target.resourceId,
      clientRequestId: id,
      from: plusMs(first.at, -clockToleranceMs),
      to: plusMs(deps.clock.now(), clockToleranceMs),
    }),
  );
  switch (logged?.outcome) {
    case 'succeeded':
      return { kind: 'succeeded', noted: true, found: 'The call succeeded.' };
    case 'failed':
      if (calls.length === 1) return { kind: 'failed', noted: true, found: 'The call failed.' };
      return { kind: 'unclear', noted: true, found: 'One of several calls failed.' };
    case 'goingOn':
      return { kind: 'unclear', noted: true, found: 'The call was taken, and no end of it is noted.' };
    case 'nothing':
      return { kind: 'unclear', noted: false, found: 'The call is not noted.' };
    case 'unreadable':
      return { kind: 'unclear', noted: false, found: logged.reason };
    case undefined:
      return { kind: 'unclear', noted: false, found: 'It could not be asked for.' };
  }
}

async function orNothing<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}

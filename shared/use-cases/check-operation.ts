import type { Actor, EventDetail, Happening } from '../domain/event.ts';
import { mayBeRepeated } from '../domain/execution.ts';
import { advance } from '../domain/history.ts';
import { epochMsOf, type Instant } from '../domain/instant.ts';
import { type JsonValue, property } from '../domain/json.ts';
import type { Approved, AwaitingApproval, Executing, Operation } from '../domain/operation.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { AzureCaller, CredentialBroker, PollOutcome, PollStyle, Tier } from '../ports/azure.ts';
import type { Masker } from '../ports/masker.ts';
import type { OperationDocument, StoredOperation } from '../ports/operation-store.ts';
import { appendAnnounced } from './announce-then-commit.ts';

import { type FindAnnouncedDeps, findAnnounced, putOff } from './find-announced.ts';
import { finishedBy, recordOutcome } from './record-outcome.ts';
import { releasedOrFailed } from './write-claimed.ts';

export type CheckDeps = FindAnnouncedDeps & { readonly broker: CredentialBroker; readonly caller: AzureCaller; readonly masker: Masker };

const actor: Actor = { kind: 'countersign', role: 'executor' };

/** Looks at an operation when something should have happened by now: a deadline, the end of a lease, the next poll. Does nothing where it has. */
export function makeCheckOperation(deps: CheckDeps): (message: Announcement) => Promise<void> {
  return async (message) => {
    const stored = await findAnnounced(deps, message);
    if (stored === undefined) return;
    const { operation } = stored;
    if (operation.status === 'awaitingApproval' || operation.status === 'approved')
      return await checkDeadline(deps, message, stored, operation);
    if (operation.status !== 'executing') return;
    if (operation.phase === 'polling') return await checkAccepted(deps, message, stored, operation);
    if (message.purpose === 'checkLease') await checkLease(deps, message, stored, operation);
  };
}

async function checkDeadline(
  deps: CheckDeps,
  message: Announcement,
  stored: StoredOperation,
  operation: AwaitingApproval | Approved,
): Promise<void> {
  const [waitingFor, deadline] =
    operation.status === 'approved' ? (['execution', operation.executeBy] as const) : (['approval', operation.expiresAt] as const);
  if (await isEarly(deps, message, deadline)) return;
  await writeOrPutOff(deps, message, stored, { kind: 'expired', waitingFor });
}

/**
 * A claim whose executor has not come back. Before the intent nothing was sent; after it only what has no effect may be tried again. The event tells the
 * method truly, which was verified before the intent; reading the request itself could fail, and leave the operation without an end.
 */
async function checkLease(
  deps: CheckDeps,
  message: Announcement,
  stored: StoredOperation,
  operation: Exclude<Executing, { phase: 'polling' }>,
): Promise<void> {
  if (await isEarly(deps, message, operation.leaseUntil)) return;
  const gone = 'The executor did not come back before its lease ended.';
  const harmless = operation.phase === 'claimed' || mayBeRepeated(operation.target);
  const detail: EventDetail = harmless
    ? releasedOrFailed(operation, gone)
    : {
        kind: 'executionFinished',
        outcome: 'outcomeUnknown',
        detail: `${gone} The call may have been made: look at the target.`,
        result: { masked: [] },
      };
  await writeOrPutOff(deps, message, stored, detail);
}

/**
 * Whether a message came before its time, as it may where the clock of Service Bus runs ahead of ours; then it comes once more, since no other
 * message may know of the deadline.
 */
async function isEarly(deps: CheckDeps, message: Announcement, dueAt: Instant): Promise<boolean> {
  const earlyMs = epochMsOf(dueAt) - epochMsOf(deps.clock.now());
  if (earlyMs > 0) await putOff(deps, message, earlyMs);
  return earlyMs > 0;
}

/** Asks Azure how far an accepted call is. Waiting costs nothing: the next poll is a message that is delivered later. */
async function checkAccepted(
  deps: CheckDeps,
  message: Announcement,
  stored: StoredOperation,
  operation: Extract<Executing, { phase: 'polling' }>,
): Promise<void> {
  if (message.purpose !== 'poll' && (await isEarly(deps, message, operation.pollUntil))) return;
  const outcome = await poll(deps, operation);
  switch (outcome.kind) {
    case 'answered':
      return await recordOutcome(await finishedBy(deps.masker, operation, outcome.answer, outcome.succeeded), ({ detail, documents }) =>
        writeOrPutOff(deps, message, stored, detail, documents),
      );
    case 'pending':
    case 'unreadable': {
      if (deps.clock.now() < operation.pollUntil)
        return await putOff(deps, message, outcome.kind === 'pending' ? outcome.retryAfterMs : 15_000);
      const detail = 'Azure took the call and has not said for too long what became of it: look at the target.';
      return await writeOrPutOff(deps, message, stored, {
        kind: 'executionFinished',
        outcome: 'outcomeUnknown',
        detail,
        result: { masked: [] },
      });
    }
  }
}

/** Whatever goes wrong while it is asked, the call goes on in Azure, so that it is asked again until it is too late. */
async function poll(deps: CheckDeps, operation: Operation): Promise<PollOutcome> {
  try {
    const { url, style, tier } = readPolling(await deps.store.readDocument(operation.id, 'polling'));
    return await deps.caller.poll(url, style, await deps.broker.obtain(tier, operation.id));
  } catch (error) {
    deps.log.error('an accepted call could not be asked for', {
      operationId: operation.id,
      error: error instanceof Error ? error.name : typeof error,
    });
    return { kind: 'unreadable', reason: 'It could not be asked for.' };
  }
}

function readPolling(value: JsonValue | undefined): { url: string; style: PollStyle; tier: Tier } {
  const url = property(value, 'url');
  const style = property(value, 'style');
  const tier = property(value, 'tier');
  if (typeof url !== 'string' || (style !== 'asyncOperation' && style !== 'location') || (tier !== 'reader' && tier !== 'operator')) {
    throw new TypeError('the stored polling address is incomplete');
  }
  return { url, style, tier };
}

async function writeOrPutOff(
  deps: CheckDeps,
  message: Announcement,
  stored: StoredOperation,
  detail: EventDetail,
  documents: readonly OperationDocument[] = [],
): Promise<void> {
  const happening: Happening = { actor, at: deps.clock.now(), detail };
  const next = advance(stored.operation.id, stored.operation, [happening]);
  if ((await appendAnnounced(deps, stored, next, documents)) === 'conflict') await putOff(deps, message, 1_000);
}

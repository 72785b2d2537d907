import type { EventDetail, ReadBackEvidence } from '../domain/event.ts';
import type { ReadingBack } from '../domain/operation.ts';
import { nextReadingAt } from '../domain/read-back.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { Masker } from '../ports/masker.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { CallSecretDeps } from './call-secret.ts';
import { msUntil } from './defer-execution.ts';
import type { ExecutionPace } from './execution-pace.ts';
import { type FindAnnouncedDeps, putOff } from './find-announced.ts';
import { finishedLater } from './finished-later.ts';
import { type Looked, lookForOutcome, type ReadBackDeps } from './read-back.ts';
import { recordOutcome } from './record-outcome.ts';
import { releasedOrFailed } from './write-claimed.ts';
import { isEarly, writeOrPutOff } from './write-or-put-off.ts';

export type CheckReadBackDeps = FindAnnouncedDeps &
  ReadBackDeps &
  CallSecretDeps & { readonly masker: Masker; readonly pace: ExecutionPace };

/**
 * Looks once more for the outcome of a call whose answer is lost. What nobody can tell by the end is unknown, and said so that a person knows where to look.
 */
export async function checkReadBack(
  deps: CheckReadBackDeps,
  message: Announcement,
  stored: StoredOperation,
  operation: ReadingBack,
): Promise<void> {
  if (message.purpose === 'checkLease' && (await isEarly(deps, message, operation.readUntil))) return;
  if (message.purpose !== 'readBack' && message.purpose !== 'checkLease') return;
  const found = await lookForOutcome(deps, stored, operation);
  switch (found.kind) {
    case 'answered':
      return await recordOutcome(
        await finishedLater(deps, stored, found.answer, found.succeeded, found.readBack),
        ({ detail, documents }) => writeOrPutOff(deps, message, stored, detail, documents),
      );
    case 'succeeded':
    case 'failed':
      return await writeOrPutOff(deps, message, stored, readBackAs(found.kind, found.readBack));
    case 'untouched':
      return await writeOrPutOff(deps, message, stored, withEvidence(releasedOrFailed(operation, operation.doubt), found.readBack));
    case 'unclear': {
      const now = deps.clock.now();
      const next = nextReadingAt(operation, deps.pace.readBackAfterMs, now);
      if (now >= operation.readUntil) return await writeOrPutOff(deps, message, stored, neverFound(stored, operation, found.looked));
      return await putOff(deps, message, msUntil(deps, next ?? operation.readUntil));
    }
  }
}

function readBackAs(outcome: 'succeeded' | 'failed', readBack: ReadBackEvidence): EventDetail {
  const where = { operationStatus: 'The status of the operation', target: 'The target', activityLog: 'The activity log' }[readBack.by];
  const detail = `The answer was lost. ${where} tells: ${readBack.found}`;
  return { kind: 'executionFinished', outcome, detail, result: { masked: [] }, readBack };
}

function withEvidence(detail: EventDetail, readBack: ReadBackEvidence): EventDetail {
  return detail.kind === 'executionReleased' || detail.kind === 'executionFinished' ? { ...detail, readBack } : detail;
}

/** For the person who must look: what was sent and when, why nobody knows, what was read, and where to look. */
function neverFound({ events }: StoredOperation, operation: ReadingBack, looked: readonly Looked[]): EventDetail {
  const { target, id, readUntil } = operation;
  const sentAt = events.findLast(({ detail }) => detail.kind === 'callStarted')?.at ?? operation.doubtedAt;
  const sentences = [
    `${target.method} ${target.kind === 'arm' ? target.path : `${target.vault} ${target.name ?? ''}`.trimEnd()} was sent at ${sentAt} with x-ms-client-request-id ${id}, and nobody knows what became of it.`,
    operation.doubt,
    `It was looked for until ${readUntil}.`,
    ...looked.map(({ where, found }) => `${where}: ${found}`),
    `Look at the target, and in its ${target.kind === 'arm' ? 'activity log' : "vault's log"} for that id from ${sentAt} on, then record what you found.`,
  ];
  return { kind: 'executionFinished', outcome: 'outcomeUnknown', detail: sentences.join(' '), result: { masked: [] } };
}

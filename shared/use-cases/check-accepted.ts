import { epochMsOf, type Instant } from '../domain/instant.ts';
import type { Executing } from '../domain/operation.ts';
import type { Announcement } from '../ports/announcer.ts';
import type { Masker } from '../ports/masker.ts';
import type { StoredOperation } from '../ports/operation-store.ts';
import type { CallSecretDeps } from './call-secret.ts';
import { outcomeDoubted } from './doubt-outcome.ts';
import type { ExecutionPace } from './execution-pace.ts';
import { type FindAnnouncedDeps, putOff } from './find-announced.ts';
import { finishedLater } from './finished-later.ts';
import { type PollOperationDeps, pollOperation } from './poll-operation.ts';
import { recordOutcome } from './record-outcome.ts';
import { isEarly, writeOrPutOff } from './write-or-put-off.ts';

export type CheckAcceptedDeps = FindAnnouncedDeps &
  PollOperationDeps &
  CallSecretDeps & { readonly masker: Masker; readonly pace: ExecutionPace };

const askAgainMs = 15_000;
/** What goes on for hours is not asked for every second, whatever Azure says: an answer may be late by a tenth of the time that the call took, and by no more than this. */
const mostLateMs = 5 * 60_000;

/**
 * Asks Azure how far an accepted call is. Waiting costs nothing: the next poll is a message that is delivered later. Where the address leads nowhere any more, or
 * Azure has said nothing for too long, the outcome is in doubt.
 */
export async function checkAccepted(
  deps: CheckAcceptedDeps,
  message: Announcement,
  stored: StoredOperation,
  operation: Extract<Executing, { phase: 'polling' }>,
): Promise<void> {
  if (message.purpose !== 'poll' && (await isEarly(deps, message, operation.pollUntil))) return;
  const outcome = await pollOperation(deps, operation);
  const doubt = async (reason: string) =>
    await writeOrPutOff(deps, message, stored, outcomeDoubted(deps.pace, { reason, accepted: true }, deps.clock.now()));
  switch (outcome.kind) {
    case 'answered':
      return await recordOutcome(await finishedLater(deps, stored, outcome.answer, outcome.succeeded), ({ detail, documents }) =>
        writeOrPutOff(deps, message, stored, detail, documents),
      );
    case 'gone':
      return await doubt(`Azure took the call and then forgot it: ${outcome.reason}`);
    case 'pending':
    case 'unreadable':
      if (deps.clock.now() >= operation.pollUntil)
        return await doubt('Azure took the call and has not said for too long what became of it.');
      return await putOff(deps, message, askAfterMs(deps, operation, outcome.kind === 'pending' ? outcome.retryAfterMs : askAgainMs));
  }
}

function askAfterMs({ clock, pace }: CheckAcceptedDeps, { pollUntil }: { readonly pollUntil: Instant }, askedMs: number): number {
  const goingOnMs = pace.pollForMs - (epochMsOf(pollUntil) - epochMsOf(clock.now()));
  return Math.max(askedMs, Math.min(Math.floor(goingOnMs / 10), mostLateMs));
}

import type { Actor, Happening } from '../domain/event.ts';
import { advance } from '../domain/history.ts';
import { plusMs } from '../domain/instant.ts';
import { isTerminal } from '../domain/operation.ts';
import type { Announcement, Announcer } from '../ports/announcer.ts';
import type { StrayMessage, StrayMessages } from '../ports/dead-letters.ts';
import { type OperationStore, type StoredOperation, StoreError } from '../ports/operation-store.ts';
import type { Clock } from '../ports/system.ts';
import { appendAnnounced } from './announce-then-commit.ts';
import { waitAfterAttemptMs } from './deliver-notices.ts';
import { putOff } from './find-announced.ts';

export type RecordDeadLetterDeps = {
  readonly store: OperationStore;
  readonly announcer: Announcer;
  readonly strays: StrayMessages;
  readonly clock: Clock;
};

/** A dead letter: the message where it is one of ours, and what is known of it in any case. */
export type DeadLetter = { readonly message: Announcement | undefined; readonly stray: StrayMessage };

/**
 * How long after its message died an operation is looked at again, by how often one of this purpose did; what is away is mostly back by then. After the
 * last time its deadline ends it, and the alarm is a person's. Without a limit each event would announce the very message that dies, and an operation
 * would fill its partition while Teams is away.
 */
const lookAgainAfterMs = [60_000, 10 * 60_000, 60 * 60_000] as const;

const attemptsOnConflict = 5;

/** `event`: its operation says so and is looked at again. `ended`: there is nothing left to do about it. `stray`: nobody but a person can do anything. */
export type DeadLetterEnd = 'event' | 'ended' | 'stray';

/** Makes a poison message visible: as an event of its operation where there is one, else as a stray message. Nothing ends up nowhere. */
export function makeRecordDeadLetter(deps: RecordDeadLetterDeps): (letter: DeadLetter) => Promise<DeadLetterEnd> {
  return async ({ message, stray }) => {
    const end = message === undefined ? 'stray' : await recordAsEvent(deps, message, stray);
    if (end !== 'event') await deps.strays.record(stray);
    return end;
  };
}

async function recordAsEvent(deps: RecordDeadLetterDeps, message: Announcement, stray: StrayMessage): Promise<DeadLetterEnd> {
  const actor: Actor = { kind: 'countersign', role: 'executor' };
  for (let attempt = 0; attempt < attemptsOnConflict; attempt += 1) {
    const stored = await readIfSound(deps.store, message.operationId);
    if (stored === undefined) return 'stray';
    if (isTerminal(stored.operation)) return await goOnAfterEnd(deps, message);
    const delayMs = lookAgainAfterMs[timesDied(stored, message)];
    if (delayMs === undefined) return 'stray';
    const at = deps.clock.now();
    const { operation } = stored;
    const detail: Happening['detail'] = { kind: 'messageDeadLettered', queue: stray.queue, purpose: message.purpose, reason: stray.reason };
    const next = advance(operation.id, operation, [{ actor, at, detail }]);
    const again = { purpose: message.purpose, notBefore: plusMs(at, delayMs) };
    if ((await appendAnnounced(deps, stored, next, [], [again])) === 'committed') return 'event';
  }
  throw new Error('the operation of a dead letter changes too fast to record it; the letter stays where it is');
}

/** What has ended takes no further event, but a card that still asks for votes should not hang for ever, and whoever is told of ends should hear of it. */
async function goOnAfterEnd(deps: RecordDeadLetterDeps, message: Announcement): Promise<DeadLetterEnd> {
  if (message.purpose === 'notify') {
    const waitMs = waitAfterAttemptMs(message.attempt);
    if (waitMs === undefined) return 'stray';
    await putOff(deps, message, Math.max(waitMs, lookAgainAfterMs[0]));
    return 'ended';
  }
  const delayMs = lookAgainAfterMs[message.attempt];
  if (message.purpose === 'project' && delayMs !== undefined) await putOff(deps, message, delayMs);
  return 'ended';
}

function timesDied({ events }: StoredOperation, { purpose }: Announcement): number {
  return events.filter(({ detail }) => detail.kind === 'messageDeadLettered' && detail.purpose === purpose).length;
}

/** An operation whose chain is broken can take no further event; its dead letter is kept as a stray. */
async function readIfSound(store: OperationStore, id: string): Promise<StoredOperation | undefined> {
  try {
    return await store.read(id);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'corrupt') return undefined;
    throw error;
  }
}

import type { ArmMethod } from './arm-method.ts';
import { fieldsOf, foldName } from './arm-property.ts';
import { type Digest, digestOf, equalInConstantTime } from './digest.ts';
import type { TargetBefore } from './event.ts';
import { epochMsOf, type Instant, plusMs } from './instant.ts';
import { isJsonObject, type JsonValue, property } from './json.ts';
import type { ReadingBack } from './operation.ts';
import type { TargetState } from './preview.ts';
import { stableState } from './stable-state.ts';

/** What the target was right before a call, to be compared with what it is afterwards. `asked` is the body of a PUT. */
export function targetBefore(target: TargetState, salt: string, asked: JsonValue | undefined): TargetBefore {
  if (target.state !== 'present') return { state: target.state };
  return { state: 'present', digest: exactDigest(target.body, salt), asAsked: asked !== undefined && isAsAsked(target.body, asked) };
}

function exactDigest(state: JsonValue, salt: string): Digest {
  return digestOf({ salt, state });
}

/** What the state of a target tells of a call whose answer is lost. */
export type TargetVerdict = {
  /** `happened`: its effect is there. `failed`: Azure took it and says that it failed. `untouched`: nothing was written since before the call. */
  readonly kind: 'happened' | 'failed' | 'untouched' | 'unclear';
  /** What was found, in a sentence. */
  readonly found: string;
};

export type SentCall = {
  readonly method: ArmMethod;
  /** The body that was sent; undefined where there is none, or where it cannot be read any more. */
  readonly body: JsonValue | undefined;
  readonly before: TargetBefore | undefined;
  readonly salt: string | undefined;
  /** Whether Azure had taken the call. */
  readonly accepted: boolean;
};

/** Judges by a GET of the target; only what PUT and DELETE do can be seen there. Pure. */
export function judgeTarget(call: SentCall, now: TargetState): TargetVerdict {
  if (now.state === 'unreadable') return unclear(`It cannot be read: ${now.reason}`);
  switch (call.method) {
    case 'DELETE':
      return judgeDeletion(call, now);
    case 'PUT':
      return judgePut(call, now);
    case 'GET':
    case 'HEAD':
    case 'PATCH':
    case 'POST':
      return unclear('What the call does cannot be seen by reading the target.');
  }
}

type ReadState = Exclude<TargetState, { state: 'unreadable' }>;

function judgeDeletion({ before, accepted }: SentCall, now: ReadState): TargetVerdict {
  if (now.state === 'present') return unclear('It is still there.');
  if (before?.state === 'present') return { kind: 'happened', found: 'It was there before the call and is gone.' };
  if (accepted) return { kind: 'happened', found: 'Azure took the deletion and it is gone.' };
  return unclear('It is not there, and it was not seen before the call.');
}

function judgePut({ body, before, salt, accepted }: SentCall, now: ReadState): TargetVerdict {
  if (now.state === 'absent') {
    return before?.state === 'absent'
      ? { kind: 'untouched', found: 'It is not there, as before the call.' }
      : unclear('It is not there, though it may have been before the call.');
  }
  const state = provisioningState(now.body);
  if (before?.state === 'present' && salt !== undefined && equalInConstantTime(before.digest, exactDigest(now.body, salt))) {
    return { kind: 'untouched', found: 'It is to the letter what it was before the call.' };
  }
  if (state !== undefined && state !== 'succeeded') {
    if (state !== 'failed' && state !== 'canceled') return unclear('Azure is still working on it.');
    return accepted
      ? { kind: 'failed', found: `Azure took the call, and its provisioning ${state === 'failed' ? 'failed' : 'was cancelled'}.` }
      : unclear('Its provisioning failed, which may have another cause.');
  }
  if (body === undefined || !isAsAsked(now.body, body)) return unclear('It is not as the call would have made it.');
  const cameToBe = before?.state === 'absent' || (before?.state === 'present' && !before.asAsked);
  if (!cameToBe && !accepted) return unclear('It is as the call would have made it, and may have been so before.');
  return { kind: 'happened', found: 'It is as the call makes it, which it was not before.' };
}

function unclear(found: string): TargetVerdict {
  return { kind: 'unclear', found };
}

function provisioningState(body: JsonValue): string | undefined {
  const state = property(property(body, 'properties'), 'provisioningState');
  return typeof state === 'string' ? state.toLowerCase() : undefined;
}

/**
 * Whether a target holds everything that a PUT asked for. Names are compared as Azure does, places without case and spaces; what Azure sets by itself is not compared.
 * A secret is never read back, so that a body with one is never found as asked.
 */
export function isAsAsked(actual: JsonValue, asked: JsonValue): boolean {
  return holds(actual, stableState(asked), '');
}

function holds(actual: JsonValue | undefined, asked: JsonValue, name: string): boolean {
  if (asked === null) return actual === undefined || actual === null;
  if (isJsonObject(asked)) {
    if (!isJsonObject(actual)) return false;
    const fields = fieldsOf(actual);
    return Object.entries(asked).every(([field, value]) => holds(fields.get(foldName(field)), value, foldName(field)));
  }
  if (Array.isArray(asked)) {
    return Array.isArray(actual) && actual.length === asked.length && asked.every((value, index) => holds(actual[index], value, ''));
  }
  if (name === 'location' && typeof asked === 'string' && typeof actual === 'string') return placeName(actual) === placeName(asked);
  return actual === asked;
}

function placeName(text: string): string {
  return text.replaceAll(' ', '').toLowerCase();
}

/** When the next reading is due, by the time since the doubt; undefined where there is none before the end. `delaysMs` are those between one and the next. */
export function nextReadingAt({ doubtedAt, readUntil }: ReadingBack, delaysMs: readonly number[], now: Instant): Instant | undefined {
  let dueAt = doubtedAt;
  for (const delayMs of delaysMs) {
    dueAt = plusMs(dueAt, delayMs);
    if (dueAt > now) return dueAt < readUntil ? dueAt : undefined;
  }
  return undefined;
}

/** Whether so much time has passed that a call of which nothing can be seen is no longer on its way: a quarter of the time in which it is looked for. */
export function isSettled({ doubtedAt, readUntil }: ReadingBack, now: Instant): boolean {
  return epochMsOf(now) - epochMsOf(doubtedAt) >= (epochMsOf(readUntil) - epochMsOf(doubtedAt)) / 4;
}

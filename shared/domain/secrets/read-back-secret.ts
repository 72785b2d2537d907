import type { SecretBefore } from '../event.ts';
import { epochMsOf, type Instant } from '../instant.ts';
import type { TargetVerdict } from '../read-back.ts';
import type { SecretMethod } from './secret-request.ts';
import type { SecretState } from './secret-state.ts';

/** What a secret was right before a call, to be compared with what it is afterwards. */
export function secretBefore(state: SecretState): SecretBefore {
  switch (state.state) {
    case 'present':
      return { state: 'secretPresent', newest: state.versions[0].version ?? '', versions: state.versions.length };
    case 'deleted':
      return { state: 'secretDeleted' };
    case 'absent':
      return { state: 'absent' };
    case 'unreadable':
      return { state: 'unreadable' };
  }
}

export type SentSecretCall = {
  readonly method: SecretMethod;
  readonly before: SecretBefore | undefined;
  /** When the intent was recorded, and when the answer was known to be lost. */
  readonly from: Instant;
  readonly to: Instant;
};

/** Key Vault tells times in seconds, and clocks differ. */
const toleranceMs = 60_000;

/** Judges by what Key Vault says of the secret; a value is never compared. Pure. */
export function judgeSecret(call: SentSecretCall, now: SecretState): TargetVerdict {
  if (now.state === 'unreadable') return unclear(`It cannot be read: ${now.reason}`);
  if (call.before === undefined || call.before.state === 'unreadable') return unclear('Nobody knows what it was before the call.');
  switch (call.method) {
    case 'set':
      return judgeSet(call, call.before, now);
    case 'delete':
      if (call.before.state !== 'secretPresent') return unclear('It was not there before the call.');
      if (now.state === 'present') return unclear('It is still there.');
      return happened('It was there before the call and is deleted.');
    case 'recover':
      if (call.before.state !== 'secretDeleted') return unclear('It was not deleted before the call.');
      return now.state === 'present' ? happened('It was deleted before the call and is there again.') : unclear('It is not there.');
    case 'purge':
      if (call.before.state !== 'secretDeleted') return unclear('It was not deleted before the call.');
      if (now.state !== 'absent') return unclear(now.state === 'deleted' ? 'It is still there, deleted.' : 'It is there again.');
      return happened('It was deleted before the call and is gone for good.');
    case 'list':
    case 'get':
      return unclear('It changes nothing that could be seen.');
  }
}

type ReadState = Exclude<SecretState, { state: 'unreadable' }>;
type KnownBefore = Exclude<SecretBefore, { state: 'unreadable' }>;

/** Exactly one new version, made in the time of the call, is the call's; two may be anybody's. */
function judgeSet({ from, to }: SentSecretCall, before: KnownBefore, now: ReadState): TargetVerdict {
  if (before.state === 'secretDeleted') return unclear('It was deleted before the call.');
  if (now.state === 'deleted') return unclear('It was deleted since.');
  const versions = now.state === 'present' ? now.versions : [];
  const newer = before.state === 'absent' ? versions.length : versions.findIndex(({ version }) => version === before.newest);
  if (newer === -1) return unclear('The version that was the newest before the call is no longer there.');
  if (before.state === 'secretPresent' && versions.length !== before.versions + newer)
    return unclear('Older versions are not what they were.');
  if (newer === 0) return { kind: 'untouched', found: 'It has no version that it did not have before the call.' };
  const created = versions[0]?.created;
  if (newer > 1) return unclear('It has several new versions, and which of them is the call’s cannot be told.');
  if (created === undefined || epochMsOf(created) < epochMsOf(from) - toleranceMs || epochMsOf(created) > epochMsOf(to) + toleranceMs) {
    return unclear('It has a new version that was not made in the time of the call.');
  }
  return happened('It has one new version, which was made in the time of the call.');
}

function happened(found: string): TargetVerdict {
  return { kind: 'happened', found };
}

function unclear(found: string): TargetVerdict {
  return { kind: 'unclear', found };
}

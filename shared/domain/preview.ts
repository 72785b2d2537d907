import type { Preview } from './approval.ts';
import { digestOf } from './digest.ts';
import type { Instant } from './instant.ts';
import type { JsonValue } from './json.ts';
import { stableState } from './stable-state.ts';

/** What reading the target gave: its state, its absence, or why it could not be read. */
export type TargetState =
  | { readonly state: 'present'; readonly body: JsonValue }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: string };

/**
 * What an approver is shown of the target, bound by a salted digest, so that a state cannot be guessed from it. What Azure changes by itself is shown and not bound.
 */
export function previewOf(target: TargetState, salt: string, readAt: Instant): Preview {
  switch (target.state) {
    case 'present':
      return { state: 'present', digest: digestOf({ salt, state: stableState(target.body) }), readAt };
    case 'absent':
      return { state: 'absent', readAt };
    case 'unreadable':
      return { state: 'unreadable', reason: target.reason, readAt };
  }
}

/** Whether the target is no longer what the approvers saw. What could not be read then is not compared. */
export function hasDrifted(shown: Preview, now: Preview): boolean {
  if (shown.state === 'unreadable') return false;
  if (shown.state !== now.state) return true;
  return shown.state === 'present' && now.state === 'present' && shown.digest !== now.digest;
}

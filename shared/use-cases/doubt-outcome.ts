import type { EventDetail } from '../domain/event.ts';
import { type Instant, plusMs } from '../domain/instant.ts';
import type { ExecutionPace } from './execution-pace.ts';

/** Why the outcome is in doubt, and whether Azure had taken the call. */
export type Doubt = { readonly reason: string; readonly accepted: boolean };

/** The answer to a call is lost: from now on its outcome is looked for, and the call is not made again unless it is known to have had none. */
export function outcomeDoubted({ readBackAfterMs }: ExecutionPace, doubt: Doubt, now: Instant): EventDetail {
  const [firstMs] = readBackAfterMs;
  const totalMs = readBackAfterMs.reduce((sum, delayMs) => sum + delayMs, 0);
  return { kind: 'outcomeDoubted', ...doubt, readAt: plusMs(now, firstMs), readUntil: plusMs(now, totalMs) };
}

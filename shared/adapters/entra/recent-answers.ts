import { epochMsOf } from '../../domain/instant.ts';
import type { Clock } from '../../ports/system.ts';

export type RecentAnswersOptions = { readonly clock: Clock; readonly maxAgeMs: number; readonly capacity: number };

/** Gives an answer that was asked for recently, or asks. Failures are not remembered; beyond the capacity the oldest is forgotten. */
export type RecentAnswers<Answer> = (key: string, ask: () => Promise<Answer>) => Promise<Answer>;

/** Age counts from when the question was put, so that no answer is older than it seems. */
export function makeRecentAnswers<Answer>({ clock, maxAgeMs, capacity }: RecentAnswersOptions): RecentAnswers<Answer> {
  const known = new Map<string, { readonly askedAtMs: number; readonly answer: Promise<Answer> }>();
  return (key, ask) => {
    const nowMs = epochMsOf(clock.now());
    const entry = known.get(key);
    const ageMs = entry === undefined ? Number.POSITIVE_INFINITY : nowMs - entry.askedAtMs;
    if (entry !== undefined && ageMs >= 0 && ageMs < maxAgeMs) return entry.answer;
    const answer = ask();
    known.delete(key);
    known.set(key, { askedAtMs: nowMs, answer });
    answer.catch(() => {
      if (known.get(key)?.answer === answer) known.delete(key);
    });
    for (const oldest of known.keys()) {
      if (known.size <= capacity) break;
      known.delete(oldest);
    }
    return answer;
  };
}

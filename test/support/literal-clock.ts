import { epochMsOf, type Instant, instant, plusMs } from '../../shared/domain/instant.ts';
import type { Clock } from '../../shared/ports/system.ts';

export type LiteralClock = Clock & {
  /** Sets the clock; it never goes back. */
  setTo(at: string): void;
  advanceMs(durationMs: number): void;
};

/** A clock that stands still at a literal instant until it is told otherwise. */
export function makeLiteralClock(start: string): LiteralClock {
  let current: Instant = instant(start);
  const moveTo = (at: Instant) => {
    if (epochMsOf(at) < epochMsOf(current)) throw new RangeError(`the clock stands at ${current}, after ${at}`);
    current = at;
  };
  return {
    now: () => current,
    setTo: (at) => moveTo(instant(at)),
    advanceMs: (durationMs) => moveTo(plusMs(current, durationMs)),
  };
}

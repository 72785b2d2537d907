import type { ChaosClock } from './chaos-clock.ts';
import type { QueueContents, QueueWatch } from './queue-contents.ts';

export type Quiet = { readonly isQuiet: boolean; readonly left: QueueContents };

type Options = {
  readonly clock: ChaosClock;
  readonly queues: QueueWatch;
  /** How many rights of single operations there are. */
  readonly rights: () => number;
  readonly onProgress: (contents: QueueContents, rights: number) => void;
  /** In the time of the machine. */
  readonly patienceMs: number;
};

const lookEveryMs = 400;
/** While so many messages wait, looking at them is work that keeps Service Bus from handing them out: so many times longer than the look is the pause after it. */
const manyMessages = 1_000;
const pausePerLook = 9;
/** So long nothing may move before locks that nobody holds any more are let run out. */
const stuckAfterMs = 4_000;
const lockMs = 61_000;
/** The check for rights that outlived their operation comes every quarter of an hour. */
const checkMs = 15 * 60_000;
/** What is due within this time after the next message comes together with it; more where that one is far away, as polls of what takes a day are. */
const togetherMs = 3 * 60_000;

/**
 * Waits until no message and no right is left, with nothing disturbed any more. Whenever all that is left comes later, the clock jumps there: deadlines, ends of leases and
 * polls of hours cost a moment.
 */
export async function awaitQuiet({ clock, queues, rights, onProgress, patienceMs }: Options): Promise<Quiet> {
  const end = performance.now() + patienceMs;
  let left: QueueContents = { active: 0, scheduled: 0, nextAt: undefined, dead: 0, setAside: 0 };
  let last = '';
  let movedAt = performance.now();
  while (performance.now() < end) {
    const lookedFrom = performance.now();
    left = await queues.look().catch(() => left);
    const lookMs = performance.now() - lookedFrom;
    const held = rights();
    onProgress(left, held);
    const isEmpty = left.active + left.scheduled + left.dead === 0 && last !== '';
    if (isEmpty && held === 0) return { isQuiet: true, left };
    const now = JSON.stringify(left);
    if (now !== last) movedAt = performance.now();
    last = now;
    if (left.active + left.dead === 0 && left.nextAt !== undefined) {
      const awayMs = Math.max(left.nextAt - Date.now(), 0);
      // While there are rights, no jump may skip a check of theirs.
      clock.jump(held === 0 ? awayMs + Math.max(togetherMs, awayMs * 2) : Math.min(awayMs + togetherMs, checkMs));
    } else if (performance.now() - movedAt > stuckAfterMs) {
      clock.jump(isEmpty ? checkMs : lockMs);
      movedAt = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve, left.active > manyMessages ? lookMs * pausePerLook : lookEveryMs));
  }
  return { isQuiet: false, left };
}

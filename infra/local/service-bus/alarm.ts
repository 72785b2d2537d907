/** The longest delay that a Node timer keeps. */
const longestDelayMs = 2 ** 31 - 1;

/** One timer for the next instant that matters. It may ring early (a very distant instant); the listener looks at the clock itself. */
export class Alarm {
  readonly #now: () => number;
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at: number | undefined;

  constructor(now: () => number, ring: () => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** Rings at `at` instead of whatever was set before; undefined silences it. */
  set(at: number | undefined): void {
    if (at === this.#at) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = at;
    if (at === undefined) return;
    const delayMs = Math.min(Math.max(at - this.#now(), 0), longestDelayMs);
    this.#timer = setTimeout(() => {
      this.#at = undefined;
      this.#ring();
    }, delayMs);
  }
}

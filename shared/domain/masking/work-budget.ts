/**
 * How much work one value may cost. A unit is about what it costs to look at one character once; never is time measured, so that the same value is masked
 * in the same way on every machine. Whoever finds it spent hides what he would have read.
 */
export class WorkBudget {
  #left: number;

  constructor(units: number = maxWork) {
    this.#left = units;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** Leaves nothing, where something else is too much already. */
  exhaust(): void {
    this.#left = -1;
  }

  /** Whether there was so much left. */
  spend(units: number): boolean {
    this.#left -= units;

    return this.#left >= 0;
  }
}

/** More than lists, templates, logs and code of 4 MiB need, and less than a second of one core. */
const maxWork = 20_000_000;

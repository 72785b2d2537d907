/** Remembers message ids for a sliding window that starts when the first message of an id was accepted; repeats do not extend it. */
export class DuplicateHistory {
  readonly #windowMs: number | undefined;
  readonly #seenAt = new Map<string, number>();

  constructor(windowMs: number | undefined) {
    this.#windowMs = windowMs;
  }

  has(messageId: string, now: number): boolean {
    this.#forget(now);
    return this.#seenAt.has(messageId);
  }

  remember(messageId: string, at: number): void {
    if (this.#windowMs === undefined) return;
    this.#seenAt.delete(messageId);
    this.#seenAt.set(messageId, at);
  }

  entries(now: number): readonly (readonly [string, number])[] {
    this.#forget(now);
    return [...this.#seenAt];
  }

  #forget(now: number): void {
    const windowMs = this.#windowMs;
    if (windowMs === undefined) return;
    for (const [messageId, at] of this.#seenAt) {
      if (at + windowMs > now) return;
      this.#seenAt.delete(messageId);
    }
  }
}

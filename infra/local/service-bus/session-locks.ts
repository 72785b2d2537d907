/** A receiver's hold on a session: while it lasts, nobody else is given messages of that session. */
export type SessionLock = { readonly sessionId: string; readonly token: string; readonly lockedUntil: number };

/** Who holds which session. Locks do not outlive the process. */
export class SessionLocks {
  readonly #locks = new Map<string, SessionLock>();

  /** Whether the session is held at `now`. */
  find(sessionId: string, now: number): SessionLock | undefined {
    const lock = this.#locks.get(sessionId);
    return lock !== undefined && lock.lockedUntil > now ? lock : undefined;
  }

  /** Whether this very hold still lasts. */
  isHeld({ sessionId, token }: Pick<SessionLock, 'sessionId' | 'token'>, now: number): boolean {
    return this.find(sessionId, now)?.token === token;
  }

  set(lock: SessionLock): void {
    this.#locks.set(lock.sessionId, lock);
  }

  release(sessionId: string): void {
    this.#locks.delete(sessionId);
  }

  /** When the next hold ends; those that have ended are forgotten. */
  nextEnd(now: number): number | undefined {
    let next: number | undefined;
    for (const { sessionId, lockedUntil } of this.#locks.values()) {
      if (lockedUntil <= now) this.#locks.delete(sessionId);
      else next = Math.min(next ?? lockedUntil, lockedUntil);
    }
    return next;
  }
}

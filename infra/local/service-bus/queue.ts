import { type Due, type Entry, QueueState, type StoredMessage } from './queue-state.ts';
import type {
  AcceptOutcome,
  IncomingMessage,
  LockedMessage,
  PayloadChange,
  PeekedMessage,
  QueueLimits,
  QueueWorld,
  SettleOutcome,
} from './queue-types.ts';
import type { DeadLetterCause, QueueRecord } from './records.ts';
import { type SessionLock, SessionLocks } from './session-locks.ts';

/**
 * One queue's semantics, without network, disk or timers. Each command first does what time has made due, so that an answer never
 * depends on when a timer fired. A queue that has `deadLetters` moves messages there; a dead-letter queue has none: it never expires
 * a message, nor holds its deliveries against a limit.
 */
export class Queue {
  readonly #limits: QueueLimits;
  readonly #world: QueueWorld;
  readonly #state: QueueState;
  readonly #sessions = new SessionLocks();

  constructor(limits: QueueLimits, world: QueueWorld, deadLetters: Queue | undefined) {
    this.#limits = limits;
    this.#world = world;
    this.#state = new QueueState(
      limits.duplicateDetectionWindowMs,
      deadLetters === undefined ? undefined : deadLetters.#state,
      limits.requiresSession,
    );
  }

  get requiresSession(): boolean {
    return this.#limits.requiresSession ?? false;
  }

  /**
   * Takes all messages or, over the quota, none. They stay invisible until `confirm`, so that nobody receives what a crash could still
   * take back. A repeated message id is dropped silently; it uses up a sequence number that then names nothing.
   */
  accept(messages: readonly IncomingMessage[]): AcceptOutcome {
    this.advance();
    const { maxSizeBytes } = this.#limits;
    if (this.requiresSession && messages.some(({ sessionId }) => sessionId === undefined)) return { kind: 'sessionMissing' };
    const addedBytes = messages.reduce((sum, message) => sum + message.payload.length, 0);
    if (maxSizeBytes !== undefined && this.#state.sizeBytes + addedBytes > maxSizeBytes) return { kind: 'quotaExceeded' };
    const now = this.#world.now();
    return { kind: 'accepted', sequenceNumbers: messages.map((message) => this.#acceptOne(message, now)) };
  }

  /** Makes accepted messages visible. */
  confirm(sequenceNumbers: readonly number[]): void {
    for (const sequenceNumber of sequenceNumbers) this.#state.confirm(sequenceNumber);
    this.advance();
  }

  /** Locks the oldest available message for one receiver; one that holds a session gets messages of that session, for as long as it holds it. */
  lockNext(session?: SessionLock): LockedMessage | undefined {
    const message = this.#firstFor(session);
    return message === undefined ? undefined : this.#lockNow(message);
  }

  /** Locks deferred messages, all or none. */
  lockDeferred(sequenceNumbers: readonly number[]): LockedMessage[] | undefined {
    return this.#findDeferred(sequenceNumbers)?.map((message) => this.#lockNow(message));
  }

  /** Removes and returns deferred messages (receive and delete), all or none. */
  takeDeferred(sequenceNumbers: readonly number[]): StoredMessage[] | undefined {
    const messages = this.#findDeferred(sequenceNumbers);
    for (const { sequenceNumber } of messages ?? []) this.#commit({ kind: 'removed', sequenceNumber });
    return messages;
  }

  /** Holds a session for one receiver: the one that is wanted, or else the one with the oldest message; undefined while somebody else holds it or there is none. */
  acceptSession(wanted: string | undefined): SessionLock | undefined {
    this.advance();
    const now = this.#world.now();
    const isFree = (sessionId: string): boolean => this.#sessions.find(sessionId, now) === undefined;
    const sessionId = wanted ?? this.#state.availableSessions().find(isFree);
    if (sessionId === undefined || !isFree(sessionId)) return undefined;
    const lock = { sessionId, token: this.#world.newLockToken(), lockedUntil: now + this.#limits.lockDurationMs };
    this.#sessions.set(lock);
    return lock;
  }

  /** Starts the hold's duration anew, and with it that of its messages; answers the new end. */
  renewSession(sessionId: string): number | undefined {
    this.advance();
    const lock = this.#sessions.find(sessionId, this.#world.now());
    if (lock === undefined) return undefined;
    const lockedUntil = this.#world.now() + this.#limits.lockDurationMs;
    this.#sessions.set({ ...lock, lockedUntil });
    for (const { entry, lockToken } of this.#lockedIn(sessionId)) this.#state.lock(entry.sequenceNumber, lockToken, lockedUntil);
    return lockedUntil;
  }

  /** Ends a hold; what was not settled is given back as a failed delivery. Does nothing where the hold has ended. */
  releaseSession(lock: SessionLock): void {
    this.advance();
    if (!this.#sessions.isHeld(lock, this.#world.now())) return;
    this.#sessions.release(lock.sessionId);
    for (const { entry } of this.#lockedIn(lock.sessionId)) this.#failDelivery(entry, undefined);
  }

  /** Whether somebody holds the session. */
  isSessionHeld(sessionId: string): boolean {
    return this.#sessions.find(sessionId, this.#world.now()) !== undefined;
  }

  sessionState(sessionId: string): Buffer | undefined {
    return this.#state.sessionState(sessionId);
  }

  /** Keeps what the receivers of a session tell each other; undefined forgets it. */
  setSessionState(sessionId: string, payload: Buffer | undefined): void {
    this.#commit({ kind: 'sessionState', sessionId, payload });
  }

  /** Removes and returns the oldest available message (receive and delete). */
  takeNext(session?: SessionLock): StoredMessage | undefined {
    const message = this.#firstFor(session);
    if (message !== undefined) this.#commit({ kind: 'removed', sequenceNumber: message.sequenceNumber });
    return message;
  }

  complete(lockToken: string): SettleOutcome {
    return this.#settle(lockToken, ({ sequenceNumber }) => this.#commit({ kind: 'removed', sequenceNumber }));
  }

  /** Gives the message back as a failed delivery. */
  abandon(lockToken: string, change: PayloadChange): SettleOutcome {
    return this.#settle(lockToken, (entry) => this.#failDelivery(entry, change?.(entry.payload)));
  }

  /** Sets the message aside: from then on it is given out by its sequence number only. */
  defer(lockToken: string, change: PayloadChange): SettleOutcome {
    return this.#settle(lockToken, ({ sequenceNumber, payload }) =>
      this.#commit({ kind: 'deferred', sequenceNumber, payload: change?.(payload) }),
    );
  }

  /** Gives the message back without counting the delivery. */
  release(lockToken: string): SettleOutcome {
    return this.#settle(lockToken, ({ sequenceNumber }) =>
      this.#commit({ kind: 'unlocked', sequenceNumber, counted: false, payload: undefined }),
    );
  }

  deadLetter(lockToken: string, cause: DeadLetterCause, change: PayloadChange): SettleOutcome {
    if (!this.#state.hasDeadLetters) return 'notAllowed';
    return this.#settle(lockToken, ({ sequenceNumber, payload }) =>
      this.#commit({ kind: 'deadLettered', sequenceNumber, counted: false, cause, payload: change?.(payload) }),
    );
  }

  /** Starts the lock's duration anew for all tokens, or for none; answers the new end of each. */
  renewLocks(lockTokens: readonly string[]): readonly number[] | undefined {
    this.advance();
    const locked = lockTokens.map((lockToken) => ({ lockToken, entry: this.#state.findLocked(lockToken) }));
    if (locked.some(({ entry }) => entry === undefined)) return undefined;
    return locked.flatMap(({ lockToken, entry }) => (entry === undefined ? [] : [this.#lock(entry, lockToken)]));
  }

  /** Removes scheduled messages: all, or none when one of them is not scheduled (any more). */
  cancelScheduled(sequenceNumbers: readonly number[]): 'cancelled' | 'notFound' {
    this.advance();
    if (sequenceNumbers.some((sequenceNumber) => this.#state.find(sequenceNumber)?.state.kind !== 'scheduled')) return 'notFound';
    for (const sequenceNumber of new Set(sequenceNumbers)) this.#commit({ kind: 'removed', sequenceNumber });
    return 'cancelled';
  }

  /** Up to `limit` messages in order of their sequence numbers, locked and scheduled ones included; changes nothing. */
  peek(fromSequenceNumber: number, limit: number, sessionId?: string): PeekedMessage[] {
    this.advance();
    return this.#state
      .entries()
      .filter((entry) => entry.sequenceNumber >= fromSequenceNumber && entry.state.kind !== 'unconfirmed')
      .filter((entry) => sessionId === undefined || entry.sessionId === sessionId)
      .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
      .slice(0, limit)
      .map((entry) => ({ message: entry, state: peekedState(entry) }));
  }

  /** Does what time has made due: activations, ends of locks, expiries. */
  advance(): void {
    const now = this.#world.now();
    for (let due = this.#state.firstDue(); due !== undefined && due.at <= now; due = this.#state.firstDue()) {
      const entry = this.#state.find(due.sequenceNumber);
      if (entry !== undefined) this.#doDue(entry, due, now);
    }
  }

  /** When `advance` will next have something to do. */
  nextDueAt(): number | undefined {
    const ends = [this.#state.firstDue()?.at, this.#sessions.nextEnd(this.#world.now())].filter((at) => at !== undefined);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** Applies a record that was kept; call `recover` after the last. */
  replay(record: QueueRecord): void {
    this.#state.apply(record);
  }

  /** Ends a replay: what was accepted is visible, and deliveries that a stop cut short count as failed. */
  recover(): void {
    for (const entry of this.#state.entries()) {
      if (entry.state.kind === 'unconfirmed') this.#state.confirm(entry.sequenceNumber);
      else if (entry.state.kind === 'orphaned') this.#failDelivery(entry, undefined);
    }
    this.advance();
  }

  /** Records that rebuild this queue, as it would be found after a restart. */
  snapshot(): QueueRecord[] {
    return this.#state.snapshot(this.#world.now());
  }

  #firstFor(session: SessionLock | undefined): Entry | undefined {
    this.advance();
    if (session !== undefined && !this.#sessions.isHeld(session, this.#world.now())) return undefined;
    return this.#state.firstAvailable(session?.sessionId);
  }

  #lockNow(message: Entry): LockedMessage {
    const { sequenceNumber } = message;
    this.#commit({ kind: 'locked', sequenceNumber });
    const lockToken = this.#world.newLockToken();
    return { message, lockToken, lockedUntil: this.#lock(message, lockToken) };
  }

  #findDeferred(sequenceNumbers: readonly number[]): Entry[] | undefined {
    this.advance();
    const entries = [...new Set(sequenceNumbers)].flatMap((sequenceNumber) => this.#state.find(sequenceNumber) ?? []);
    const isWhole = entries.length === sequenceNumbers.length && entries.every(({ state }) => state.kind === 'deferred');
    return isWhole ? entries : undefined;
  }

  #lockedIn(sessionId: string): { readonly entry: Entry; readonly lockToken: string }[] {
    return this.#state
      .entries()
      .flatMap((entry) =>
        entry.sessionId === sessionId && entry.state.kind === 'locked' ? [{ entry, lockToken: entry.state.lockToken }] : [],
      );
  }

  #acceptOne(message: IncomingMessage, now: number): number {
    const { messageId, payload } = message;
    const sequenceNumber = this.#state.nextSequenceNumber;
    if (messageId !== undefined && this.#limits.duplicateDetectionWindowMs !== undefined) {
      if (this.#state.history.has(messageId, now)) {
        this.#commit({ kind: 'counter', next: sequenceNumber + 1 });
        return sequenceNumber;
      }
      this.#commit({ kind: 'seen', messageId, at: now });
    }
    const ttlMs = shortest(message.ttlMs, this.#limits.defaultTtlMs);
    const scheduledFor = message.scheduledFor !== undefined && message.scheduledFor > now ? message.scheduledFor : undefined;
    this.#commit({
      kind: 'enqueued',
      sequenceNumber,
      payload,
      enqueuedAt: now,
      ttlMs,
      scheduledFor,
      deliveryCount: 0,
      deadLetter: undefined,
      ...(message.sessionId === undefined ? {} : { sessionId: message.sessionId }),
    });
    return sequenceNumber;
  }

  #settle(lockToken: string, settle: (entry: Entry) => void): SettleOutcome {
    this.advance();
    const entry = this.#state.findLocked(lockToken);
    if (entry === undefined) return 'lockLost';
    settle(entry);
    return 'settled';
  }

  /** A message of a session is locked for as long as its session is held. */
  #lock({ sequenceNumber, sessionId }: Entry, lockToken: string): number {
    const now = this.#world.now();
    const session = this.requiresSession && sessionId !== undefined ? this.#sessions.find(sessionId, now) : undefined;
    const lockedUntil = session?.lockedUntil ?? now + this.#limits.lockDurationMs;
    this.#state.lock(sequenceNumber, lockToken, lockedUntil);
    return lockedUntil;
  }

  #doDue(entry: Entry, due: Due, now: number): void {
    const { sequenceNumber } = entry;
    switch (due.purpose) {
      case 'activate':
        this.#commit({ kind: 'activated', sequenceNumber, as: this.#state.nextSequenceNumber, at: now });
        return;
      case 'unlock':
        this.#failDelivery(entry, undefined);
        return;
      case 'expire':
        this.#expire(entry);
        return;
    }
  }

  #failDelivery({ sequenceNumber, deliveryCount }: Entry, payload: Buffer | undefined): void {
    const attempts = deliveryCount + 1;
    if (!this.#state.hasDeadLetters || attempts < this.#limits.maxDeliveryCount) {
      this.#commit({ kind: 'unlocked', sequenceNumber, counted: true, payload });
      return;
    }
    const description = `Message could not be consumed after ${attempts} delivery attempts.`;
    const cause = { reason: 'MaxDeliveryCountExceeded', description };
    this.#commit({ kind: 'deadLettered', sequenceNumber, counted: true, cause, payload });
  }

  #expire({ sequenceNumber }: Entry): void {
    if (!this.#limits.deadLetterOnExpiration) {
      this.#commit({ kind: 'removed', sequenceNumber });
      return;
    }
    const cause = { reason: 'TTLExpiredException', description: 'The message expired and was dead lettered.' };
    this.#commit({ kind: 'deadLettered', sequenceNumber, counted: false, cause, payload: undefined });
  }

  #commit(record: QueueRecord): void {
    this.#world.record(record);
    this.#state.apply(record);
  }
}

function peekedState({ state }: Entry): PeekedMessage['state'] {
  return state.kind === 'scheduled' || state.kind === 'deferred' ? state.kind : 'active';
}

function shortest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

import { DuplicateHistory } from './duplicate-history.ts';
import { PriorityHeap } from './priority-heap.ts';
import type { DeadLetterCause, QueueRecord } from './records.ts';

/** A message as its sender gave it. The payload is opaque here. */
export type IncomingMessage = {
  readonly payload: Buffer;
  readonly messageId: string | undefined;
  readonly ttlMs: number | undefined;
  readonly scheduledFor: number | undefined;
};

export type StoredMessage = {
  readonly sequenceNumber: number;
  readonly payload: Buffer;
  readonly enqueuedAt: number;
  readonly ttlMs: number | undefined;
  /** Deliveries before this one that did not end in a settlement. */
  readonly deliveryCount: number;
  readonly deadLetter: DeadLetterCause | undefined;
};

export type LockedMessage = { readonly message: StoredMessage; readonly lockToken: string; readonly lockedUntil: number };
export type PeekedMessage = { readonly message: StoredMessage; readonly state: 'active' | 'scheduled' };

export type AcceptOutcome = { readonly kind: 'accepted'; readonly sequenceNumbers: readonly number[] } | { readonly kind: 'quotaExceeded' };
export type SettleOutcome = 'settled' | 'lockLost' | 'notAllowed';

export type QueueLimits = {
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly duplicateDetectionWindowMs: number | undefined;
  readonly maxSizeBytes: number | undefined;
  readonly defaultTtlMs: number | undefined;
  readonly deadLetterOnExpiration: boolean;
};

export type QueueWorld = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newLockToken: () => string;
  /** Told of each change, in order; replaying what it was told gives the same queue. */
  readonly record: (record: QueueRecord) => void;
};

type EntryState =
  | { readonly kind: 'unconfirmed' }
  | { readonly kind: 'scheduled'; readonly dueAt: number }
  | { readonly kind: 'active' }
  | { readonly kind: 'locked'; readonly lockToken: string; readonly lockedUntil: number }
  | { readonly kind: 'orphaned' };

type Entry = {
  readonly sequenceNumber: number;
  payload: Buffer;
  readonly enqueuedAt: number;
  readonly ttlMs: number | undefined;
  readonly scheduledFor: number | undefined;
  deliveryCount: number;
  readonly deadLetter: DeadLetterCause | undefined;
  state: EntryState;
};

type Due = { readonly at: number; readonly sequenceNumber: number; readonly purpose: 'activate' | 'unlock' | 'expire' };

/**
 * One queue's semantics, without network, disk or timers. Each command first does what time has made due, so that an answer never
 * depends on when a timer fired. A queue that has `deadLetters` moves messages there; a dead-letter queue has none: it never expires
 * a message, nor counts its deliveries against a limit.
 */
export class Queue {
  readonly #limits: QueueLimits;
  readonly #world: QueueWorld;
  readonly #deadLetters: Queue | undefined;
  readonly #entries = new Map<number, Entry>();
  readonly #locks = new Map<string, Entry>();
  readonly #available = new PriorityHeap<Entry>((a, b) => a.sequenceNumber < b.sequenceNumber);
  readonly #due = new PriorityHeap<Due>((a, b) => a.at < b.at || (a.at === b.at && a.sequenceNumber < b.sequenceNumber));
  readonly #history: DuplicateHistory;
  #nextSequenceNumber = 1;
  #sizeBytes = 0;

  constructor(limits: QueueLimits, world: QueueWorld, deadLetters: Queue | undefined) {
    this.#limits = limits;
    this.#world = world;
    this.#deadLetters = deadLetters;
    this.#history = new DuplicateHistory(limits.duplicateDetectionWindowMs);
  }

  get sizeBytes(): number {
    return this.#sizeBytes + (this.#deadLetters?.sizeBytes ?? 0);
  }

  /**
   * Takes all messages or, over the quota, none. They stay invisible until `confirm`, so that nobody receives what a crash could still
   * take back. A repeated message id is dropped silently; it uses up a sequence number that then names nothing.
   */
  accept(messages: readonly IncomingMessage[]): AcceptOutcome {
    this.advance();
    const now = this.#world.now();
    const addedBytes = messages.reduce((sum, message) => sum + message.payload.length, 0);
    if (this.#limits.maxSizeBytes !== undefined && this.sizeBytes + addedBytes > this.#limits.maxSizeBytes) return { kind: 'quotaExceeded' };
    return { kind: 'accepted', sequenceNumbers: messages.map((message) => this.#acceptOne(message, now)) };
  }

  /** Makes accepted messages visible. */
  confirm(sequenceNumbers: readonly number[]): void {
    for (const sequenceNumber of sequenceNumbers) {
      const entry = this.#entries.get(sequenceNumber);
      if (entry?.state.kind === 'unconfirmed') this.#makeVisible(entry);
    }
    this.advance();
  }

  /** Locks the oldest available message for one receiver. */
  lockNext(): LockedMessage | undefined {
    const entry = this.#nextAvailable();
    if (entry === undefined) return undefined;
    this.#commit({ kind: 'locked', sequenceNumber: entry.sequenceNumber });
    const lockToken = this.#world.newLockToken();
    const lockedUntil = this.#lock(entry, lockToken);
    return { message: view(entry), lockToken, lockedUntil };
  }

  /** Removes and returns the oldest available message (receive and delete). */
  takeNext(): StoredMessage | undefined {
    const entry = this.#nextAvailable();
    if (entry === undefined) return undefined;
    this.#commit({ kind: 'removed', sequenceNumber: entry.sequenceNumber });
    return view(entry);
  }

  complete(lockToken: string): SettleOutcome {
    const entry = this.#lockedEntry(lockToken);
    if (entry === undefined) return 'lockLost';
    this.#commit({ kind: 'removed', sequenceNumber: entry.sequenceNumber });
    return 'settled';
  }

  /** Gives the message back as a failed delivery, with a changed payload where one is given. */
  abandon(lockToken: string, changePayload?: (payload: Buffer) => Buffer): SettleOutcome {
    const entry = this.#lockedEntry(lockToken);
    if (entry === undefined) return 'lockLost';
    this.#failDelivery(entry, changePayload?.(entry.payload));
    return 'settled';
  }

  /** Gives the message back without counting the delivery. */
  release(lockToken: string): SettleOutcome {
    const entry = this.#lockedEntry(lockToken);
    if (entry === undefined) return 'lockLost';
    this.#commit({ kind: 'unlocked', sequenceNumber: entry.sequenceNumber, counted: false, payload: undefined });
    return 'settled';
  }

  deadLetter(lockToken: string, cause: DeadLetterCause, changePayload?: (payload: Buffer) => Buffer): SettleOutcome {
    const entry = this.#lockedEntry(lockToken);
    if (entry === undefined) return 'lockLost';
    if (this.#deadLetters === undefined) return 'notAllowed';
    const payload = changePayload?.(entry.payload);
    this.#commit({ kind: 'deadLettered', sequenceNumber: entry.sequenceNumber, counted: false, cause, payload });
    return 'settled';
  }

  /** Starts the lock's duration anew for all tokens, or for none; answers the new end of each. */
  renewLocks(lockTokens: readonly string[]): readonly number[] | undefined {
    this.advance();
    const entries = lockTokens.map((lockToken) => ({ lockToken, entry: this.#locks.get(lockToken) }));
    const ends: number[] = [];
    if (entries.some(({ entry }) => entry === undefined)) return undefined;
    for (const { lockToken, entry } of entries) {
      if (entry !== undefined) ends.push(this.#lock(entry, lockToken));
    }
    return ends;
  }

  /** Removes scheduled messages: all, or none when one of them is not scheduled (any more). */
  cancelScheduled(sequenceNumbers: readonly number[]): 'cancelled' | 'notFound' {
    this.advance();
    if (sequenceNumbers.some((sequenceNumber) => this.#entries.get(sequenceNumber)?.state.kind !== 'scheduled')) return 'notFound';
    for (const sequenceNumber of new Set(sequenceNumbers)) this.#commit({ kind: 'removed', sequenceNumber });
    return 'cancelled';
  }

  /** Up to `limit` messages in order of their sequence numbers, locked and scheduled ones included; changes nothing. */
  peek(fromSequenceNumber: number, limit: number): PeekedMessage[] {
    this.advance();
    return [...this.#entries.values()]
      .filter((entry) => entry.sequenceNumber >= fromSequenceNumber && entry.state.kind !== 'unconfirmed')
      .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
      .slice(0, limit)
      .map((entry) => ({ message: view(entry), state: entry.state.kind === 'scheduled' ? 'scheduled' : 'active' }));
  }

  /** Does what time has made due: activations, ends of locks, expiries. */
  advance(): void {
    const now = this.#world.now();
    for (let due = this.#topDue(); due !== undefined && due.at <= now; due = this.#topDue()) {
      this.#due.pop();
      const entry = this.#entries.get(due.sequenceNumber);
      if (entry !== undefined) this.#doDue(entry, due, now);
    }
  }

  /** When `advance` will next have something to do. */
  nextDueAt(): number | undefined {
    return this.#topDue()?.at;
  }

  /** Applies a record that was kept; call `recover` after the last. */
  replay(record: QueueRecord): void {
    this.#apply(record);
  }

  /** Ends a replay: what was accepted is visible, and deliveries that a stop cut short count as failed. */
  recover(): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.state.kind === 'unconfirmed') this.#makeVisible(entry);
      else if (entry.state.kind === 'orphaned') this.#failDelivery(entry, undefined);
    }
    this.advance();
  }

  /** Records that rebuild this queue. Locks are left as they would be found after a restart. */
  snapshot(): QueueRecord[] {
    const records: QueueRecord[] = [{ kind: 'counter', next: this.#nextSequenceNumber }];
    for (const [messageId, at] of this.#history.entries(this.#world.now())) records.push({ kind: 'seen', messageId, at });
    for (const entry of this.#entries.values()) {
      records.push({ kind: 'enqueued', ...view(entry), scheduledFor: entry.scheduledFor });
      if (entry.state.kind === 'locked') records.push({ kind: 'locked', sequenceNumber: entry.sequenceNumber });
    }
    return records;
  }

  #acceptOne(message: IncomingMessage, now: number): number {
    const sequenceNumber = this.#nextSequenceNumber;
    if (message.messageId !== undefined && this.#history.has(message.messageId, now)) {
      this.#commit({ kind: 'counter', next: sequenceNumber + 1 });
      return sequenceNumber;
    }
    if (message.messageId !== undefined && this.#limits.duplicateDetectionWindowMs !== undefined) {
      this.#commit({ kind: 'seen', messageId: message.messageId, at: now });
    }
    this.#commit({
      kind: 'enqueued',
      sequenceNumber,
      payload: message.payload,
      enqueuedAt: now,
      ttlMs: shortest(message.ttlMs, this.#limits.defaultTtlMs),
      scheduledFor: message.scheduledFor !== undefined && message.scheduledFor > now ? message.scheduledFor : undefined,
      deliveryCount: 0,
      deadLetter: undefined,
    });
    return sequenceNumber;
  }

  #nextAvailable(): Entry | undefined {
    this.advance();
    for (let entry = this.#available.pop(); entry !== undefined; entry = this.#available.pop()) {
      if (this.#entries.get(entry.sequenceNumber) === entry && entry.state.kind === 'active') return entry;
    }
    return undefined;
  }

  #lockedEntry(lockToken: string): Entry | undefined {
    this.advance();
    return this.#locks.get(lockToken);
  }

  #lock(entry: Entry, lockToken: string): number {
    const lockedUntil = this.#world.now() + this.#limits.lockDurationMs;
    entry.state = { kind: 'locked', lockToken, lockedUntil };
    this.#locks.set(lockToken, entry);
    this.#remind({ at: lockedUntil, sequenceNumber: entry.sequenceNumber, purpose: 'unlock' });
    return lockedUntil;
  }

  #failDelivery(entry: Entry, payload: Buffer | undefined): void {
    const { sequenceNumber } = entry;
    const attempts = entry.deliveryCount + 1;
    if (this.#deadLetters === undefined || attempts < this.#limits.maxDeliveryCount) {
      this.#commit({ kind: 'unlocked', sequenceNumber, counted: true, payload });
      return;
    }
    const cause = {
      reason: 'MaxDeliveryCountExceeded',
      description: `Message could not be consumed after ${attempts} delivery attempts.`,
    };
    this.#commit({ kind: 'deadLettered', sequenceNumber, counted: true, cause, payload });
  }

  #expire(entry: Entry): void {
    const { sequenceNumber } = entry;
    if (!this.#limits.deadLetterOnExpiration) {
      this.#commit({ kind: 'removed', sequenceNumber });
      return;
    }
    const cause = { reason: 'TTLExpiredException', description: 'The message expired and was dead lettered.' };
    this.#commit({ kind: 'deadLettered', sequenceNumber, counted: false, cause, payload: undefined });
  }

  #doDue(entry: Entry, due: Due, now: number): void {
    switch (due.purpose) {
      case 'activate':
        this.#commit({ kind: 'activated', sequenceNumber: entry.sequenceNumber, as: this.#nextSequenceNumber, at: now });
        this.confirm([this.#nextSequenceNumber - 1]);
        return;
      case 'unlock':
        this.#failDelivery(entry, undefined);
        return;
      case 'expire':
        this.#expire(entry);
        return;
    }
  }

  #isLive(due: Due): boolean {
    const entry = this.#entries.get(due.sequenceNumber);
    switch (due.purpose) {
      case 'activate':
        return entry?.state.kind === 'scheduled';
      case 'unlock':
        return entry?.state.kind === 'locked' && entry.state.lockedUntil === due.at;
      case 'expire':
        return entry?.state.kind === 'active';
    }
  }

  #topDue(): Due | undefined {
    for (let due = this.#due.top(); due !== undefined; due = this.#due.top()) {
      if (this.#isLive(due)) return due;
      this.#due.pop();
    }
    return undefined;
  }

  #remind(due: Due): void {
    this.#due.push(due);
    if (this.#due.size > 1024 && this.#due.size > 4 * this.#entries.size) this.#due.retain((each) => this.#isLive(each));
  }

  #commit(record: QueueRecord): void {
    this.#world.record(record);
    this.#apply(record);
  }

  #apply(record: QueueRecord): void {
    switch (record.kind) {
      case 'counter':
        this.#nextSequenceNumber = Math.max(this.#nextSequenceNumber, record.next);
        return;
      case 'seen':
        this.#history.remember(record.messageId, record.at);
        return;
      case 'enqueued':
        this.#insert({ ...record, state: { kind: 'unconfirmed' } });
        return;
      case 'activated': {
        const entry = this.#remove(record.sequenceNumber);
        this.#insert({ ...entry, sequenceNumber: record.as, enqueuedAt: record.at, scheduledFor: undefined, state: { kind: 'unconfirmed' } });
        return;
      }
      case 'locked':
        this.#entry(record.sequenceNumber).state = { kind: 'orphaned' };
        return;
      case 'unlocked': {
        const entry = this.#entry(record.sequenceNumber);
        this.#forgetLock(entry);
        this.#replacePayload(entry, record.payload);
        if (record.counted) entry.deliveryCount += 1;
        this.#makeVisible(entry);
        return;
      }
      case 'removed':
        this.#remove(record.sequenceNumber);
        return;
      case 'deadLettered': {
        const entry = this.#remove(record.sequenceNumber);
        const deliveryCount = entry.deliveryCount + (record.counted ? 1 : 0);
        this.#deadLetters?.admit({ ...view(entry), payload: record.payload ?? entry.payload, deliveryCount, deadLetter: record.cause });
        return;
      }
    }
  }

  /** Takes over a message of the main queue; the main queue's record covers it. It keeps its sequence number and enqueued time. */
  admit(message: StoredMessage): void {
    const entry: Entry = { ...message, scheduledFor: undefined, state: { kind: 'active' } };
    this.#insert(entry);
    this.#makeVisible(entry);
  }

  #insert(entry: Entry): void {
    this.#entries.set(entry.sequenceNumber, entry);
    this.#sizeBytes += entry.payload.length;
    this.#nextSequenceNumber = Math.max(this.#nextSequenceNumber, entry.sequenceNumber + 1);
  }

  #remove(sequenceNumber: number): Entry {
    const entry = this.#entry(sequenceNumber);
    this.#forgetLock(entry);
    this.#entries.delete(sequenceNumber);
    this.#sizeBytes -= entry.payload.length;
    return entry;
  }

  #entry(sequenceNumber: number): Entry {
    const entry = this.#entries.get(sequenceNumber);
    if (entry === undefined) throw new Error(`a record names message ${sequenceNumber}, which the queue does not hold`);
    return entry;
  }

  #forgetLock(entry: Entry): void {
    if (entry.state.kind === 'locked') this.#locks.delete(entry.state.lockToken);
  }

  #replacePayload(entry: Entry, payload: Buffer | undefined): void {
    if (payload === undefined) return;
    this.#sizeBytes += payload.length - entry.payload.length;
    entry.payload = payload;
  }

  #makeVisible(entry: Entry): void {
    const { sequenceNumber, scheduledFor } = entry;
    if (scheduledFor !== undefined) {
      entry.state = { kind: 'scheduled', dueAt: scheduledFor };
      this.#remind({ at: scheduledFor, sequenceNumber, purpose: 'activate' });
      return;
    }
    entry.state = { kind: 'active' };
    this.#available.push(entry);
    if (this.#deadLetters !== undefined && entry.ttlMs !== undefined) {
      this.#remind({ at: entry.enqueuedAt + entry.ttlMs, sequenceNumber, purpose: 'expire' });
    }
  }
}

function view(entry: Entry): StoredMessage {
  const { sequenceNumber, payload, enqueuedAt, ttlMs, deliveryCount, deadLetter } = entry;
  return { sequenceNumber, payload, enqueuedAt, ttlMs, deliveryCount, deadLetter };
}

function shortest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

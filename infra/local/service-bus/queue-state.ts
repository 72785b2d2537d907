import { DuplicateHistory } from './duplicate-history.ts';
import { JournalError } from './journal-error.ts';
import { PriorityHeap } from './priority-heap.ts';
import type { DeadLetterCause, QueueRecord } from './records.ts';

export type StoredMessage = {
  readonly sequenceNumber: number;
  readonly payload: Buffer;
  readonly enqueuedAt: number;
  readonly ttlMs: number | undefined;
  /** Deliveries before this one that did not end in a settlement. */
  readonly deliveryCount: number;
  readonly deadLetter: DeadLetterCause | undefined;
  readonly sessionId?: string;
  /** Set aside by a receiver: given out by its sequence number only. */
  readonly deferred?: true;
};

/**
 * `unconfirmed`: accepted, but not yet known to be durable. `orphaned`: was locked when the process ended.
 */
export type EntryState =
  | { readonly kind: 'unconfirmed' }
  | { readonly kind: 'scheduled' }
  | { readonly kind: 'active' }
  | { readonly kind: 'deferred' }
  | { readonly kind: 'locked'; readonly lockToken: string; readonly lockedUntil: number }
  | { readonly kind: 'orphaned' };

export type Entry = StoredMessage & { readonly scheduledFor: number | undefined; readonly state: EntryState };

export type Due = { readonly at: number; readonly sequenceNumber: number; readonly purpose: 'activate' | 'unlock' | 'expire' };

/**
 * What a queue holds. It changes by records only, so that replaying the records gives the same state; whether a change may happen
 * is not decided here. Locks are the exception: their tokens and ends are set apart and do not outlive the process.
 */
export class QueueState {
  readonly history: DuplicateHistory;
  readonly #deadLetters: QueueState | undefined;
  readonly #entries = new Map<number, Entry>();
  readonly #locks = new Map<string, number>();
  readonly #bySession: boolean;
  readonly #available = new Map<string, PriorityHeap<number>>();
  readonly #sessionStates = new Map<string, Buffer>();
  readonly #dues = new PriorityHeap<Due>((a, b) => a.at < b.at || (a.at === b.at && a.sequenceNumber < b.sequenceNumber));
  #nextSequenceNumber = 1;
  #sizeBytes = 0;

  constructor(duplicateDetectionWindowMs: number | undefined, deadLetters: QueueState | undefined, bySession = false) {
    this.history = new DuplicateHistory(duplicateDetectionWindowMs);
    this.#bySession = bySession;
    this.#deadLetters = deadLetters;
  }

  get nextSequenceNumber(): number {
    return this.#nextSequenceNumber;
  }

  /** The bytes of the queue and of its dead letters. */
  get sizeBytes(): number {
    return this.#sizeBytes + (this.#deadLetters?.sizeBytes ?? 0);
  }

  get hasDeadLetters(): boolean {
    return this.#deadLetters !== undefined;
  }

  entries(): Entry[] {
    return [...this.#entries.values()];
  }

  find(sequenceNumber: number): Entry | undefined {
    return this.#entries.get(sequenceNumber);
  }

  findLocked(lockToken: string): Entry | undefined {
    const sequenceNumber = this.#locks.get(lockToken);
    return sequenceNumber === undefined ? undefined : this.#entries.get(sequenceNumber);
  }

  /** The available message with the lowest sequence number, of that session where the queue has sessions; it stays available. */
  firstAvailable(sessionId = ''): Entry | undefined {
    const available = this.#available.get(sessionId);
    for (let first = available?.top(); first !== undefined; first = available?.top()) {
      const entry = this.#entries.get(first);
      if (entry?.state.kind === 'active') return entry;
      available?.pop();
    }
    this.#available.delete(sessionId);
    return undefined;
  }

  /** The sessions that have available messages, that of the oldest message first. */
  availableSessions(): string[] {
    const firsts = [...this.#available.keys()].map((sessionId) => ({ sessionId, first: this.firstAvailable(sessionId)?.sequenceNumber }));
    return firsts
      .filter(({ first }) => first !== undefined)
      .sort((a, b) => (a.first ?? 0) - (b.first ?? 0))
      .map(({ sessionId }) => sessionId);
  }

  sessionState(sessionId: string): Buffer | undefined {
    return this.#sessionStates.get(sessionId);
  }

  /** The next change that time will bring; it stays until the change is applied. */
  firstDue(): Due | undefined {
    for (let due = this.#dues.top(); due !== undefined; due = this.#dues.top()) {
      if (this.#isLive(due)) return due;
      this.#dues.pop();
    }
    return undefined;
  }

  lock(sequenceNumber: number, lockToken: string, lockedUntil: number): void {
    const entry = this.#get(sequenceNumber);
    this.#forgetLock(entry);
    this.#entries.set(sequenceNumber, { ...entry, state: { kind: 'locked', lockToken, lockedUntil } });
    this.#locks.set(lockToken, sequenceNumber);
    this.#remind({ at: lockedUntil, sequenceNumber, purpose: 'unlock' });
  }

  /** Ends the invisibility of an accepted message: it is scheduled or available from here on. */
  confirm(sequenceNumber: number): void {
    const entry = this.#entries.get(sequenceNumber);
    if (entry?.state.kind === 'unconfirmed') this.#makeVisible(entry);
  }

  apply(record: QueueRecord): void {
    switch (record.kind) {
      case 'counter':
        this.#nextSequenceNumber = Math.max(this.#nextSequenceNumber, record.next);
        return;
      case 'seen':
        this.history.remember(record.messageId, record.at);
        return;
      case 'enqueued': {
        const { kind: _, ...message } = record;
        this.#insert({ ...message, state: { kind: 'unconfirmed' } });
        return;
      }
      case 'activated': {
        const entry = this.#remove(record.sequenceNumber);
        this.#makeVisible(this.#insert({ ...entry, sequenceNumber: record.as, enqueuedAt: record.at, scheduledFor: undefined }));
        return;
      }
      case 'locked':
        this.#entries.set(record.sequenceNumber, { ...this.#get(record.sequenceNumber), state: { kind: 'orphaned' } });
        return;
      case 'unlocked': {
        const entry = this.#remove(record.sequenceNumber);
        this.#makeVisible(this.#insert(changed(entry, record)));
        return;
      }
      case 'deferred': {
        const entry = this.#remove(record.sequenceNumber);
        this.#makeVisible(this.#insert({ ...entry, payload: record.payload ?? entry.payload, deferred: true }));
        return;
      }
      case 'sessionState':
        if (record.payload === undefined) this.#sessionStates.delete(record.sessionId);
        else this.#sessionStates.set(record.sessionId, record.payload);
        return;
      case 'removed':
        this.#remove(record.sequenceNumber);
        return;
      case 'deadLettered': {
        const { deferred: _, ...entry } = this.#remove(record.sequenceNumber);
        this.#deadLetters?.admit({ ...changed(entry, record), deadLetter: record.cause });
        return;
      }
    }
  }

  /** Takes over a message of the main queue, whose record covers it. It keeps its sequence number and enqueued time. */
  admit(message: Entry): void {
    this.#makeVisible(this.#insert({ ...message, scheduledFor: undefined }));
  }

  /** Records that rebuild this state, as it would be found after a restart. */
  snapshot(now: number): QueueRecord[] {
    const records: QueueRecord[] = [{ kind: 'counter', next: this.#nextSequenceNumber }];
    for (const [messageId, at] of this.history.entries(now)) records.push({ kind: 'seen', messageId, at });
    for (const [sessionId, payload] of this.#sessionStates) records.push({ kind: 'sessionState', sessionId, payload });
    for (const { state, ...message } of this.#entries.values()) {
      records.push({ kind: 'enqueued', ...message });
      if (state.kind === 'locked' || state.kind === 'orphaned') records.push({ kind: 'locked', sequenceNumber: message.sequenceNumber });
    }
    return records;
  }

  #insert(entry: Entry): Entry {
    this.#entries.set(entry.sequenceNumber, entry);
    this.#sizeBytes += entry.payload.length;
    this.#nextSequenceNumber = Math.max(this.#nextSequenceNumber, entry.sequenceNumber + 1);
    return entry;
  }

  #remove(sequenceNumber: number): Entry {
    const entry = this.#get(sequenceNumber);
    this.#forgetLock(entry);
    this.#entries.delete(sequenceNumber);
    this.#sizeBytes -= entry.payload.length;
    return entry;
  }

  #get(sequenceNumber: number): Entry {
    const entry = this.#entries.get(sequenceNumber);
    if (entry === undefined) throw new JournalError('damaged', `a record names message ${sequenceNumber}, which the queue does not hold`);
    return entry;
  }

  #forgetLock(entry: Entry): void {
    if (entry.state.kind === 'locked') this.#locks.delete(entry.state.lockToken);
  }

  #makeVisible(entry: Entry): void {
    const { sequenceNumber, scheduledFor, enqueuedAt, ttlMs } = entry;
    if (scheduledFor !== undefined) {
      this.#entries.set(sequenceNumber, { ...entry, state: { kind: 'scheduled' } });
      this.#remind({ at: scheduledFor, sequenceNumber, purpose: 'activate' });
      return;
    }
    if (entry.deferred === true) {
      this.#entries.set(sequenceNumber, { ...entry, state: { kind: 'deferred' } });
      return;
    }
    this.#entries.set(sequenceNumber, { ...entry, state: { kind: 'active' } });
    this.#makeAvailable(sequenceNumber, this.#bySession ? (entry.sessionId ?? '') : '');
    if (this.hasDeadLetters && ttlMs !== undefined) this.#remind({ at: enqueuedAt + ttlMs, sequenceNumber, purpose: 'expire' });
  }

  #makeAvailable(sequenceNumber: number, sessionId: string): void {
    const available = this.#available.get(sessionId) ?? new PriorityHeap<number>((a, b) => a < b);
    available.push(sequenceNumber);
    this.#available.set(sessionId, available);
  }

  /** Reminders of what has changed since are dropped when met; they are swept when they outweigh what is held. */
  #remind(due: Due): void {
    this.#dues.push(due);
    if (this.#dues.size > 1024 && this.#dues.size > 4 * this.#entries.size) this.#dues.retain((each) => this.#isLive(each));
  }

  #isLive(due: Due): boolean {
    const state = this.#entries.get(due.sequenceNumber)?.state;
    switch (due.purpose) {
      case 'activate':
        return state?.kind === 'scheduled';
      case 'unlock':
        return state?.kind === 'locked' && state.lockedUntil === due.at;
      case 'expire':
        return state?.kind === 'active';
    }
  }
}

function changed<T extends Entry>(entry: T, change: { readonly counted: boolean; readonly payload: Buffer | undefined }): T {
  return { ...entry, payload: change.payload ?? entry.payload, deliveryCount: entry.deliveryCount + (change.counted ? 1 : 0) };
}

import { Alarm } from './alarm.ts';
import type { Queue } from './queue.ts';
import type { StoredMessage } from './queue-state.ts';
import type { AcceptOutcome, IncomingMessage, LockedMessage, PayloadChange, PeekedMessage, SettleOutcome } from './queue-types.ts';
import type { DeadLetterCause } from './records.ts';
import type { SessionLock } from './session-locks.ts';

/** Somebody who waits for messages of one queue. */
export type Consumer = {
  /** How many more messages it takes now. */
  readonly credit: () => number;
  /** The session that it holds: it gets messages of that session only. */
  readonly session: SessionLock | undefined;
} & (
  | { readonly mode: 'peekLock'; readonly deliver: (locked: LockedMessage) => void }
  | { readonly mode: 'receiveAndDelete'; readonly reserve: () => void; readonly deliver: (message: StoredMessage) => void }
);

/** Somebody who waits for any session. */
type Acceptor = { readonly resolve: (lock: SessionLock | undefined) => void };

/** A place in the line for a session; `lock` is undefined where the waiting was ended. */
export type AwaitedSession = { readonly lock: Promise<SessionLock | undefined>; readonly end: () => void };

/**
 * A queue (or dead-letter queue) in service: commands answer when their effect is durable, waiting consumers are served at once and
 * in turn, and a timer stands at the next instant that changes something.
 */
export class QueueHost {
  readonly #queue: Queue;
  readonly #commit: () => Promise<void>;
  readonly #deadLetters: QueueHost | undefined;
  readonly #alarm: Alarm;
  #stopped = false;
  #consumers: Consumer[] = [];
  #acceptors: Acceptor[] = [];

  constructor(options: {
    readonly queue: Queue;
    readonly deadLetters: QueueHost | undefined;
    readonly now: () => number;
    /** Makes all recorded changes durable; whoever supplies it also hears of its failures. */
    readonly commit: () => Promise<void>;
  }) {
    this.#queue = options.queue;
    this.#commit = options.commit;
    this.#deadLetters = options.deadLetters;
    this.#alarm = new Alarm(options.now, () => this.serve());
  }

  get hasDeadLetters(): boolean {
    return this.#deadLetters !== undefined;
  }

  get requiresSession(): boolean {
    return this.#queue.requiresSession;
  }

  /** Holds the named session, unless somebody does. */
  acceptSession(sessionId: string): SessionLock | undefined {
    return this.#queue.acceptSession(sessionId);
  }

  /** Holds the next session that has messages and is free, waiting for it in turn. */
  awaitSession(): AwaitedSession {
    const { promise, resolve } = Promise.withResolvers<SessionLock | undefined>();
    const acceptor: Acceptor = { resolve };
    this.#acceptors.push(acceptor);
    this.serve();
    return {
      lock: promise,
      end: () => {
        this.#acceptors = this.#acceptors.filter((each) => each !== acceptor);
        resolve(undefined);
      },
    };
  }

  renewSession(sessionId: string): number | undefined {
    const lockedUntil = this.#queue.renewSession(sessionId);
    this.serve();
    return lockedUntil;
  }

  releaseSession(lock: SessionLock): void {
    this.#queue.releaseSession(lock);
    this.serve();
  }

  isSessionHeld(sessionId: string): boolean {
    return this.#queue.isSessionHeld(sessionId);
  }

  sessionState(sessionId: string): Buffer | undefined {
    return this.#queue.sessionState(sessionId);
  }

  setSessionState(sessionId: string, state: Buffer | undefined): Promise<void> {
    return this.#durably(this.#queue.setSessionState(sessionId, state));
  }

  lockDeferred(sequenceNumbers: readonly number[]): Promise<LockedMessage[] | undefined> {
    return this.#durably(this.#queue.lockDeferred(sequenceNumbers));
  }

  takeDeferred(sequenceNumbers: readonly number[]): Promise<StoredMessage[] | undefined> {
    return this.#durably(this.#queue.takeDeferred(sequenceNumbers));
  }

  async accept(messages: readonly IncomingMessage[]): Promise<AcceptOutcome> {
    const outcome = this.#queue.accept(messages);
    await this.#commit();
    if (outcome.kind === 'accepted') {
      this.#queue.confirm(outcome.sequenceNumbers);
      this.serve();
    }
    return outcome;
  }

  complete(lockToken: string): Promise<SettleOutcome> {
    return this.#durably(this.#queue.complete(lockToken));
  }

  abandon(lockToken: string, change: PayloadChange): Promise<SettleOutcome> {
    return this.#durably(this.#queue.abandon(lockToken, change));
  }

  defer(lockToken: string, change: PayloadChange): Promise<SettleOutcome> {
    return this.#durably(this.#queue.defer(lockToken, change));
  }

  release(lockToken: string): Promise<SettleOutcome> {
    return this.#durably(this.#queue.release(lockToken));
  }

  deadLetter(lockToken: string, cause: DeadLetterCause, change: PayloadChange): Promise<SettleOutcome> {
    return this.#durably(this.#queue.deadLetter(lockToken, cause, change));
  }

  cancelScheduled(sequenceNumbers: readonly number[]): Promise<'cancelled' | 'notFound'> {
    return this.#durably(this.#queue.cancelScheduled(sequenceNumbers));
  }

  renewLocks(lockTokens: readonly string[]): readonly number[] | undefined {
    const ends = this.#queue.renewLocks(lockTokens);
    this.serve();
    return ends;
  }

  peek(fromSequenceNumber: number, limit: number, sessionId?: string): PeekedMessage[] {
    this.serve();
    return this.#queue.peek(fromSequenceNumber, limit, sessionId);
  }

  addConsumer(consumer: Consumer): void {
    this.#consumers.push(consumer);
    this.serve();
  }

  removeConsumer(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter((each) => each !== consumer);
  }

  /** Does what is due and hands out messages while there are both messages and credit. */
  serve(): void {
    if (this.#stopped) return;
    this.#queue.advance();
    this.#giveSessions();
    const empty = new Set<string>();
    for (let consumer = this.#nextConsumer(empty); consumer !== undefined; consumer = this.#nextConsumer(empty)) {
      if (!this.#serveOne(consumer)) empty.add(consumer.session?.token ?? '');
    }
    this.#alarm.set(this.#queue.nextDueAt());
    void this.#commit();
    this.#deadLetters?.serve();
  }

  stop(): void {
    this.#stopped = true;
    this.#consumers = [];
    for (const { resolve } of this.#acceptors.splice(0)) resolve(undefined);
    this.#alarm.set(undefined);
  }

  async #durably<T>(outcome: T): Promise<T> {
    const durable = this.#commit();
    this.serve();
    await durable;
    return outcome;
  }

  #serveOne(consumer: Consumer): boolean {
    if (consumer.mode === 'peekLock') {
      const locked = this.#queue.lockNext(consumer.session);
      if (locked !== undefined) consumer.deliver(locked);
      return locked !== undefined;
    }
    const message = this.#queue.takeNext(consumer.session);
    if (message === undefined) return false;
    consumer.reserve();
    this.#commit().then(
      () => consumer.deliver(message),
      () => this.removeConsumer(consumer),
    );
    return true;
  }

  #giveSessions(): void {
    for (let [acceptor] = this.#acceptors; acceptor !== undefined; [acceptor] = this.#acceptors) {
      const lock = this.#queue.acceptSession(undefined);
      if (lock === undefined) return;
      this.#acceptors.shift();
      acceptor.resolve(lock);
    }
  }

  /** The consumer that waited longest goes first and then to the end of the line; of what is known to be empty nobody waits now. */
  #nextConsumer(empty: ReadonlySet<string>): Consumer | undefined {
    const index = this.#consumers.findIndex((consumer) => !empty.has(consumer.session?.token ?? '') && consumer.credit() > 0);
    if (index < 0) return undefined;
    const [consumer] = this.#consumers.splice(index, 1);
    if (consumer !== undefined) this.#consumers.push(consumer);
    return consumer;
  }
}

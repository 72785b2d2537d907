import { Alarm } from './alarm.ts';
import type { AcceptOutcome, IncomingMessage, LockedMessage, PayloadChange, PeekedMessage, Queue, SettleOutcome } from './queue.ts';
import type { StoredMessage } from './queue-state.ts';
import type { DeadLetterCause } from './records.ts';

/** Somebody who waits for messages of one queue. */
export type Consumer = {
  /** How many more messages it takes now. */
  readonly credit: () => number;
} & (
  | { readonly mode: 'peekLock'; readonly deliver: (locked: LockedMessage) => void }
  | { readonly mode: 'receiveAndDelete'; readonly reserve: () => void; readonly deliver: (message: StoredMessage) => void }
);

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

  peek(fromSequenceNumber: number, limit: number): PeekedMessage[] {
    this.serve();
    return this.#queue.peek(fromSequenceNumber, limit);
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
    for (let consumer = this.#nextConsumer(); consumer !== undefined; consumer = this.#nextConsumer()) {
      if (!this.#serveOne(consumer)) break;
    }
    this.#alarm.set(this.#queue.nextDueAt());
    void this.#commit();
    this.#deadLetters?.serve();
  }

  stop(): void {
    this.#stopped = true;
    this.#consumers = [];
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
      const locked = this.#queue.lockNext();
      if (locked !== undefined) consumer.deliver(locked);
      return locked !== undefined;
    }
    const message = this.#queue.takeNext();
    if (message === undefined) return false;
    consumer.reserve();
    this.#commit().then(
      () => consumer.deliver(message),
      () => this.removeConsumer(consumer),
    );
    return true;
  }

  /** The consumer that waited longest goes first and then to the end of the line. */
  #nextConsumer(): Consumer | undefined {
    const index = this.#consumers.findIndex((consumer) => consumer.credit() > 0);
    if (index < 0) return undefined;
    const [consumer] = this.#consumers.splice(index, 1);
    if (consumer !== undefined) this.#consumers.push(consumer);
    return consumer;
  }
}

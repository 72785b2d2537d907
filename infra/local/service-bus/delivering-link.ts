import type { Delivery, EventContext, Sender } from 'rhea';
import type { HappeningFault, QueueFaults } from './faults.ts';
import { lockTokenToTag } from './lock-token.ts';
import type { Consumer, QueueHost } from './queue-host.ts';
import type { StoredMessage } from './queue-state.ts';
import type { LockedMessage, SettleOutcome } from './queue-types.ts';
import {
  type AmqpCondition,
  answerDisposition,
  answerEveryDrain,
  breakConnection,
  grantedCredit,
  isConnected,
  settleOnSending,
  wantsSettledDeliveries,
  writtenCount,
} from './rhea-links.ts';
import type { SessionLock } from './session-locks.ts';
import { asRecord, encodeForReceiver, withProperties } from './wire-message.ts';

/** A client's receiver on one queue: gives it messages within its credit and settles what it answers. */
export class DeliveringLink {
  readonly #sender: Sender;
  readonly #host: QueueHost;
  readonly #faults: QueueFaults;
  readonly #session: SessionLock | undefined;
  readonly #consumer: Consumer;
  readonly #lockTokens = new WeakMap<Delivery, string>();
  readonly #onTheWay = new Set<NodeJS.Timeout>();
  #attached = false;
  #sent = 0;
  #reserved = 0;
  #drained = 0;

  constructor(sender: Sender, host: QueueHost, faults: QueueFaults, session?: SessionLock) {
    this.#sender = sender;
    this.#host = host;
    this.#faults = faults;
    this.#session = session;
    this.#consumer = wantsSettledDeliveries(sender) ? this.#deletingConsumer() : this.#lockingConsumer();
  }

  get sender(): Sender {
    return this.#sender;
  }

  open(): void {
    const sender = this.#sender;
    answerEveryDrain(sender);
    sender.on('sender_flow', () => this.#host.serve());
    sender.on('sender_draining', () => this.#drain());
    sender.on('accepted', (context: EventContext) => this.#settle(context, (token) => this.#host.complete(token)));
    sender.on('released', (context: EventContext) => this.#settle(context, (token) => this.#host.release(token)));
    sender.on('modified', (context: EventContext) => this.#settle(context, (token, state) => this.#modify(token, state)));
    sender.on('rejected', (context: EventContext) => this.#settle(context, (token, state) => this.#reject(token, state)));
    this.#host.addConsumer(this.#consumer);
    this.#serveOnceAttached();
  }

  /** No more deliveries. Locks stay until they end, but a session is free at once, as in Service Bus. */
  close(): void {
    if (this.#session !== undefined) this.#host.releaseSession(this.#session);
    this.#host.removeConsumer(this.#consumer);
    for (const timer of this.#onTheWay) clearTimeout(timer);
  }

  /** rhea writes the answer to an attach in the next tick, and transfers before it: a client that grants credit at once would be lost. */
  #serveOnceAttached(): void {
    process.nextTick(() => {
      this.#attached = true;
      this.#host.serve();
    });
  }

  #lockingConsumer(): Consumer {
    return { mode: 'peekLock', session: this.#session, credit: () => this.#credit(), deliver: (locked) => this.#deliverLocked(locked) };
  }

  #deletingConsumer(): Consumer {
    return {
      mode: 'receiveAndDelete',
      session: this.#session,
      credit: () => this.#credit(),
      reserve: () => {
        this.#reserved += 1;
      },
      deliver: (message) => this.#deliverDeleted(message),
    };
  }

  /** rhea counts a delivery against the credit when it writes it, which is later than when it is handed over. */
  #credit(): number {
    if (!this.#attached || !this.#sender.is_open() || !isConnected(this.#sender.connection)) return 0;
    const unwritten = this.#sent + this.#drained - writtenCount(this.#sender);
    return grantedCredit(this.#sender) - unwritten - this.#reserved;
  }

  #deliverLocked(locked: LockedMessage): void {
    const fault = this.#faults.next('deliver');
    switch (fault?.name) {
      case 'outage':
        this.#faults.beginOutage(fault.durationMs);
        return;
      case 'dropConnection':
        breakConnection(this.#sender.connection);
        return;
      case 'slowDelivery':
        this.#transferLater(locked, fault.durationMs);
        return;
      case 'duplicateDelivery':
        this.#transfer(locked);
        setImmediate(() => void this.#host.abandon(locked.lockToken, undefined));
        return;
      case undefined:
        this.#transfer(locked);
    }
  }

  #transferLater(locked: LockedMessage, delayMs: number): void {
    this.#reserved += 1;
    const timer = setTimeout(() => {
      this.#onTheWay.delete(timer);
      this.#reserved -= 1;
      if (this.#sender.is_open()) this.#transfer(locked);
    }, delayMs);
    this.#onTheWay.add(timer);
  }

  #transfer({ message, lockToken, lockedUntil }: LockedMessage): void {
    const payload = encodeForReceiver(message, { kind: 'received', lockedUntil });
    const delivery = this.#sender.send(payload, lockTokenToTag(lockToken), 0);
    this.#sent += 1;
    this.#lockTokens.set(delivery, lockToken);
  }

  #deliverDeleted(message: StoredMessage): void {
    this.#reserved -= 1;
    if (!this.#sender.is_open()) return;
    settleOnSending(this.#sender.send(encodeForReceiver(message, { kind: 'received', lockedUntil: undefined }), undefined, 0));
    this.#sent += 1;
  }

  #drain(): void {
    this.#drained += Math.max(0, this.#credit());
    this.#sender.set_drained(true);
  }

  #modify(lockToken: string, state: unknown): Promise<SettleOutcome> {
    const properties = propertiesOf(state, 'message_annotations');
    const change = (payload: Buffer) => withProperties(payload, properties);
    if (propertyOf(state, 'undeliverable_here') === true) return this.#host.defer(lockToken, change);
    return this.#host.abandon(lockToken, change);
  }

  #reject(lockToken: string, state: unknown): Promise<SettleOutcome> {
    const {
      DeadLetterReason: reason,
      DeadLetterErrorDescription: description,
      ...properties
    } = propertiesOf(propertyOf(state, 'error'), 'info');
    const cause = { reason: textOf(reason), description: textOf(description) };
    return this.#host.deadLetter(lockToken, cause, (payload) => withProperties(payload, properties));
  }

  #settle(context: EventContext, settle: (lockToken: string, state: unknown) => Promise<SettleOutcome>): void {
    const { delivery } = context;
    const lockToken = delivery === undefined ? undefined : this.#lockTokens.get(delivery);
    if (delivery === undefined || lockToken === undefined) return;
    const fault = this.#faults.next('settle');
    if (fault !== undefined && this.#losesSettlement(fault)) return;
    const answer = (failure: AmqpCondition | undefined): void => {
      if (fault?.name === 'settledButConnectionLost') breakConnection(this.#sender.connection);
      else answerDisposition(delivery, failure);
    };
    settle(lockToken, delivery.remote_state).then(
      (outcome) => answer(this.#failureOf(outcome)),
      () => answer(notKept),
    );
  }

  #failureOf(outcome: SettleOutcome): AmqpCondition | undefined {
    if (outcome === 'settled') return undefined;
    return outcome === 'lockLost' && this.#session !== undefined ? sessionLockLost : settleFailures[outcome];
  }

  /** Whether the fault keeps the settlement from being taken. */
  #losesSettlement({ name, durationMs }: HappeningFault<'settle'>): boolean {
    switch (name) {
      case 'outage':
        this.#faults.beginOutage(durationMs);
        return true;
      case 'dropConnection':
        breakConnection(this.#sender.connection);
        return true;
      case 'loseSettlement':
        this.#sender.close({ ...detached });
        return true;
      case 'settledButConnectionLost':
        return false;
    }
  }
}

const settleFailures: Record<Exclude<SettleOutcome, 'settled'>, AmqpCondition> = {
  lockLost: {
    condition: 'com.microsoft:message-lock-lost',
    description: 'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  },
  notAllowed: { condition: 'amqp:not-allowed', description: 'A dead letter cannot be dead-lettered.' },
};

const sessionLockLost: AmqpCondition = {
  condition: 'com.microsoft:session-lock-lost',
  description: 'The session lock has expired on the message session.',
};
const detached: AmqpCondition = { condition: 'amqp:link:detach-forced', description: 'The link was detached by the broker.' };
const notKept: AmqpCondition = { condition: 'amqp:internal-error', description: 'The settlement could not be kept.' };

function propertiesOf(value: unknown, name: string): Record<string, unknown> {
  return asRecord(propertyOf(value, name));
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

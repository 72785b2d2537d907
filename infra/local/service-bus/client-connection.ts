import type { EventContext, Message, Receiver, Sender, Session } from 'rhea';
import rhea from 'rhea';
import { acceptTransfer } from './accepting-link.ts';
import { Alarm } from './alarm.ts';
import { type AccessRule, ConnectionClaims, sasTokenType, verifySasToken } from './claims.ts';
import { DeliveringLink } from './delivering-link.ts';
import type { Faults, QueueFaults } from './faults.ts';
import { type ManagementResponse, manage } from './management.ts';
import { type NodeAddress, parseNodeAddress } from './node-address.ts';
import type { AwaitedSession, QueueHost } from './queue-host.ts';
import { type AmqpCondition, answerAttach, grantSession, sessionFilter, settleOnSending, withholdAttach } from './rhea-links.ts';
import type { SessionLock } from './session-locks.ts';
import { asRecord } from './wire-message.ts';

export type ConnectionWorld = {
  readonly rule: AccessRule;
  /** The names under which clients may know this namespace, with the port. */
  readonly hosts: readonly string[];
  readonly now: () => number;
  readonly queue: (path: string) => QueueHost | undefined;
  readonly faults: Faults;
  /** Closes the port for a time. */
  readonly beginOutage: (durationMs: number) => void;
};

type OpenLink = { readonly link: Sender | Receiver; readonly address: string };

/** One client's connection: its claims and its links. Nothing but `$cbs` may be attached to without a claim that covers it. */
export class ClientConnection {
  readonly #world: ConnectionWorld;
  readonly #claims = new ConnectionClaims();
  readonly #expiryAlarm: Alarm;
  readonly #replyLinks = new Set<Sender>();
  readonly #delivering = new Map<Sender | Receiver, DeliveringLink>();
  readonly #awaited = new Map<Sender | Receiver, AwaitedSession>();
  #links: OpenLink[] = [];

  constructor(world: ConnectionWorld) {
    this.#world = world;
    this.#expiryAlarm = new Alarm(world.now, () => this.#closeUnclaimed());
  }

  /** The client attaches a receiver. */
  openSender(sender: Sender): void {
    const node = parseNodeAddress(sender.source?.address);
    sender.set_source({ address: addressOf(sender.source) });
    sender.set_target({ address: addressOf(sender.target) });
    const host = this.#admit(sender, node);
    if (node.kind !== 'entity') {
      if (sender.is_open()) this.#replyLinks.add(sender);
      return;
    }
    if (host === undefined) return;
    const filter = asRecord(sender.source.filter);
    if (sessionFilter in filter) this.#openSession(sender, host, node, filter[sessionFilter]);
    else if (host.requiresSession) sender.close({ ...sessionNeeded });
    else this.#deliver(sender, host, node, undefined);
  }

  #deliver(sender: Sender, host: QueueHost, node: NodeAddress & { readonly kind: 'entity' }, session: SessionLock | undefined): void {
    const delivering = new DeliveringLink(sender, host, this.#faultsOf(node.queue), session);
    this.#delivering.set(sender, delivering);
    delivering.open();
  }

  /** A named session is there or not; for any session the answer waits as long as the client says. */
  #openSession(sender: Sender, host: QueueHost, node: NodeAddress & { readonly kind: 'entity' }, wanted: unknown): void {
    if (!host.requiresSession) {
      sender.close({ ...sessionNotAllowed });
      return;
    }
    if (typeof wanted === 'string') {
      const session = host.acceptSession(wanted);
      if (session === undefined) sender.close({ ...sessionLocked });
      else this.#grant(sender, host, node, session);
      return;
    }
    withholdAttach(sender);
    const awaited = host.awaitSession();
    const timer = setTimeout(awaited.end, waitOf(sender));
    this.#awaited.set(sender, awaited);
    void awaited.lock.then((session) => {
      clearTimeout(timer);
      const isWanted = this.#awaited.delete(sender);
      if (!isWanted) return session === undefined ? undefined : host.releaseSession(session);
      answerAttach(sender);
      if (session === undefined) sender.close({ ...noSession });
      else this.#grant(sender, host, node, session);
      return undefined;
    });
  }

  #grant(sender: Sender, host: QueueHost, node: NodeAddress & { readonly kind: 'entity' }, session: SessionLock): void {
    grantSession(sender, addressOf(sender.source), session);
    this.#deliver(sender, host, node, session);
  }

  /** The client attaches a sender. */
  openReceiver(receiver: Receiver): void {
    const node = parseNodeAddress(receiver.target?.address);
    receiver.set_source({ address: addressOf(receiver.source) });
    receiver.set_target({ address: addressOf(receiver.target) });
    const host = this.#admit(receiver, node);
    if (node.kind === 'cbs') receiver.on('message', (context: EventContext) => this.#putToken(context));
    else if (host === undefined) return;
    else if (node.kind === 'management') receiver.on('message', (context: EventContext) => this.#manage(host, context));
    else if (host.hasDeadLetters) this.#acceptTransfers(receiver, host, node.queue);
    else receiver.close({ ...notSentToDeadLetters });
  }

  #acceptTransfers(receiver: Receiver, host: QueueHost, queue: string): void {
    const faults = this.#faultsOf(queue);
    receiver.on('message', (context: EventContext) => void acceptTransfer(host, faults, context));
  }

  #faultsOf(queue: string): QueueFaults {
    const { faults, beginOutage } = this.#world;
    return { next: (moment) => faults.next(moment, queue), beginOutage };
  }

  closeLink(link: Sender | Receiver): void {
    this.#forget((each) => each === link);
  }

  closeSession(session: Session): void {
    this.#forget((each) => each.session === session);
  }

  close(): void {
    this.#forget(() => true);
    this.#expiryAlarm.set(undefined);
  }

  #forget(matches: (link: Sender | Receiver) => boolean): void {
    this.#links = this.#links.filter(({ link }) => !matches(link));
    for (const sender of this.#replyLinks) if (matches(sender)) this.#replyLinks.delete(sender);
    for (const [link, awaited] of this.#awaited) {
      if (!matches(link)) continue;
      this.#awaited.delete(link);
      awaited.end();
    }
    for (const [link, delivering] of this.#delivering) {
      if (!matches(link)) continue;
      delivering.close();
      this.#delivering.delete(link);
    }
  }

  /** Checks claim, then existence; a stranger does not learn which queues exist. Closes the link unless both are there. */
  #admit(link: Sender | Receiver, node: NodeAddress): QueueHost | undefined {
    if (node.kind === 'cbs') return undefined;
    if (!this.#claims.allow(node.address, this.#world.now())) {
      link.close({ ...unauthorized });
      return undefined;
    }
    const host = this.#world.queue(node.queue);
    if (host === undefined) link.close({ ...notFound(node.queue) });
    else this.#links.push({ link, address: node.address });
    return host;
  }

  #putToken(context: EventContext): void {
    const { message, delivery } = context;
    if (message === undefined) return;
    delivery?.accept();
    const { operation, type, name } = asRecord(message['application_properties']);
    const token: unknown = message['body'];
    if (operation !== 'put-token' || type !== sasTokenType || typeof name !== 'string' || typeof token !== 'string') {
      this.#reply(message, cbsAnswer(400, 'Only put-token with a shared access token is served here.'));
      return;
    }
    const { rule, hosts, now } = this.#world;
    const outcome = verifySasToken(token, name, rule, hosts, now());
    if (outcome.kind === 'granted') {
      this.#claims.add(outcome.grant);
      this.#expiryAlarm.set(this.#claims.nextExpiry(now()));
      this.#reply(message, cbsAnswer(202, 'Accepted'));
    } else {
      this.#reply(message, cbsAnswer(401, outcome.description));
    }
  }

  #manage(host: QueueHost, context: EventContext): void {
    const { message, delivery } = context;
    if (message === undefined) return;
    delivery?.accept();
    const { operation } = asRecord(message['application_properties']);
    manage(host, operation, message['body']).then(
      (response) => this.#reply(message, managementAnswer(response)),
      () => this.#reply(message, managementAnswer(notKept)),
    );
  }

  #reply(request: Message, answer: Record<string, unknown>): void {
    const replyTo: unknown = request['reply_to'];
    const sender = [...this.#replyLinks].find((each) => each.target?.address === replyTo || each.name === replyTo);
    if (sender?.is_open() !== true) return;
    const correlationId: unknown = request['message_id'];
    settleOnSending(sender.send(rhea.message.encode({ correlation_id: correlationId, ...answer }), undefined, 0));
  }

  /** A claim that was not renewed ends the links that rested on it. */
  #closeUnclaimed(): void {
    const now = this.#world.now();
    const unclaimed = this.#links.filter(({ address }) => !this.#claims.allow(address, now));
    for (const { link } of unclaimed) {
      link.close({ ...unauthorized });
      this.closeLink(link);
    }
    this.#expiryAlarm.set(this.#claims.nextExpiry(now));
  }
}

/** How long the client waits for any session, in milliseconds; a minute where it does not say. */
function waitOf(sender: Sender): number {
  const wait = asRecord(sender.properties)['com.microsoft:timeout'];
  return typeof wait === 'number' && wait > 0 && wait < 2 ** 31 ? wait : 60_000;
}

function addressOf(terminus: { readonly address?: unknown } | undefined): string {
  return typeof terminus?.address === 'string' ? terminus.address : '';
}

const unauthorized: AmqpCondition = {
  condition: 'amqp:unauthorized-access',
  description: 'Unauthorized access. A valid claim for this entity is required to perform this operation.',
};
const notSentToDeadLetters: AmqpCondition = {
  condition: 'amqp:not-allowed',
  description: 'Messages cannot be sent to a dead-letter queue.',
};
const sessionNeeded: AmqpCondition = {
  condition: 'amqp:not-allowed',
  description: 'It is not possible for an entity that requires sessions to create a non-sessionful message receiver.',
};
const sessionNotAllowed: AmqpCondition = {
  condition: 'amqp:not-allowed',
  description: 'A sessionful message receiver cannot be created on an entity that does not require sessions.',
};
const sessionLocked: AmqpCondition = {
  condition: 'com.microsoft:session-cannot-be-locked',
  description: 'The requested session cannot be accepted. It may be locked by another receiver.',
};
const noSession: AmqpCondition = { condition: 'com.microsoft:timeout', description: 'There was no session to accept in the time given.' };
const notKept: ManagementResponse = {
  statusCode: 500,
  statusDescription: 'The change could not be kept.',
  errorCondition: 'amqp:internal-error',
  body: undefined,
};

function notFound(path: string): AmqpCondition {
  return { condition: 'amqp:not-found', description: `The messaging entity '${path}' could not be found.` };
}

function cbsAnswer(statusCode: number, statusDescription: string): Record<string, unknown> {
  return { application_properties: { 'status-code': rhea.types.wrap_int(statusCode), 'status-description': statusDescription } };
}

function managementAnswer(response: ManagementResponse): Record<string, unknown> {
  const { statusCode, statusDescription, errorCondition, body } = response;
  return {
    application_properties: {
      statusCode: rhea.types.wrap_int(statusCode),
      statusDescription,
      ...(errorCondition === undefined ? {} : { errorCondition: rhea.types.wrap_symbol(errorCondition) }),
    },
    body,
  };
}

import { Socket } from 'node:net';
import rhea, { type Connection, type Delivery, type Sender } from 'rhea';
import type { SessionLock } from './session-locks.ts';

/** What of rhea's connections, links and outcomes its type declarations leave out, read and written in this one place. */

export type AmqpCondition = { readonly condition: string; readonly description: string };

/** The credit that the peer has granted and rhea has not yet used up by writing transfers. */
export function grantedCredit(sender: Sender): number {
  return numberProperty(sender, 'credit');
}

/** Transfers that rhea has written on the link so far, plus the credit that it has given up in drains. */
export function writtenCount(sender: Sender): number {
  return numberProperty(sender, 'delivery_count');
}

/** Whether the peer asked the sender to settle each delivery on sending it (receive and delete). */
export function wantsSettledDeliveries(sender: Sender): boolean {
  return sender.snd_settle_mode === 1;
}

/** Sends settled: the peer will not answer. Must follow `send` before rhea writes the transfer, that is at once. */
export function settleOnSending(delivery: Delivery): void {
  Reflect.set(delivery, 'settled', true);
}

/**
 * Answers the peer's disposition and settles. Afterwards rhea may forget the delivery; it would keep it for ever, because a peer
 * whose link settles second never sends a settled disposition.
 */
export function answerDisposition(delivery: Delivery, failure: AmqpCondition | undefined): void {
  delivery.update(true, failure === undefined ? accepted() : rejected(failure));
  Reflect.set(delivery, 'remote_settled', true);
}

/**
 * Makes every drain request answered. rhea answers only while credit is left; when a message crossed the request, none is, and the
 * client would wait in vain and close its link.
 */
export function answerEveryDrain(sender: Sender): void {
  let asked = false;
  sender.on('sender_draining', () => {
    asked = true;
  });
  Reflect.set(sender, '_get_drain', () => {
    const answer = asked;
    if (answer) {
      Reflect.set(sender, 'delivery_count', writtenCount(sender) + grantedCredit(sender));
      Reflect.set(sender, 'credit', 0);
      asked = false;
    }
    return answer;
  });
}

/**
 * Answers at once whatever the client sends, with an empty frame where there is nothing to say. The clients batch small writes until
 * the last one is acknowledged, and an operating system that has nothing to send holds acknowledgements back for some 40 ms.
 */
export function acknowledgeAtOnce(connection: Connection): void {
  const socket = socketOf(connection);
  if (socket === undefined) return;
  let written = socket.bytesWritten;
  socket.on('data', () => {
    setImmediate(() => {
      if (socket.bytesWritten === written && socket.writable && connection.is_open()) socket.write(emptyFrame);
      written = socket.bytesWritten;
    });
  });
}

/** Size 8, data offset 2 words, type AMQP, channel 0: what AMQP peers send to show that they are there. */
const emptyFrame = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);

/** Puts off the answer to the attach that was just read; rhea would write it in the next tick. */
export function withholdAttach(sender: Sender): void {
  const state: unknown = Reflect.get(sender, 'state');
  if (typeof state !== 'object' || state === null) throw new TypeError("rhea's link has no state");
  Reflect.set(state, 'local_open', false);
  Reflect.set(state, 'open_requests', 0);
}

/** Answers an attach that was put off. */
export function answerAttach(sender: Sender): void {
  const open: unknown = Reflect.get(sender, 'open');
  if (typeof open !== 'function') throw new TypeError("rhea's link cannot be opened");
  Reflect.apply(open, sender, []);
}

/** Says in the answer to an attach which session the receiver holds, and until when. Must come before rhea writes that answer. */
export function grantSession(sender: Sender, address: string, { sessionId, lockedUntil }: SessionLock): void {
  sender.set_source({ address, filter: { [sessionFilter]: sessionId } });
  const local: unknown = Reflect.get(sender, 'local');
  const attach: unknown = typeof local === 'object' && local !== null ? Reflect.get(local, 'attach') : undefined;
  if (typeof attach !== 'object' || attach === null) throw new TypeError("rhea's link has no attach");
  Reflect.set(attach, 'properties', { 'com.microsoft:locked-until-utc': rhea.types.wrap_long(ticksOf(lockedUntil)) });
}

export const sessionFilter = 'com.microsoft:session-filter';

/** 100 ns since the year 1, as .NET counts, in 8 bytes. */
function ticksOf(epochMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(epochMs) * 10_000n + 621_355_968_000_000_000n);
  return bytes;
}

/** Ends a connection without a word, as a network does. */
export function breakConnection(connection: Connection): void {
  socketOf(connection)?.destroy();
}

/** Acts once when a connection is gone, however it went: rhea itself says nothing of one that was broken at this end. */
export function onceGone(connection: Connection, act: () => void): void {
  socketOf(connection)?.once('close', act);
}

/** Whether what is written can still go out; rhea learns of a broken connection a little later. */
export function isConnected(connection: Connection): boolean {
  return socketOf(connection)?.destroyed === false;
}

function socketOf(connection: Connection): Socket | undefined {
  const socket: unknown = connection['socket'];
  return socket instanceof Socket ? socket : undefined;
}

function accepted(): unknown {
  return rhea.types.described(rhea.types.wrap_ulong(0x24), rhea.types.wrap_list([]));
}

function rejected({ condition, description }: AmqpCondition): unknown {
  const { types } = rhea;
  const error = types.described(types.wrap_ulong(0x1d), types.wrap_list([types.wrap_symbol(condition), types.wrap_string(description)]));
  return types.described(types.wrap_ulong(0x25), types.wrap_list([error]));
}

function numberProperty(target: object, name: string): number {
  const value: unknown = Reflect.get(target, name);
  if (typeof value !== 'number') throw new TypeError(`rhea's ${name} is not a number`);
  return value;
}

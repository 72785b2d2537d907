import rhea, { type Delivery, type Sender } from 'rhea';

/** What of rhea's links, sessions and outcomes its type declarations leave out, read and written in this one place. */

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

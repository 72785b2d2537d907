import { makeSeededRandom } from '../seeded-random.ts';
import { entityKey } from './settings.ts';

/** What can happen between Service Bus and a client, by the moment at which it happens. */
const namesByMoment = {
  /** A client's transfer has come. */
  send: ['outage', 'dropConnection', 'sendRefused', 'sendAcceptedButConnectionLost'],
  /** A message is locked for a client. */
  deliver: ['outage', 'dropConnection', 'slowDelivery', 'duplicateDelivery'],
  /** A client says what became of a message. */
  settle: ['outage', 'dropConnection', 'loseSettlement', 'settledButConnectionLost'],
} as const;

export type FaultMoment = keyof typeof namesByMoment;
export type FaultAt<Moment extends FaultMoment> = (typeof namesByMoment)[Moment][number];

/**
 * `outage`: the port is closed for a time. `dropConnection`: the connection breaks before anything is done. `sendRefused`: the namespace says that
 * it is busy. `sendAcceptedButConnectionLost`: the message is kept, its sender never learns it. `slowDelivery`: a locked message is long on its
 * way. `duplicateDelivery`: the lock ends at once, so that somebody else gets the message while the first still works on it. `loseSettlement`: a
 * settlement is not kept and the link is detached. `settledButConnectionLost`: it is kept, its receiver never learns it.
 */
export type FaultName = FaultAt<FaultMoment>;

const moments = ['send', 'deliver', 'settle'] as const satisfies readonly FaultMoment[];

export const faultNames: readonly FaultName[] = [...new Set(moments.flatMap((moment) => namesByMoment[moment]))];

export type Fault = {
  readonly name: FaultName;
  /** Only there; on every queue where left out. The dead letters of a queue are `QUEUE/$deadletterqueue`. */
  readonly queue?: string;
  /** Only then; at the next moment that has such a fault where left out. */
  readonly at?: FaultMoment;
  /** How often, one after the other; once where left out. */
  readonly times?: number;
  /** How long an outage or a slow delivery takes; 500 where left out. */
  readonly durationMs?: number;
};

export type RandomFaults = {
  readonly seed: number;
  /** How likely each is, from 0 to 1, at each moment that has it; what is left out does not happen. */
  readonly rates: Readonly<Partial<Record<FaultName, number>>>;
  readonly durationMs?: number;
};

/** How often something came about between a queue and its clients, whether or not a fault happened then. */
export type Occasions = { readonly moment: FaultMoment; readonly queue: string; readonly times: number };

/** What a test asks of the stand-in. */
export type FaultControl = {
  /** Lets a fault happen at the next occasion; several stand in line. Throws `RangeError` for one that cannot happen. */
  readonly inject: (fault: Fault) => void;
  /** Lets faults happen by chance from now on, in place of what was said before. Throws `RangeError` for a rate that is none. */
  readonly randomly: (faults: RandomFaults) => void;
  /** Ends all faults, those that stand in line too. */
  readonly clear: () => void;
  /** How many of each have happened since the start. */
  readonly happened: () => Readonly<Record<FaultName, number>>;
  /** Transfers that came (a batch is one), messages that went out, and settlements, since the start. */
  readonly occasions: () => readonly Occasions[];
};

export type HappeningFault<Moment extends FaultMoment> = { readonly name: FaultAt<Moment>; readonly durationMs: number };

const defaultDurationMs = 500;

/** The faults of one queue, as its links meet them. */
export type QueueFaults = {
  readonly next: <Moment extends FaultMoment>(moment: Moment) => HappeningFault<Moment> | undefined;
  /** Closes the port for a time; every connection breaks at once. */
  readonly beginOutage: (durationMs: number) => void;
};

/** Decides at each moment whether a fault happens: what was injected first, then chance. */
export class Faults implements FaultControl {
  readonly #counts = new Map<FaultName, number>();
  readonly #occasions = new Map<string, Occasions>();
  #injected: { readonly fault: Fault; left: number }[] = [];
  #random: (RandomFaults & { readonly draw: () => number }) | undefined;

  readonly inject = (fault: Fault): void => {
    const { name, at, times = 1, durationMs = defaultDurationMs } = fault;
    if (!moments.some((moment) => (at === undefined || at === moment) && happensAt(name, moment)))
      throw new RangeError(`${name} does not happen at ${at ?? 'any moment'}`);
    if (!Number.isSafeInteger(times) || times < 1 || !(durationMs > 0)) throw new RangeError('times and durationMs must be positive');
    this.#injected.push({ fault, left: times });
  };

  readonly randomly = (faults: RandomFaults): void => {
    if (Object.values(faults.rates).some((rate) => !(rate >= 0 && rate <= 1))) throw new RangeError('a rate is a number from 0 to 1');
    this.#random = { ...faults, draw: makeSeededRandom(faults.seed) };
  };

  readonly clear = (): void => {
    this.#injected = [];
    this.#random = undefined;
  };

  readonly happened = (): Readonly<Record<FaultName, number>> => {
    const count = (name: FaultName): number => this.#counts.get(name) ?? 0;
    return {
      outage: count('outage'),
      dropConnection: count('dropConnection'),
      sendRefused: count('sendRefused'),
      sendAcceptedButConnectionLost: count('sendAcceptedButConnectionLost'),
      slowDelivery: count('slowDelivery'),
      duplicateDelivery: count('duplicateDelivery'),
      loseSettlement: count('loseSettlement'),
      settledButConnectionLost: count('settledButConnectionLost'),
    };
  };

  readonly occasions = (): readonly Occasions[] => [...this.#occasions.values()];

  /** The fault of this moment on a queue; asking makes it happen. */
  next<Moment extends FaultMoment>(moment: Moment, queue: string): HappeningFault<Moment> | undefined {
    const occasion = `${moment} ${queue}`;
    this.#occasions.set(occasion, { moment, queue, times: (this.#occasions.get(occasion)?.times ?? 0) + 1 });
    const names: readonly FaultAt<Moment>[] = namesByMoment[moment];
    const fault = this.#nextInjected(moment, names, queue) ?? this.#nextByChance(names);
    if (fault !== undefined) this.#counts.set(fault.name, (this.#counts.get(fault.name) ?? 0) + 1);
    return fault;
  }

  #nextInjected<Moment extends FaultMoment>(
    moment: Moment,
    names: readonly FaultAt<Moment>[],
    queue: string,
  ): HappeningFault<Moment> | undefined {
    for (const waiting of this.#injected) {
      const { fault } = waiting;
      const name = names.find((each) => each === fault.name);
      const isHere = fault.queue === undefined || entityKey(fault.queue) === queue;
      if (name === undefined || !isHere || (fault.at !== undefined && fault.at !== moment)) continue;
      waiting.left -= 1;
      if (waiting.left === 0) this.#injected = this.#injected.filter((each) => each !== waiting);
      return { name, durationMs: fault.durationMs ?? defaultDurationMs };
    }
    return undefined;
  }

  #nextByChance<Moment extends FaultMoment>(names: readonly FaultAt<Moment>[]): HappeningFault<Moment> | undefined {
    const random = this.#random;
    if (random === undefined) return undefined;
    const name = names.find((each) => random.draw() < (random.rates[each] ?? 0));
    return name === undefined ? undefined : { name, durationMs: random.durationMs ?? defaultDurationMs };
  }
}

function happensAt(name: FaultName, moment: FaultMoment): boolean {
  return namesByMoment[moment].some((each) => each === name);
}

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { makeSeededRandom } from '../seeded-random.ts';

/** What can go wrong between ARM and a client, by the moment at which it happens. */
const namesByMoment = {
  /** The token has verified; nothing is done yet. */
  arrival: ['throttle', 'unavailable', 'resetBeforeEffect', 'slowBeforeEffect'],
  /** A long-running operation begins. */
  operation: ['failLongRunning', 'stallLongRunning', 'forgetOperation'],
  /** Everything is done and in the log. */
  answer: ['lostPollingAddress', 'resetAfterEffect', 'slow', 'truncatedBody', 'notJson'],
} as const;

export type FaultMoment = keyof typeof namesByMoment;
export type FaultName = (typeof namesByMoment)[FaultMoment][number];
export const faultNames: readonly FaultName[] = [...namesByMoment.arrival, ...namesByMoment.operation, ...namesByMoment.answer];

/** Which requests meet a fault; what is left out does not matter. Texts compare without casing. */
const faultMatch = z.strictObject({
  method: z.string().min(1).exactOptional(),
  /** How the path ends, without the query: `/virtualMachines/vm-dev-1`. */
  pathEnd: z.string().min(1).exactOptional(),
  /** What stands somewhere in the path: `/operations/` picks out polls of a status, `/operationresults/` those of a result. */
  pathPart: z.string().min(1).exactOptional(),
  clientRequestId: z.string().min(1).exactOptional(),
});
export type FaultMatch = z.infer<typeof faultMatch>;

const occasions = {
  match: faultMatch.exactOptional(),
  /** The first occasion that counts, from 1; the first one where left out. */
  nth: z.int().positive().exactOptional(),
  /** How often, one after the other; once where left out. */
  times: z.int().positive().exactOptional(),
};
const retryAfter = {
  retryAfterSeconds: z.int().nonnegative().max(86_400).exactOptional(),
  /** How `Retry-After` is written; `seconds` where left out (RFC 9110, 10.2.3). */
  retryAfterAs: z.enum(['seconds', 'date']).exactOptional(),
};
/** Left out, it lasts until it is released. */
const delay = { delayMs: z.int().nonnegative().max(600_000).exactOptional() };

/**
 * `throttle`: 429, after one second where nothing else is said. `unavailable`: 503, with `Retry-After` only where it is said.
 * `resetBeforeEffect` and `resetAfterEffect`: the connection breaks without an answer, and nothing or everything is done.
 * `slowBeforeEffect` and `slow`: the request or its answer is long on its way. `truncatedBody`: the connection breaks within the body.
 * `notJson`: a page of some gateway in place of the body. `lostPollingAddress`: an accepted operation without the headers that lead to it.
 * `failLongRunning`: the operation ends as failed, without its effect. `stallLongRunning`: it does not end until it is released.
 * `forgetOperation`: it goes on, but whoever asks about it is told that there is none.
 */
export const fault = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('throttle'), ...occasions, ...retryAfter }),
  z.strictObject({ name: z.literal('unavailable'), ...occasions, ...retryAfter }),
  z.strictObject({ name: z.literal('resetBeforeEffect'), ...occasions }),
  z.strictObject({ name: z.literal('slowBeforeEffect'), ...occasions, ...delay }),
  z.strictObject({
    name: z.literal('failLongRunning'),
    ...occasions,
    code: z.string().min(1).exactOptional(),
    message: z.string().min(1).exactOptional(),
  }),
  z.strictObject({ name: z.literal('stallLongRunning'), ...occasions }),
  z.strictObject({ name: z.literal('forgetOperation'), ...occasions }),
  z.strictObject({ name: z.literal('lostPollingAddress'), ...occasions }),
  z.strictObject({ name: z.literal('resetAfterEffect'), ...occasions }),
  z.strictObject({ name: z.literal('slow'), ...occasions, ...delay }),
  z.strictObject({ name: z.literal('truncatedBody'), ...occasions }),
  z.strictObject({ name: z.literal('notJson'), ...occasions }),
]);
export type Fault = z.infer<typeof fault>;

export const randomFaults = z.strictObject({
  seed: z.int(),
  /** How likely each is, from 0 to 1, on each occasion; what is left out does not happen. */
  rates: z.partialRecord(z.enum(faultNames), z.number().min(0).max(1)),
  match: faultMatch.exactOptional(),
  ...retryAfter,
  /** How long a slow one takes; 100 where left out. */
  delayMs: z.int().nonnegative().max(600_000).exactOptional(),
});
export type RandomFaults = z.infer<typeof randomFaults>;

/** A fault that was injected. */
export type InjectedFault = {
  readonly id: string;
  /** How often it has happened. */
  readonly happened: () => number;
  /** Resolves when it happens for the first time. */
  readonly reached: Promise<void>;
  /** Lets what it holds go on: slow requests and answers, stalled operations. */
  readonly release: () => void;
};

/** What a test asks of the stand-in. */
export type FaultControl = {
  /** Lets a fault happen on the next occasions that it matches; several stand in line. */
  readonly inject: (fault: Fault) => InjectedFault;
  /** Lets faults happen by chance from now on, in place of what was said before. */
  readonly randomly: (faults: RandomFaults) => void;
  /** Releases what the fault holds; false where there is no such fault. */
  readonly release: (id: string) => boolean;
  /** Ends all faults, those that stand in line too, and releases what they hold. */
  readonly clear: () => void;
  /** As {@link FaultControl.clear}, but stalled operations stay as they are: what the stand-in does when it stops. */
  readonly letGo: () => void;
  /** How many of each have happened since the start. */
  readonly happened: () => Readonly<Partial<Record<FaultName, number>>>;
};

export type FaultyRequest = { readonly method: string; readonly path: string; readonly clientRequestId: string | null };

/** A fault that happens to a request; `released` resolves when its holder lets go. */
export type HappeningFault = { readonly id: string; readonly fault: Fault; readonly released: Promise<void> };

/** The faults of one request, as it goes on its way. */
export type RequestFaults = {
  /** The fault of this moment among those that are possible; asking makes it happen. */
  readonly next: (moment: FaultMoment, isPossible?: (name: FaultName) => boolean) => HappeningFault | undefined;
  /** The names of those that have happened to the request. */
  readonly met: () => readonly FaultName[];
};

type Line = {
  readonly id: string;
  readonly fault: Fault;
  occasions: number;
  happened: number;
  readonly reached: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
};

const chanceId = 'chance';
const defaultDelayMs = 100;

/** Decides at each moment of each request whether a fault happens: what was injected first, then chance. */
export class Faults implements FaultControl {
  readonly #counts = new Map<FaultName, number>();
  readonly #onRelease: (id: string | undefined) => void;
  #lines: readonly Line[] = [];
  #random: (RandomFaults & { readonly draw: () => number; readonly released: PromiseWithResolvers<void> }) | undefined;

  /** `onRelease` is told the id of the fault that lets go, or undefined where all do. */
  constructor(onRelease: (id: string | undefined) => void) {
    this.#onRelease = onRelease;
  }

  readonly inject = (injected: Fault): InjectedFault => {
    const line: Line = {
      id: randomUUID(),
      fault: fault.parse(injected),
      occasions: 0,
      happened: 0,
      reached: Promise.withResolvers(),
      released: Promise.withResolvers(),
    };
    this.#lines = [...this.#lines, line];
    return { id: line.id, happened: () => line.happened, reached: line.reached.promise, release: () => this.#releaseLine(line) };
  };

  readonly randomly = (faults: RandomFaults): void => {
    const checked = randomFaults.parse(faults);
    this.#random?.released.resolve();
    this.#onRelease(chanceId);
    this.#random = { ...checked, draw: makeSeededRandom(checked.seed), released: Promise.withResolvers() };
  };

  readonly release = (id: string): boolean => {
    const line = this.#lines.find((each) => each.id === id);
    if (line !== undefined) {
      this.#releaseLine(line);
    }
    return line !== undefined;
  };

  readonly clear = (): void => {
    this.letGo();
    this.#onRelease(undefined);
  };

  readonly happened = (): Readonly<Partial<Record<FaultName, number>>> => Object.fromEntries(this.#counts);

  readonly letGo = (): void => {
    for (const { released } of this.#lines) {
      released.resolve();
    }
    this.#lines = [];
    this.#random?.released.resolve();
    this.#random = undefined;
  };

  /** Follows one request. */
  of(request: FaultyRequest): RequestFaults {
    const met: FaultName[] = [];
    return {
      next: (moment, isPossible = () => true) => {
        const names = namesByMoment[moment].filter(isPossible);
        const happening = this.#nextInjected(names, request) ?? this.#nextByChance(names, request);
        if (happening !== undefined) {
          const { name } = happening.fault;
          met.push(name);
          this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
        }
        return happening;
      },
      met: () => met,
    };
  }

  /** Every fault in line counts the occasion, but only the first that is due happens. */
  #nextInjected(names: readonly FaultName[], request: FaultyRequest): HappeningFault | undefined {
    const waiting = this.#lines.filter(({ fault: { name, match } }) => names.includes(name) && isMatch(match, request));
    let first: Line | undefined;
    for (const line of waiting) {
      line.occasions += 1;
      const { nth = 1, times = 1 } = line.fault;
      if (first === undefined && line.occasions >= nth && line.happened < times) {
        first = line;
      }
    }
    if (first === undefined) {
      return undefined;
    }
    first.happened += 1;
    first.reached.resolve();
    return { id: first.id, fault: first.fault, released: first.released.promise };
  }

  #nextByChance(names: readonly FaultName[], request: FaultyRequest): HappeningFault | undefined {
    const random = this.#random;
    if (random === undefined || !isMatch(random.match, request)) {
      return undefined;
    }
    const name = names.find((each) => random.draw() < (random.rates[each] ?? 0));
    return name === undefined ? undefined : { id: chanceId, fault: byChance(name, random), released: random.released.promise };
  }

  #releaseLine(line: Line): void {
    line.released.resolve();
    this.#onRelease(line.id);
  }
}

function isMatch(match: FaultMatch | undefined, { method, path, clientRequestId }: FaultyRequest): boolean {
  const wanted = (text: string | undefined, holds: (lower: string) => boolean): boolean => text === undefined || holds(text.toLowerCase());
  return (
    wanted(match?.method, (text) => method.toLowerCase() === text) &&
    wanted(match?.pathEnd, (text) => path.toLowerCase().endsWith(text)) &&
    wanted(match?.pathPart, (text) => path.toLowerCase().includes(text)) &&
    wanted(match?.clientRequestId, (text) => clientRequestId?.toLowerCase() === text)
  );
}

function byChance(name: FaultName, { retryAfterSeconds, retryAfterAs, delayMs = defaultDelayMs }: RandomFaults): Fault {
  const headers = {
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(retryAfterAs === undefined ? {} : { retryAfterAs }),
  };
  switch (name) {
    case 'throttle':
    case 'unavailable':
      return { name, ...headers };
    case 'slow':
    case 'slowBeforeEffect':
      return { name, delayMs };
    case 'resetBeforeEffect':
    case 'failLongRunning':
    case 'stallLongRunning':
    case 'forgetOperation':
    case 'lostPollingAddress':
    case 'resetAfterEffect':
    case 'truncatedBody':
    case 'notJson':
      return { name };
  }
}

/** What a process that died leaves behind: an error that no code of ours knows. */
export class ProcessDied extends Error {
  constructor(call: string) {
    super(`the process died at ${call}`);
    this.name = 'ProcessDied';
  }
}

export type Interruptions = {
  /** The calls of ports so far, such as `store.append`; what ran in between is not among them. */
  readonly calls: readonly string[];
  /** The process dies when this call (1 for the first) has had its effect and before its answer is known; from then on every call fails. More calls: it dies again and again. */
  dieAfter(...calls: readonly number[]): void;
  /** The process dies just before this call. */
  dieBefore(call: number): void;
  /** The next process: calls are counted on, and nothing is left of the death. */
  restart(): void;
  /** Something else runs, whole, just before this call. */
  runBefore(call: number, other: () => Promise<void>): void;
  /** True from a death to the restart, whether anybody noticed the error or not. */
  readonly isDead: boolean;
  /** True once what {@link Interruptions.dieAfter} or {@link Interruptions.runBefore} planned has come to pass. */
  readonly happened: boolean;
  /** The same port, with its calls counted and interrupted. */
  wrap<Port extends object>(name: string, port: Port, methods: readonly (keyof Port & string)[]): Port;
};

/** Plans a death of the process, or a competitor, at one exact call of a port. */
export function makeInterruptions(): Interruptions {
  const calls: string[] = [];
  let lastCalls: readonly number[] = [];
  let neverMade: number | undefined;
  let competitor: { readonly call: number; readonly run: () => Promise<void> } | undefined;
  let state: 'alive' | 'dead' | 'competitorRuns' = 'alive';
  let happened = false;

  const around = async (name: string, perform: () => Promise<unknown>): Promise<unknown> => {
    if (state === 'dead') throw new ProcessDied(name);
    if (state === 'competitorRuns') return await perform();
    calls.push(name);
    const call = calls.length;
    if (competitor?.call === call) {
      state = 'competitorRuns';
      happened = true;
      await competitor.run();
      state = 'alive';
    }
    if (neverMade === call) {
      state = 'dead';
      happened = true;
      throw new ProcessDied(name);
    }
    const answer = await perform();
    if (!lastCalls.includes(call)) return answer;
    state = 'dead';
    happened = true;
    throw new ProcessDied(name);
  };

  return {
    calls,
    get isDead() {
      return state === 'dead';
    },
    get happened() {
      return happened;
    },
    dieAfter: (...deaths) => {
      lastCalls = deaths;
    },
    dieBefore: (call) => {
      neverMade = call;
    },
    restart: () => {
      state = 'alive';
    },
    runBefore: (call, run) => {
      competitor = { call, run };
    },
    wrap: (portName, port, methods) =>
      new Proxy(port, {
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key);
          const method = methods.find((known) => known === key);
          if (method === undefined || typeof value !== 'function') return value;
          return (...args: readonly unknown[]) => around(`${portName}.${method}`, async () => await Reflect.apply(value, target, args));
        },
      }),
  };
}

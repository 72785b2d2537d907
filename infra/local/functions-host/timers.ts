import type { TypedData } from './core-types.ts';
import type { Invoker } from './invocation.ts';
import { logFailure } from './log.ts';
import { makeTraceContext } from './trace-context.ts';
import type { FunctionDefinition, TimerTrigger } from './triggers.ts';

export type Timers = {
  readonly start: () => void;
  /** Starts no more; resolves when the invocations under way have ended. */
  readonly stop: () => Promise<void>;
};

export type TimerStatus = { readonly last: Date | undefined; readonly next: Date };

/** So often the clock is looked at again: a machine that slept, or whose clock was set, comes to its timers soon. */
const lookEveryMs = 1_000;

/** What .NET writes for a time that never was. */
const never = '0001-01-01T00:00:00+00:00';

/** Runs each timer on its schedule, one invocation of it at a time; a failed one does not end the schedule. */
export function makeTimers(definitions: readonly FunctionDefinition<TimerTrigger>[], invoker: Invoker): Timers {
  const timers = definitions.map((definition) => makeTimer(definition, invoker));
  return {
    start: () => {
      for (const timer of timers) {
        timer.start();
      }
    },
    stop: async () => {
      await Promise.all(timers.map((timer) => timer.stop()));
    },
  };
}

/** `TimerInfo` as the host serialises it; a timer without a kept status has none. */
export function timerData({ monitored }: TimerTrigger, status: TimerStatus): TypedData {
  const last = status.last?.toISOString() ?? never;
  const info = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: monitored ? { Last: last, Next: status.next.toISOString(), LastUpdated: last } : null,
    IsPastDue: false,
  };
  return { json: JSON.stringify(info) };
}

function makeTimer(definition: FunctionDefinition<TimerTrigger>, invoker: Invoker): Timers {
  const { schedule, runOnStartup } = definition.trigger;
  let status: TimerStatus = { last: undefined, next: schedule.next(new Date()) };
  let invocation: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const arm = (): void => {
    if (stopped) {
      return;
    }
    const waitMs = status.next.getTime() - Date.now();
    timer = waitMs > lookEveryMs ? setTimeout(arm, lookEveryMs) : setTimeout(fire, Math.max(waitMs, 0), true);
  };
  const fire = (scheduled: boolean): void => {
    const startedAt = new Date();
    invocation = invokeTimer(definition, status, invoker).then(() => {
      // setTimeout may be a little early; counted from that moment the same occurrence would come again.
      const last = scheduled && status.next > startedAt ? status.next : startedAt;
      status = { last, next: schedule.next(last) };
      arm();
    });
  };
  return {
    start: () => (runOnStartup && !stopped ? fire(false) : arm()),
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await invocation;
    },
  };
}

async function invokeTimer(definition: FunctionDefinition<TimerTrigger>, status: TimerStatus, invoker: Invoker): Promise<void> {
  const invocationId = invoker.newInvocationId();
  try {
    const traceContext = makeTraceContext(undefined, undefined);
    await invoker.invoke(definition, invocationId, { data: timerData(definition.trigger, status), metadata: {}, traceContext });
  } catch (error) {
    logFailure('The function failed.', error, { function: definition.name, invocationId });
  }
}

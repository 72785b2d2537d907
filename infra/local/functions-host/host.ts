import { pathToFileURL } from 'node:url';
import { listFunctions } from './admin-listing.ts';
import { type CoreModule, provideCoreModule } from './core-module.ts';
import type { ProgrammingModel } from './core-types.ts';
import { HostFailure } from './failure.ts';
import { type Environment, type HostSettings, readHostSettings } from './host-settings.ts';
import { type HttpServer, openHttpServer } from './http-server.ts';
import { startStreaming } from './http-stream.ts';
import { makeInvoker, runHooks } from './invocation.ts';
import { logSystem } from './log.ts';
import type { QueueTriggers } from './queue-triggers.ts';
import { makeTimers } from './timers.ts';
import { type FunctionDefinition, type HttpTrigger, isDisabled, type QueueTrigger, readFunction, type TimerTrigger } from './triggers.ts';

export type HostOptions = {
  /** Absolute path of the module that registers the functions. */
  readonly entryPath: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** The app settings. */
  readonly env: Environment;
  /** Whether the timers run here. */
  readonly timers: boolean;
};

export type Host = {
  readonly port: number;
  /** Names, in the order of registration. */
  readonly functions: readonly string[];
  /** Resolves when every receiver is open and the timers run; while Service Bus is away that is not yet. */
  readonly ready: Promise<void>;
  /** Takes nothing new, waits at most `drainMs` for what is running, runs the terminate hooks and closes every client. */
  readonly stop: (drainMs: number) => Promise<void>;
};

/** Loads the entry and runs what it registers. Resolves when HTTP is served. Throws `HostFailure`. */
export async function startHost({ entryPath, port, env, timers: runsTimers }: HostOptions): Promise<Host> {
  const settings = readHostSettings(entryPath, env);
  const core = provideCoreModule(logSystem);
  await loadEntry(entryPath);
  const model = programmingModelOf(core);
  const definitions = core
    .registrations()
    .filter(({ metadata }) => !isDisabled(metadata.name, env))
    .map((registration) => readFunction(registration, env));
  const queues = await openQueues(definitions.filter(isQueueFunction), settings, env);

  const invoker = makeInvoker(core, model, settings.functionTimeoutMs);
  const { appHookData } = invoker;
  const appLevel = { hookData: {}, appHookData };
  await runHooks(core, 'appStart', { ...appLevel, functionAppDirectory: settings.appDirectory });
  core.lock();

  const { routePrefix } = settings;
  const http: HttpServer = await openHttpServer({
    port,
    routePrefix,
    functions: definitions.filter(isHttpFunction),
    invoker,
    listing: () => listFunctions(definitions, `http://127.0.0.1:${http.port}`, routePrefix),
    workerUrl: await startStreaming(model),
  });
  const timers = makeTimers(runsTimers ? definitions.filter(isTimerFunction) : [], invoker);
  return {
    port: http.port,
    functions: definitions.map(({ name }) => name),
    ready: queues.receive(invoker).then(timers.start),
    stop: async (drainMs) => {
      await within(drainMs, Promise.all([http.stop(), queues.stop(), timers.stop()]).then(invoker.idle));
      http.closeAll();
      await runHooks(core, 'appTerminate', appLevel);
      await queues.close();
    },
  };
}

async function loadEntry(entryPath: string): Promise<void> {
  try {
    await import(pathToFileURL(entryPath).href);
  } catch (error) {
    throw error instanceof HostFailure ? error : new HostFailure('entryFailed', `The entry ${entryPath} failed to load.`, { cause: error });
  }
}

function programmingModelOf(core: CoreModule): ProgrammingModel {
  const model = core.programmingModel();
  if (model === undefined || core.registrations().length === 0) {
    throw new HostFailure('noFunctions', 'The entry registered no functions.');
  }
  return model;
}

/** The client of Service Bus takes longer to load than all the rest; an app without queues starts without it. */
async function openQueues(
  definitions: readonly FunctionDefinition<QueueTrigger>[],
  settings: HostSettings,
  env: Environment,
): Promise<QueueTriggers> {
  if (definitions.length === 0) return { receive: async () => {}, stop: async () => {}, close: async () => {} };
  const { openQueueTriggers } = await import('./queue-triggers.ts');
  return openQueueTriggers(definitions, settings, env);
}

/** Resolves with the work, or without it when the time is up. */
async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, overdue]);
  clearTimeout(timer);
}

function isHttpFunction(definition: FunctionDefinition): definition is FunctionDefinition<HttpTrigger> {
  return definition.trigger.type === 'httpTrigger';
}

function isQueueFunction(definition: FunctionDefinition): definition is FunctionDefinition<QueueTrigger> {
  return definition.trigger.type === 'serviceBusTrigger';
}

function isTimerFunction(definition: FunctionDefinition): definition is FunctionDefinition<TimerTrigger> {
  return definition.trigger.type === 'timerTrigger';
}

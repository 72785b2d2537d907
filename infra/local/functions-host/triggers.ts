import { z } from 'zod';
import type { Registration } from './core-module.ts';
import type { BindingData } from './core-types.ts';
import { HostFailure } from './failure.ts';
import type { Environment } from './host-settings.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

export type HttpTrigger = {
  readonly type: 'httpTrigger';
  readonly bindingName: string;
  /** Without the route prefix. */
  readonly route: string;
  /** Upper case. */
  readonly methods: readonly string[];
};

export type QueueTrigger = {
  readonly type: 'serviceBusTrigger';
  readonly bindingName: string;
  /** `queue` or `queue/$DeadLetterQueue`. */
  readonly queueName: string;
  /** The name, or the prefix, of the settings that say how to connect. */
  readonly connection: string;
  /** Undefined: as host.json says. */
  readonly autoCompleteMessages: boolean | undefined;
  readonly binary: boolean;
};

export type TimerTrigger = {
  readonly type: 'timerTrigger';
  readonly bindingName: string;
  readonly schedule: Schedule;
  readonly runOnStartup: boolean;
  /** Whether the function is told when it last ran and when it runs next. */
  readonly monitored: boolean;
};

export type FunctionDefinition<T extends HttpTrigger | QueueTrigger | TimerTrigger = HttpTrigger | QueueTrigger | TimerTrigger> = {
  readonly name: string;
  readonly registration: Registration;
  readonly trigger: T;
};

const common = {
  name: z.string(),
  direction: z.literal('in'),
  properties: z.object({ supportsDeferredBinding: z.literal('false') }).optional(),
};

/** Strict: an option this host would silently ignore is a difference from the cloud that nobody has named. */
const triggerBinding = z.discriminatedUnion('type', [
  z.strictObject({
    ...common,
    type: z.literal('httpTrigger'),
    authLevel: z.literal('anonymous'),
    methods: z.array(z.string().toUpperCase()).min(1),
    route: z.string().optional(),
  }),
  z.strictObject({
    ...common,
    type: z.literal('serviceBusTrigger'),
    queueName: z.string().min(1),
    connection: z.string().min(1),
    autoCompleteMessages: z.boolean().optional(),
    cardinality: z.literal('one').optional(),
    isSessionsEnabled: z.literal(false).optional(),
    sdkBinding: z.literal(false).optional(),
    dataType: z.enum(['string', 'binary']).optional(),
  }),
  z.strictObject({
    ...common,
    type: z.literal('timerTrigger'),
    schedule: z.string(),
    runOnStartup: z.boolean().optional(),
    useMonitor: z.boolean().optional(),
  }),
]);

type TriggerBinding = z.infer<typeof triggerBinding>;

/**
 * Reads what a function registered. Only the trigger and the HTTP answer are bound here; any other binding is refused.
 * Throws `unsupportedBinding`, `invalidRoute`, `invalidSchedule`, `missingSetting`.
 */
export function readFunction(registration: Registration, env: Environment): FunctionDefinition {
  const { name, bindings, retryOptions } = registration.metadata;
  const refuse = (problem: string): never => {
    throw new HostFailure('unsupportedBinding', `Function "${name}": ${problem}`);
  };
  if (retryOptions !== undefined) {
    refuse('this host has no retry policies.');
  }
  const inward = Object.values(bindings).filter((binding) => binding['direction'] === 'in');
  const outward = Object.values(bindings).filter((binding) => binding['direction'] !== 'in');
  const parsed = triggerBinding.safeParse(inward[0]);
  if (!parsed.success) {
    return refuse(`its trigger is not one this host can run. ${z.prettifyError(parsed.error)}`);
  }
  if (inward.length !== 1 || outward.some((binding) => !isHttpAnswer(binding, parsed.data))) {
    return refuse('it has input or output bindings; this host binds the trigger and the HTTP answer only.');
  }
  return { name, registration, trigger: readTrigger(name, parsed.data, env) };
}

/** As in the cloud: the setting `AzureWebJobs.NAME.Disabled` switches one function off. */
export function isDisabled(name: string, env: Environment): boolean {
  return /^(?:true|1)$/i.test(env[`AzureWebJobs.${name}.Disabled`] ?? env[`AzureWebJobs__${name}__Disabled`] ?? '');
}

function isHttpAnswer(binding: BindingData, trigger: TriggerBinding): boolean {
  return trigger.type === 'httpTrigger' && binding['type'] === 'http' && binding['direction'] === 'out';
}

function readTrigger(functionName: string, binding: TriggerBinding, env: Environment): FunctionDefinition['trigger'] {
  switch (binding.type) {
    case 'httpTrigger':
      return {
        type: binding.type,
        bindingName: binding.name,
        route: readRoute(functionName, binding.route),
        methods: binding.methods,
      };
    case 'serviceBusTrigger':
      return {
        type: binding.type,
        bindingName: binding.name,
        queueName: resolveSettings(functionName, binding.queueName, env),
        connection: binding.connection,
        autoCompleteMessages: binding.autoCompleteMessages,
        binary: binding.dataType === 'binary',
      };
    case 'timerTrigger': {
      const schedule = parseSchedule(resolveSettings(functionName, binding.schedule, env));
      return {
        type: binding.type,
        bindingName: binding.name,
        schedule,
        runOnStartup: binding.runOnStartup ?? false,
        monitored: (binding.useMonitor ?? true) && !schedule.subMinute,
      };
    }
  }
}

/** The host keeps `admin` and `runtime` for itself. */
function readRoute(functionName: string, route: string | undefined): string {
  const effective = (route ?? '').trim() === '' ? functionName : (route ?? '');
  if (/^\/*(?:admin|runtime)/i.test(effective)) {
    throw new HostFailure('invalidRoute', `Function "${functionName}": the route "${effective}" conflicts with one of the host's own.`);
  }
  return effective;
}

/** Replaces `%NAME%` by the setting NAME. */
function resolveSettings(functionName: string, text: string, env: Environment): string {
  return text.replace(/%([^%]+)%/g, (_, setting: string) => {
    const value = env[setting];
    if (value === undefined) {
      throw new HostFailure('missingSetting', `Function "${functionName}": the setting "${setting}" is missing.`);
    }
    return value;
  });
}

import { randomUUID } from 'node:crypto';
import type { CoreModule } from './core-module.ts';
import type {
  CoreInvocationContext,
  FunctionCallback,
  InvocationRequest,
  InvocationResponse,
  ProgrammingModel,
  TraceContext,
  TypedData,
} from './core-types.ts';
import { logInvocation } from './log.ts';
import type { FunctionDefinition } from './triggers.ts';

export type InvocationInput = {
  readonly data: TypedData;
  readonly metadata: Readonly<Record<string, TypedData>>;
  readonly traceContext: TraceContext;
};

export type Invoker = {
  readonly newInvocationId: () => string;
  /** Rejects with what the handler, a hook or the library threw, or with `FunctionTimeout`. */
  readonly invoke: (definition: FunctionDefinition, invocationId: string, input: InvocationInput) => Promise<InvocationResponse>;
  /** Shared by all hooks of the app. */
  readonly appHookData: Record<string, unknown>;
  /** Resolves when no invocation is running, also none whose caller has gone. */
  readonly idle: () => Promise<void>;
};

/** The invocation ran for longer than host.json allows. Its handler cannot be stopped and may still be running. */
export class FunctionTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`The invocation exceeded its timeout of ${timeoutMs} ms.`);
    this.name = 'FunctionTimeout';
  }
}

/** Runs invocations as the cloud's worker does (`src/eventHandlers/InvocationHandler.ts` there). */
export function makeInvoker(core: CoreModule, model: ProgrammingModel, timeoutMs: number | undefined): Invoker {
  const appHookData: Record<string, unknown> = {};
  const underWay = new Set<Promise<unknown>>();
  return {
    newInvocationId: randomUUID,
    appHookData,
    invoke: (definition, invocationId, input) => {
      const running = run(core, model, appHookData, definition, invocationId, input);
      const bounded = timeoutMs === undefined ? running : within(timeoutMs, running);
      underWay.add(bounded);
      const forget = (): boolean => underWay.delete(bounded);
      bounded.then(forget, forget);
      return bounded;
    },
    idle: async () => {
      await Promise.allSettled(underWay);
    },
  };
}

async function run(
  core: CoreModule,
  model: ProgrammingModel,
  appHookData: Record<string, unknown>,
  definition: FunctionDefinition,
  invocationId: string,
  input: InvocationInput,
): Promise<InvocationResponse> {
  const context = makeCoreContext(definition, requestOf(definition, invocationId, input));
  const invocation = await model.getInvocationModel(context);
  const { context: invocationContext, inputs } = await invocation.getArguments();
  const shared = { hookData: {}, appHookData, invocationContext };

  const before: { inputs: unknown[]; functionCallback: FunctionCallback } = {
    ...shared,
    inputs,
    functionCallback: definition.registration.callback,
  };
  await inState(context, 'preInvocationHooks', () => runHooks(core, 'preInvocation', before));

  const after: { inputs: unknown[]; result: unknown; error: unknown } = { ...shared, inputs: before.inputs, result: null, error: null };
  await inState(context, 'invocation', async () => {
    try {
      after.result = await invocation.invokeFunction(invocationContext, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = asError(error);
    }
  });
  await inState(context, 'postInvocationHooks', () => runHooks(core, 'postInvocation', after));
  if (after.error !== null && after.error !== undefined) {
    throw after.error;
  }
  return invocation.getResponse(invocationContext, after.result);
}

/** Hooks run in the order of their registration, and one that throws ends the run. */
export async function runHooks(core: CoreModule, name: Parameters<CoreModule['hooks']>[0], context: object): Promise<void> {
  for (const hook of core.hooks(name)) {
    await hook(context);
  }
}

function requestOf(definition: FunctionDefinition, invocationId: string, input: InvocationInput): InvocationRequest {
  return {
    invocationId,
    functionId: definition.registration.metadata.functionId ?? definition.name,
    inputData: [{ name: definition.trigger.bindingName, data: input.data }],
    triggerMetadata: input.metadata,
    traceContext: input.traceContext,
  };
}

function makeCoreContext(definition: FunctionDefinition, request: InvocationRequest): CoreInvocationContext {
  return {
    invocationId: request.invocationId,
    request,
    metadata: definition.registration.metadata,
    state: undefined,
    log: (level, _category, message) => logInvocation(level, definition.name, request.invocationId, message),
  };
}

async function inState(context: CoreInvocationContext, state: CoreInvocationContext['state'], step: () => Promise<void>): Promise<void> {
  context.state = state;
  try {
    await step();
  } finally {
    context.state = undefined;
  }
}

/** A handler may throw anything, also undefined, and that is a failure all the same. */
function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('The function threw something that is not an Error.', { cause: thrown });
}

async function within<T>(timeoutMs: number, running: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FunctionTimeout(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([running, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

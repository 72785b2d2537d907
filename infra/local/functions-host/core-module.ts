import Module from 'node:module';
import type { FunctionCallback, FunctionMetadata, HookCallback, HookName, LogCategory, LogLevel, ProgrammingModel } from './core-types.ts';
import { HostFailure } from './failure.ts';

const coreModuleName = '@azure/functions-core';

/** The versions a programming model may ask for; host 4.28 is the first with `log` and HTTP streaming. */
const workerVersion = '3.10.1';
const hostVersion = '4.1037.0';

export type Registration = { readonly metadata: FunctionMetadata; readonly callback: FunctionCallback };

export type CoreModule = {
  /** In the order of registration. */
  readonly registrations: () => readonly Registration[];
  readonly programmingModel: () => ProgrammingModel | undefined;
  readonly hooks: (name: HookName) => readonly HookCallback[];
  /** After this no function can be registered, as in the cloud once the app has started. */
  readonly lock: () => void;
};

class Disposable {
  readonly #dispose: () => void;

  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }

  static from(...parts: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) {
        part.dispose();
      }
    });
  }

  dispose(): void {
    this.#dispose();
  }
}

/**
 * Supplies the built-in module `@azure/functions-core` to whatever is loaded afterwards, the way the cloud's worker does it
 * (`src/setupCoreModule.ts` there), so that `app.http`, `app.serviceBusQueue` and `app.timer` register for real.
 */
export function provideCoreModule(log: (level: LogLevel, message: string) => void): CoreModule {
  const registrations = new Map<string, Registration>();
  const hooks = new Map<string, HookCallback[]>();
  let model: ProgrammingModel | undefined;
  let locked = false;

  const core = {
    version: workerVersion,
    hostVersion,
    Disposable,
    log: (level: LogLevel, _category: LogCategory, message: string): void => log(level, message),
    setProgrammingModel: (chosen: ProgrammingModel): void => {
      model = chosen;
    },
    getProgrammingModel: (): ProgrammingModel | undefined => model,
    registerHook: (name: string, callback: HookCallback): Disposable => {
      hooks.set(name, [...(hooks.get(name) ?? []), callback]);
      return new Disposable(() => {
        const others = (hooks.get(name) ?? []).filter((hook) => hook !== callback);
        hooks.set(name, others);
      });
    },
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback): Disposable => {
      const id = metadata.functionId ?? metadata.name;
      if (locked) {
        throw new Error('A function can only be registered during app startup.');
      }
      if (registrations.has(id)) {
        throw new HostFailure('duplicateFunction', `A function with id "${id}" has already been registered.`);
      }
      registrations.set(id, { metadata, callback });
      return new Disposable(() => registrations.delete(id));
    },
  };

  Module.prototype.require = new Proxy(Module.prototype.require, {
    apply: (target, self, args) => (args[0] === coreModuleName ? core : Reflect.apply(target, self, args)),
  });

  return {
    registrations: () => [...registrations.values()],
    programmingModel: () => model,
    hooks: (name) => hooks.get(name) ?? [],
    lock: () => {
      locked = true;
    },
  };
}

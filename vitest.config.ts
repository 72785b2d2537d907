import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What waits for a deadline, or starts everything several times, begins first, so that the rest goes on beside it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const waits = ({ moduleId }: TestSpecification) =>
      /((-expire|local-environment|run-package)\.flow|\.browser)\.test\.ts$/.test(moduleId) ? 0 : 1;
    return (await super.sort(files)).toSorted((a, b) => waits(a) - waits(b));
  }
}

/** These need modules of their own: they ask for tokens as a function app does, and the SDK remembers the first identity endpoint of a process. */
const withOwnModules = [
  'test/adapters/entra/with-identity-stand-in.flow.test.ts',
  'test/infra/local/identity.flow.test.ts',
  'test/infra/local/resource-manager.flow.test.ts',
  'test/infra/local/teams.flow.test.ts',
] as const;

const flow = {
  setupFiles: ['test/support/keep-compiled.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // They wait more than they compute.
  maxWorkers: 3,
  sequence: { groupOrder: 1 },
};

/**
 * A test's file name says what it needs: nothing (`.test.ts`), real stand-ins (`.flow.test.ts`), or Chromium (`.browser.test.ts`). The first kind runs
 * before the others. A whole environment is several processes, so there are never more than three at once.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // A worker that ends stops the environment that its files shared.
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          // Nothing here has state in a module, and loading the modules anew for each file would take longer than the tests.
          isolate: false,
          // Laws are tried on many values, also while an environment runs beside them.
          testTimeout: 60_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.flow.test.ts', 'test/**/*.browser.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...flow,
          name: 'flow',
          globalSetup: ['test/support/functions-bundle.ts'],
          include: ['test/**/*.flow.test.ts'],
          exclude: [...withOwnModules],
          isolate: false,
        },
      },
      {
        test: {
          ...flow,
          name: 'flow-own-modules',
          include: [...withOwnModules],
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/**/*.browser.test.ts'],
          globalSetup: ['test/support/functions-bundle.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

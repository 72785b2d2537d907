import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What waits for a deadline begins first, so that the rest goes on beside it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const waits = ({ moduleId }: TestSpecification) => (/(-expire\.flow|\.browser)\.test\.ts$/.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).toSorted((a, b) => waits(a) - waits(b));
  }
}

/**
 * A test's file name says what it needs: nothing (`.test.ts`), real stand-ins (`.flow.test.ts`), or Chromium (`.browser.test.ts`). The first kind runs
 * before the others. A whole environment is several processes, so there are never more than three at once.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
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
          name: 'flow',
          include: ['test/**/*.flow.test.ts'],
          // Each file loads the SDKs anew.
          setupFiles: ['test/support/keep-compiled.ts'],
          globalSetup: ['test/support/functions-bundle.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // They wait more than they compute.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
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

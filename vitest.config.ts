import { defineConfig } from 'vitest/config';

/** A test's file name says what it needs: nothing (`.test.ts`), real stand-ins (`.flow.test.ts`), or Chromium (`.browser.test.ts`). */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.flow.test.ts', 'test/**/*.browser.test.ts'],
        },
      },
      {
        test: {
          name: 'flow',
          include: ['test/**/*.flow.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/**/*.browser.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

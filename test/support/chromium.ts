import { existsSync } from 'node:fs';
import { env } from 'node:process';

export const chromiumPath = '/usr/bin/chromium';

/**
 * Whether what needs a browser is to be skipped, which is then said. With `COUNTERSIGN_NO_SKIPS=1` it never is: a test that cannot run has failed.
 */
export const isChromiumMissing = !existsSync(chromiumPath) && env['COUNTERSIGN_NO_SKIPS'] !== '1';

if (isChromiumMissing)
  console.warn(`There is no ${chromiumPath}: nobody presses the buttons in Teams in this run, and these tests are skipped.`);

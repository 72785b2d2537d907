import type { TimerHandler } from '@azure/functions';

/** Every five minutes: measures what should stay small and raises the alarm. It looks for no work and does none. */
export const measureSchedule = '0 */5 * * * *';

export function makeMeasureOperationsHandler(measure: () => Promise<void>): TimerHandler {
  return async () => {
    await measure();
  };
}

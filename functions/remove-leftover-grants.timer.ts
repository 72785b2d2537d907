import type { TimerHandler } from '@azure/functions';

/** Every quarter of an hour, off the minutes at which everybody's timers run. */
export const leftoverSchedule = '30 7/15 * * * *';

export function makeRemoveLeftoverGrantsHandler(removeLeftovers: () => Promise<unknown>): TimerHandler {
  return async () => {
    await removeLeftovers();
  };
}

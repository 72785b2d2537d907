import type { TimerHandler } from '@azure/functions';

/** Every quarter of an hour. */
export const leftoverSchedule = '30 */15 * * * *';

export function makeRemoveLeftoverGrantsHandler(removeLeftovers: () => Promise<unknown>): TimerHandler {
  return async () => {
    await removeLeftovers();
  };
}

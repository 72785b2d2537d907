import type { TimerHandler } from '@azure/functions';

/** Every minute, which bounds how long a letter that nobody can be handed goes round. */
export const unreadableSchedule = '15 * * * * *';

export function makeSettleUnreadableHandler(settleUnreadable: () => Promise<void>): TimerHandler {
  return async () => {
    await settleUnreadable();
  };
}

import { queueNames, queueOf } from '../../shared/contracts/queues.ts';
import { makeInMemoryAnnouncer } from '../support/in-memory-announcer.ts';
import { describeAnnouncer, type HeldMessage } from './announcer-contract.ts';

describeAnnouncer('the fake', async () => {
  const announcer = makeInMemoryAnnouncer();
  return {
    announcer,
    held: async (operationId) => {
      const held = announcer.announced
        .filter((announcement) => announcement.operationId === operationId)
        .map(
          ({ purpose, attempt, notBefore }): HeldMessage => ({
            queue: queueOf(purpose),
            purpose,
            attempt,
            ...(notBefore === undefined ? {} : { notBefore }),
          }),
        );
      return queueNames.toSorted().flatMap((queue) => held.filter((message) => message.queue === queue));
    },
    failNext: async () => announcer.failNext(),
  };
});

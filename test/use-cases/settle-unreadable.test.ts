import { expect, it } from 'vitest';
import { makeSettleUnreadable } from '../../shared/use-cases/settle-unreadable.ts';
import { makeWorld } from '../support/world.ts';

const letter = { queue: 'checks', messageId: 'm'.repeat(200), reason: 'MaxDeliveryCountExceeded' };

it('records what is known of a letter that nobody can be handed', async () => {
  const { deps, strays, log } = makeWorld();
  await makeSettleUnreadable({ ...deps, unreadable: { settleEach: (record) => record(letter) } })();
  expect(strays.recorded).toMatchObject([
    {
      queue: 'checks',
      messageId: 'm'.repeat(128),
      reason: 'body: not bytes; MaxDeliveryCountExceeded',
      seenAt: '2026-11-21T20:12:00.000Z',
    },
  ]);
  expect(log.lines).toEqual(['error: a message died {"queue":"checks","operationId":"","reason":"body: not bytes"}']);
});

it('leaves the letter where it cannot be recorded', async () => {
  const { deps } = makeWorld();
  const strays = {
    record: async () => {
      throw new Error('the table is away');
    },
  };
  const settle = makeSettleUnreadable({ ...deps, strays, unreadable: { settleEach: (record) => record(letter) } });
  await expect(settle()).rejects.toThrow('the table is away');
});

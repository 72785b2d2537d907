import { describe, expect, it } from 'vitest';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { deleteAccount, readAccount } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const quiet = '{"oldestWaitingSeconds":0,"approval-requests":0,"executions":0,"checks":0,"changes":0,"notices":0}';

describe('the measurement', () => {
  it('raises no alarm where nothing waits', async () => {
    const world = makeWorld();
    await world.measure();
    expect(world.log.lines).toEqual([`info: measured ${quiet}`]);
  });

  it('raises no alarm for what has waited a day, and one for what has waited longer', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), deleteAccount());
    await makeMessageDelivery(world).deliverDueOf('project');
    world.clock.setTo('2026-11-22T20:12:00.000Z');
    await world.measure();
    expect(world.log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
    world.clock.setTo('2026-11-22T20:12:01.000Z');
    await world.measure();
    expect(world.log.lines.at(-1)).toBe(`error: alarm: an operation does not end {"operationId":"${id}","oldestWaitingSeconds":86401}`);
  });

  it('does not count what has ended', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    await world.cancel(agentCaller(deployAgent), id);
    await makeMessageDelivery(world).deliverDueOf('project');
    world.clock.setTo('2026-11-25T20:12:00.000Z');
    await world.measure();
    expect(world.log.lines.at(-1)).toBe(`info: measured ${quiet}`);
  });

  it('raises an alarm for each queue in which dead letters wait', async () => {
    const world = makeWorld();
    world.deadLetterCounts.checks = 2;
    await world.measure();
    expect(world.log.lines.at(-1)).toBe('error: alarm: dead letters wait {"queue":"checks","count":2}');
  });

  it('sends nothing and changes nothing', async () => {
    const world = makeWorld();
    await world.submit(agentCaller(deployAgent), deleteAccount());
    world.effects.length = 0;
    await world.measure();
    expect(world.effects).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { digestOf } from '../../shared/domain/digest.ts';
import type { Announcement } from '../../shared/ports/announcer.ts';
import { findAnnounced, OperationUnknownError, putOffMs } from '../../shared/use-cases/find-announced.ts';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { lastMessage, operationOf, readAccount } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const early: Announcement = {
  operationId: `op_${'q'.repeat(26)}`,
  purpose: 'execute',
  sequence: 3,
  commit: digestOf('a commit that is still to come'),
  attempt: 0,
};

describe('a message whose commit is not there', () => {
  it.each([
    [0, '2026-11-21T20:12:00.400Z'],
    [1, '2026-11-21T20:12:01.000Z'],
    [2, '2026-11-21T20:12:05.000Z'],
    [3, '2026-11-21T20:12:30.000Z'],
    [4, '2026-11-21T20:14:00.000Z'],
  ])('is put off at attempt %i until %s', async (attempt, notBefore) => {
    const world = makeWorld();
    expect(await findAnnounced(world.deps, { ...early, attempt })).toBeUndefined();
    expect(world.announcer.announced).toEqual([{ ...early, attempt: attempt + 1, notBefore }]);
  });

  it('is refused after the last of them, with a warning, where there is no such operation', async () => {
    const world = makeWorld();
    await expect(findAnnounced(world.deps, { ...early, attempt: putOffMs.length })).rejects.toThrow(OperationUnknownError);
    expect(world.announcer.announced).toEqual([]);
    expect(world.log.lines).toEqual([
      `warn: dropped a message whose commit never came {"operationId":"${early.operationId}","purpose":"execute"}`,
    ]);
  });

  it('is dropped after the last of them where the operation stands before that commit', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    const before = world.announcer.announced.length;
    expect(await findAnnounced(world.deps, { ...early, operationId: id, sequence: 4, attempt: putOffMs.length })).toBeUndefined();
    expect(world.announcer.announced).toHaveLength(before);
  });

  it('is put off when the operation exists and stands before that commit', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    expect(await findAnnounced(world.deps, { ...early, operationId: id, sequence: 4 })).toBeUndefined();
    expect(world.announcer.announced.at(-1)).toMatchObject({ operationId: id, sequence: 4, attempt: 1 });
  });
});

describe('a message that overtook its commit', () => {
  it('waits a few moments for it, at most 150 ms, before it goes round', async () => {
    const world = makeWorld();
    expect(await findAnnounced(world.deps, early)).toBeUndefined();
    expect(world.pauses.taken).toEqual([10, 20, 40, 80]);
  });

  it('goes on as soon as the commit is there', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    const before = world.announcer.announced.length;
    let readings = 0;
    const store = {
      ...world.deps.store,
      read: async (asked: string) => {
        readings += 1;
        return readings <= 2 ? undefined : await world.deps.store.read(asked);
      },
    };
    const found = await findAnnounced({ ...world.deps, store }, lastMessage(world, 'execute'));
    expect(found?.operation.id).toBe(id);
    expect(world.pauses.taken).toEqual([10, 20]);
    expect(world.announcer.announced).toHaveLength(before);
  });

  it('waits no more where it comes again', async () => {
    const world = makeWorld();
    await findAnnounced(world.deps, { ...early, attempt: 1 });
    expect(world.pauses.taken).toEqual([]);
  });
});

describe('a message whose commit lost to another', () => {
  it('is dropped at once', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    const before = world.announcer.announced.length;
    expect(await findAnnounced(world.deps, { ...early, operationId: id })).toBeUndefined();
    expect(world.announcer.announced).toHaveLength(before);
    expect(world.log.lines).toEqual([`info: dropped a message whose commit lost to another {"operationId":"${id}","purpose":"execute"}`]);
  });
});

describe('a message whose commit is there', () => {
  it('gives the operation as it stands now, whatever has been written since', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    const message = lastMessage(world, 'execute');
    await world.execute(message);
    expect((await findAnnounced(world.deps, message))?.operation).toEqual(await operationOf(world, id));
  });

  it('gives it at any attempt', async () => {
    const world = makeWorld();
    await world.submit(agentCaller(deployAgent), readAccount());
    expect(await findAnnounced(world.deps, { ...lastMessage(world, 'execute'), attempt: 5_000 })).toBeDefined();
  });
});

it('does not settle a message while the store is away', async () => {
  const world = makeWorld();
  world.interruptions.dieAfter(1);
  await expect(findAnnounced(world.deps, early)).rejects.toThrow('the process died at store.read');
  expect(world.announcer.announced).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { assignmentName, grantDescription } from '../../shared/domain/access/assignment-name.ts';
import type { RoleGrant } from '../../shared/domain/access/role-grant.ts';
import { operatorPrincipal } from '../support/in-memory-access.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { account, approveDeletion, kindsOf, lastMessage, operationOf, storedOf } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const perOperation = () => makeWorld({ rights: 'perOperation' });
const unknownId = 'op_bbbbbbbbbbbbbbbbbbbbbbbbbb';

function leftoverOf(operationId: string, attempt = 1, name = assignmentName({ operationId, attempt })): RoleGrant {
  return {
    attempt,
    tier: 'operator',
    assignmentId: `${account}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    scope: account,
    role: { id: '17d1049b-9a84-46fb-8f53-869881c3d3ab', name: 'Storage Account Contributor' },
    principalId: operatorPrincipal,
    needs: ['microsoft.storage/storageaccounts/delete'],
  };
}

describe('a right that is taken back', () => {
  it('is not said to be gone while it still acts', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    await world.execute(lastMessage(world, 'execute'));
    world.access.lingers(true);
    await world.check(lastMessage(world, 'revokeAccess'));
    expect((await kindsOf(world, id)).at(-1)).toBe('accessRemoved');
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', grants: [{ standing: 'removed' }] });
    world.access.lingers(false);
    await makeMessageDelivery(world).deliverAll();
    expect((await storedOf(world, id)).events.at(-1)?.detail).toEqual({ kind: 'accessRevoked', attempt: 1, confirmed: true });
  });

  it('is said to be covered by another where it never ceases to act', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.lingers(true);
    await makeMessageDelivery(world).deliverAll();
    expect((await storedOf(world, id)).events.at(-1)?.detail).toEqual({ kind: 'accessRevoked', attempt: 1, confirmed: false });
  });

  it('is removed when Azure takes removals again', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    await world.execute(lastMessage(world, 'execute'));
    world.access.refuseRemovals(true);
    await world.check(lastMessage(world, 'revokeAccess'));
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', grants: [{ standing: 'propagated' }] });
    world.access.refuseRemovals(false);
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ grants: [] });
  });

  it('is not taken from the attempt that runs', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.holdBack(true);
    await world.execute(lastMessage(world, 'execute'));
    await world.check({ ...lastMessage(world, 'pursueAccess'), purpose: 'revokeAccess' });
    expect(world.access.assignments.size).toBe(1);
    expect(await operationOf(world, id)).toMatchObject({ phase: 'awaitingAccess' });
  });
});

describe('the check for leftovers', () => {
  it('does nothing where rights are standing', async () => {
    expect(await makeWorld().removeLeftoverGrants()).toEqual({ seen: 0, removed: 0, stuck: 0, foreign: 0 });
  });

  it('leaves the right of an operation that runs, and what is young', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.holdBack(true);
    await world.execute(lastMessage(world, 'execute'));
    world.access.plant(leftoverOf(unknownId), grantDescription({ operationId: unknownId, attempt: 1 }));
    expect(await world.removeLeftoverGrants()).toMatchObject({ seen: 2, removed: 0 });
    world.clock.setTo('2026-11-21T20:30:00.000Z');
    expect(await world.removeLeftoverGrants()).toMatchObject({ seen: 2, removed: 1 });
    expect([...world.access.assignments.values()].map(({ description }) => description)).toEqual([
      grantDescription({ operationId: id, attempt: 1 }),
    ]);
  });

  it('removes what a late executor granted after the end, and records it', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    await makeMessageDelivery(world).deliverAll();
    const late = leftoverOf(id);
    world.access.plant(late, grantDescription({ operationId: id, attempt: 1 }));
    world.clock.setTo('2026-11-22T21:00:00.000Z');
    expect(await world.removeLeftoverGrants()).toEqual({ seen: 1, removed: 1, stuck: 0, foreign: 0 });
    expect(world.access.assignments.size).toBe(0);
    expect((await storedOf(world, id)).events.at(-1)?.detail).toEqual({ kind: 'leftoverAccessRemoved', assignmentId: late.assignmentId });
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded' });
  });

  it('removes what borrows the description of an operation that runs under a name of its own', async () => {
    const world = perOperation();
    const id = await approveDeletion(world);
    world.access.holdBack(true);
    await world.execute(lastMessage(world, 'execute'));
    const borrowed = leftoverOf(id, 1, '77777777-7777-4777-8777-000000000001');
    world.access.plant(borrowed, grantDescription({ operationId: id, attempt: 1 }));
    world.clock.setTo('2026-11-21T20:30:00.000Z');
    expect(await world.removeLeftoverGrants()).toMatchObject({ seen: 2, removed: 1 });
    expect(world.access.assignments.has(borrowed.assignmentId)).toBe(false);
  });

  it('tells of rights that no operation was given, and leaves them', async () => {
    const world = perOperation();
    world.access.plant(leftoverOf(unknownId), 'granted by hand');
    world.clock.setTo('2026-11-21T21:00:00.000Z');
    expect(await world.removeLeftoverGrants()).toEqual({ seen: 1, removed: 0, stuck: 0, foreign: 1 });
    expect(world.access.assignments.size).toBe(1);
  });

  it('comes again for what cannot be removed now', async () => {
    const world = perOperation();
    world.access.plant(leftoverOf(unknownId), grantDescription({ operationId: unknownId, attempt: 1 }));
    world.clock.setTo('2026-11-21T21:00:00.000Z');
    world.access.refuseRemovals(true);
    expect(await world.removeLeftoverGrants()).toMatchObject({ removed: 0, stuck: 1 });
    world.access.refuseRemovals(false);
    expect(await world.removeLeftoverGrants()).toMatchObject({ removed: 1, stuck: 0 });
  });
});

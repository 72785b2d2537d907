import { describe, expect, it } from 'vitest';
import type { Limit } from '../../shared/domain/limits.ts';
import type { OperationId } from '../../shared/domain/operation.ts';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { approveDeletion, deleteAccount, kindsOf, lastMessage, operationOf, readAccount, standAccount } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

const agent = agentCaller(deployAgent);
const repeatabilityId = '0b1e6a5c-0000-4000-8000-000000000001';
const oneAMinute: Limit = { of: 'all', name: 'operationsPerMinute', most: 1 };
const oneDeleteADay: Limit = { of: 'delete', name: 'executedPerDay', most: 1 };

describe('a submission over a limit', () => {
  it('is told which one, until when, and what to do', async () => {
    const world = makeWorld({ limits: [oneAMinute] });
    await world.submit(agent, readAccount());
    world.clock.advanceMs(15_500);
    await expect(world.submit(agent, readAccount())).rejects.toMatchObject({
      code: 'TooManyRequests',
      message:
        'The limit of deploy-agent is reached: 1 operations a minute. Nothing was stored. Send the same request again after Retry-After.',
      target: 'all.operationsPerMinute',
      retryAfterSeconds: 45,
      details: [{ code: 'LimitReached', target: 'all.operationsPerMinute', message: 'all.operationsPerMinute is 1' }],
    });
  });

  it('asks Azure nothing, announces nothing and stores nothing', async () => {
    const world = makeWorld({ limits: [{ ...oneAMinute, most: 0 }] });
    standAccount(world);
    await expect(world.submit(agent, deleteAccount())).rejects.toMatchObject({ code: 'TooManyRequests' });
    expect(world.azure.reads).toEqual([]);
    expect(world.effects).toEqual([]);
  });

  it('is none where it repeats one that was taken', async () => {
    const world = makeWorld({ limits: [oneAMinute] });
    const first = await world.submit(agent, readAccount({ repeatabilityId }));
    expect(await world.submit(agent, readAccount({ repeatabilityId }))).toEqual(first);
  });

  it('passes a minute later', async () => {
    const world = makeWorld({ limits: [oneAMinute] });
    await world.submit(agent, readAccount());
    world.clock.advanceMs(60_000);
    expect(await world.submit(agent, readAccount())).toMatchObject({ status: 'approved' });
  });

  it('is not taken where the limits cannot be looked at', async () => {
    const world = makeWorld({ limits: [oneAMinute] });
    world.ledger.failNextWrite('before');
    await expect(world.submit(agent, readAccount())).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
    expect(world.effects).toEqual([]);
  });
});

/** Two deletions that were both approved before the limit was made. */
async function twoApproved(world: World): Promise<readonly [OperationId, OperationId]> {
  const [one, two] = [await approveDeletion(world), await approveDeletion(world)];
  return [one, two];
}

async function execute(world: World, id: OperationId): Promise<void> {
  const message = world.announcer.announced.findLast(({ operationId, purpose }) => operationId === id && purpose === 'execute');
  if (message === undefined) throw new RangeError(`nothing executes ${id}`);
  await world.execute(message);
}

describe('a delete over the limit of a day that was approved', () => {
  it('ends with the reason, and without a call, where there will be no room while it may run', async () => {
    const limits: Limit[] = [];
    const world = makeWorld({ limits });
    const [one, two] = await twoApproved(world);
    limits.push(oneDeleteADay);
    await execute(world, one);
    standAccount(world);
    await execute(world, two);
    expect(await operationOf(world, two)).toMatchObject({
      status: 'expired',
      detail:
        'deploy-agent may execute 1 deletes in 24 hours (delete.executedPerDay), and has. There is no room while this may still run. Submit it again later.',
    });
    expect(await kindsOf(world, two)).not.toContain('callStarted');
  });

  it('is put off where another that may yet end without a call has the place, and runs when that one did', async () => {
    const limits: Limit[] = [];
    const world = makeWorld({ limits });
    const [one, two] = await twoApproved(world);
    limits.push(oneDeleteADay);
    await world.deps.limitKeeper.admitExecution(deployAgent, await operationOf(world, one));
    await execute(world, two);
    expect(await operationOf(world, two)).toMatchObject({ status: 'approved', notBefore: '2026-11-21T20:12:15.000Z', deferrals: 1 });
    await world.cancel(agent, one);
    world.clock.advanceMs(15_000);
    await execute(world, two);
    expect(await kindsOf(world, two)).toContain('callStarted');
  });

  it('was counted by a call that Azure refused, since the next one may not be', async () => {
    const limits: Limit[] = [];
    const world = makeWorld({ limits });
    const [one] = await twoApproved(world);
    limits.push(oneDeleteADay);
    world.azure.answerCalls({ kind: 'answered', answer: { status: 409, body: { error: { code: 'ScopeLocked' } } } });
    await execute(world, one);
    expect(await operationOf(world, one)).toMatchObject({ status: 'failed' });
    expect(
      await world.deps.limitKeeper.admitExecution(deployAgent, { id: 'op_b', action: 'microsoft.storage/storageaccounts/delete' }),
    ).toMatchObject({
      limit: oneDeleteADay,
    });
  });

  it('is kept from nothing that does not delete', async () => {
    const world = makeWorld({ limits: [{ ...oneDeleteADay, most: 0 }] });
    await world.submit(agent, readAccount());
    await world.execute(lastMessage(world, 'execute'));
    expect(world.effects.at(-1)).toContain('executionFinished');
  });
});

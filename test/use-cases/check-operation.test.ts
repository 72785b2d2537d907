import { describe, expect, it } from 'vitest';
import type { PollOutcome } from '../../shared/ports/azure.ts';
import { agentCaller, anna, deployAgent } from '../support/cast.ts';
import { ProcessDied } from '../support/interruptions.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import {
  approveDeletion,
  deleteAccount,
  lastMessage,
  operationOf,
  readAccount,
  voteFor,
  voterOf,
  waitForVotes,
} from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

describe('the deadline of an approval', () => {
  it('expires at its moment', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    world.clock.setTo('2026-11-22T00:12:00.000Z');
    world.effects.length = 0;
    await world.check(lastMessage(world, 'checkDeadline'));
    expect(world.effects).toEqual(['announce project@8', 'commit expired']);
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired', detail: 'Nobody decided in time.' });
  });

  it('changes nothing early, and comes again at its moment, since the clock of the queue may run ahead of ours', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    world.clock.setTo('2026-11-22T00:11:59.999Z');
    world.effects.length = 0;
    await world.check(lastMessage(world, 'checkDeadline'));
    expect(world.effects).toEqual(['announce checkDeadline@3']);
    expect(lastMessage(world, 'checkDeadline')).toMatchObject({ attempt: 1, notBefore: '2026-11-22T00:12:00.000Z' });
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('expired');
  });

  it('does nothing to what has ended', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    await world.recordVote(voterOf(anna), await voteFor(world, id, { decision: 'reject' }));
    world.clock.setTo('2026-11-22T00:12:00.000Z');
    world.effects.length = 0;
    await world.check(lastMessage(world, 'checkDeadline'));
    expect(world.effects).toEqual([]);
  });

  it('does not expire what was approved meanwhile and may still run', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    const deadline = lastMessage(world, 'checkDeadline');
    world.clock.setTo('2026-11-22T00:11:00.000Z');
    await world.recordVote(voterOf(anna), await voteFor(world, id));
    world.clock.setTo('2026-11-22T00:12:00.000Z');
    await world.check(deadline);
    expect(await operationOf(world, id)).toMatchObject({ status: 'approved', executeBy: '2026-11-22T01:11:00.000Z' });
  });

  it('is put off where somebody else wrote first', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    const cast = await voteFor(world, id);
    world.clock.setTo('2026-11-22T00:12:00.000Z');
    const beforeItWrites = world.interruptions.calls.length + 2;
    world.interruptions.runBefore(beforeItWrites, async () => {
      await expect(world.recordVote(voterOf(anna), cast)).rejects.toMatchObject({ code: 'VotingEnded' });
    });
    await world.check(lastMessage(world, 'checkDeadline'));
    expect(lastMessage(world, 'checkDeadline')).toMatchObject({ attempt: 1, notBefore: '2026-11-22T00:12:01.000Z' });
    world.clock.setTo('2026-11-22T00:12:01.000Z');
    await world.check(lastMessage(world, 'checkDeadline'));
    expect((await operationOf(world, id)).status).toBe('expired');
  });
});

describe('the deadline of an execution', () => {
  it('expires what nobody ran', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    world.clock.setTo('2026-11-21T21:12:00.000Z');
    await world.check(lastMessage(world, 'checkDeadline'));
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired', detail: 'It was not run in time.' });
  });
});

describe('the lease of a claim', () => {
  it('is left alone until it is over', async () => {
    const { world, id } = await diedAfter('broker.obtain');
    world.clock.setTo('2026-11-21T20:16:59.999Z');
    world.effects.length = 0;
    await world.check(lastMessage(world, 'checkLease'));
    expect(world.effects).toEqual(['announce checkLease@10']);
    expect(await operationOf(world, id)).toMatchObject({ status: 'executing', phase: 'claimed' });
  });

  it('gives back what was never sent, to be run again', async () => {
    const { world, id } = await diedAfter('broker.obtain');
    world.clock.setTo('2026-11-21T20:17:00.000Z');
    world.effects.length = 0;
    await world.check(lastMessage(world, 'checkLease'));
    expect(world.effects).toEqual(['announce execute@11', 'announce checkDeadline@11', 'announce project@11', 'commit executionReleased']);
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('succeeded');
    expect(world.azure.calls).toHaveLength(1);
  });

  it('gives it back although the stored request can no longer be read, and the next claim stops it', async () => {
    const { world, id } = await diedAfter('broker.obtain');
    const other = await world.submit(agentCaller(deployAgent), deleteAccount());
    world.store.moveDocument(other.id, id, 'request');
    world.clock.setTo('2026-11-21T20:17:00.000Z');
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({
      status: 'denied',
      detail: 'The stored request cannot be opened.',
    });
    expect(world.azure.calls).toEqual([]);
  });

  it('puts in doubt what may have been sent, to be looked for', async () => {
    const { world, id } = await diedAfter('caller.callOnce');
    world.clock.setTo('2026-11-21T20:17:00.000Z');
    world.effects.length = 0;
    await world.check(lastMessage(world, 'checkLease'));
    expect(world.effects).toEqual(['announce readBack@13', 'announce checkLease@13', 'announce project@13', 'commit outcomeDoubted']);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'executing',
      phase: 'readingBack',
      accepted: false,
      doubt: 'The executor did not come back before its lease ended.',
      readAt: '2026-11-21T20:17:05.000Z',
      readUntil: '2026-11-21T20:32:00.000Z',
    });
  });

  it('ends as unknown what may have been sent when the stored request can no longer be read', async () => {
    const { world, id } = await diedAfter('caller.callOnce');
    const other = await world.submit(agentCaller(deployAgent), deleteAccount());
    world.store.moveDocument(other.id, id, 'request');
    world.clock.setTo('2026-11-21T20:17:00.000Z');
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('outcomeUnknown');
  });

  it('repeats a read that may have been sent', async () => {
    const { world, id } = await diedAfter(
      'caller.callOnce',
      async (world) => (await world.submit(agentCaller(deployAgent), readAccount())).id,
    );
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('succeeded');
    expect(world.azure.calls).toHaveLength(2);
  });
});

describe('a call that Azure goes on with', () => {
  const pending: PollOutcome = { kind: 'pending', retryAfterMs: 30_000 };
  const done: PollOutcome = {
    kind: 'answered',
    answer: { status: 200, body: { status: 'Succeeded', key: { password: 'hunter2-hunter2' } } },
    succeeded: true,
  };

  it('is asked for again, no sooner than Azure wants, for as long as it goes on', async () => {
    const { world, id } = await accepted();
    world.azure.answerPolls(pending);
    world.clock.setTo('2026-11-21T20:12:10.000Z');
    world.effects.length = 0;
    await world.check(lastMessage(world, 'poll'));
    expect(world.effects).toEqual(['credential operator', 'poll', 'announce poll@13']);
    expect(lastMessage(world, 'poll')).toMatchObject({ attempt: 1, notBefore: '2026-11-21T20:12:40.000Z' });
    expect(await operationOf(world, id)).toMatchObject({ phase: 'polling' });
  });

  it('is asked for ever more rarely: a day of it takes fewer messages than six hours of one a minute', async () => {
    const { world, id } = await accepted();
    world.azure.answerPolls({ kind: 'pending', retryAfterMs: 1_000 });
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('outcomeUnknown');
    expect(world.azure.polls.length).toBeLessThan(360);
  });

  it('is known at most a tenth of its time late', async () => {
    const { world } = await accepted();
    world.azure.answerPolls({ kind: 'pending', retryAfterMs: 1_000 });
    world.clock.setTo('2026-11-21T20:22:00.000Z');
    await world.check(lastMessage(world, 'poll'));
    expect(lastMessage(world, 'poll')).toMatchObject({ notBefore: '2026-11-21T20:23:00.000Z' });
  });

  it('ends with the answer, without its secrets', async () => {
    const { world, id } = await accepted();
    world.azure.answerPolls(pending, pending, done);
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.polls).toHaveLength(3);
    expect(world.azure.calls).toHaveLength(1);
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', result: { status: 200, masked: ['key.password'] } });
    expect(await world.store.readDocument(id, 'result')).toEqual({ status: 'Succeeded', key: { password: '«masked 1»' } });
  });

  it('fails where Azure says so, whatever the status of its answer', async () => {
    const { world, id } = await accepted();
    const body = { status: 'Failed', error: { code: 'ScopeLocked' } };
    world.azure.answerPolls({ kind: 'answered', answer: { status: 200, body }, succeeded: false });
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'failed', detail: 'Azure answered 200 (ScopeLocked).' });
  });

  it.each([
    ['says nothing that can be read', ({ azure }: World) => azure.answerPolls({ kind: 'unreadable', reason: 'The address answers 500.' })],
    ['never says that it is done', ({ azure }: World) => azure.answerPolls({ kind: 'pending', retryAfterMs: 3_600_000 })],
    ['can be asked by nobody', ({ azure }: World) => azure.refuseCredentials(true)],
    [
      'makes the asking fail in a way that nobody foresaw',
      ({ deps }: World) => {
        deps.caller.poll = async () => {
          throw new TypeError('a fault of ours');
        };
      },
    ],
  ])('is unknown after a day in which it %s', async (_what, arrange) => {
    const { world, id } = await accepted();
    arrange(world);
    world.clock.setTo('2026-11-22T20:08:00.000Z');
    const delivery = makeMessageDelivery(world);
    await delivery.deliverAll();
    expect(delivery.deadLettered).toEqual([]);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'outcomeUnknown',
      updatedAt: '2026-11-22T20:27:00.000Z',
      detail: expect.stringContaining('Azure took the call and has not said for too long what became of it.'),
    });
    expect(world.azure.calls).toHaveLength(1);
  });

  it('is in doubt after a day in which its address could not be read', async () => {
    const { world, id } = await accepted();
    const second = await accepted(world);
    world.store.moveDocument(second.id, id, 'polling');
    world.clock.setTo('2026-11-22T20:12:00.000Z');
    await world.check(lastCheckLease(world, id));
    expect(await operationOf(world, id)).toMatchObject({ phase: 'readingBack', accepted: true });
  });

  it('is in doubt at once where Azure has forgotten it', async () => {
    const { world, id } = await accepted();
    world.azure.answerPolls({ kind: 'gone', reason: 'Azure answered 404.' });
    world.clock.setTo('2026-11-21T20:12:10.000Z');
    await world.check(lastMessage(world, 'poll'));
    expect(await operationOf(world, id)).toMatchObject({
      phase: 'readingBack',
      accepted: true,
      doubt: 'Azure took the call and then forgot it: Azure answered 404.',
    });
  });

  it('is not asked for early by the check at its end, which comes again', async () => {
    const { world } = await accepted();
    world.effects.length = 0;
    await world.check(lastMessage(world, 'checkLease'));
    expect(world.effects).toEqual(['announce checkLease@13']);
    expect(lastMessage(world, 'checkLease').notBefore).toBe('2026-11-22T20:12:00.000Z');
  });

  it('is asked for again where the answer could not be written', async () => {
    const { world, id } = await accepted();
    world.azure.answerPolls(done);
    world.clock.setTo('2026-11-21T20:12:10.000Z');
    world.store.failNext('before');
    await expect(world.check(lastMessage(world, 'poll'))).rejects.toMatchObject({ code: 'unreachable' });
    await world.check(lastMessage(world, 'poll'));
    expect((await operationOf(world, id)).status).toBe('succeeded');
    expect(world.azure.polls).toHaveLength(2);
  });
});

/** A world whose executor died after its first call of this port, and whose message was delivered once more. */
async function diedAfter(call: string, prepare: (world: World) => Promise<string> = approveDeletion) {
  const rehearsal = makeWorld();
  await prepare(rehearsal);
  const from = rehearsal.interruptions.calls.length;
  await rehearsal.execute(lastMessage(rehearsal, 'execute'));
  const world = makeWorld();
  const id = await prepare(world);
  world.interruptions.dieAfter(rehearsal.interruptions.calls.indexOf(call, from) + 1);
  await expect(world.execute(lastMessage(world, 'execute'))).rejects.toBeInstanceOf(ProcessDied);
  world.interruptions.restart();
  await world.execute(lastMessage(world, 'execute'));
  return { world, id };
}

/** A world in which Azure has accepted the deletion. */
async function accepted(world: World = makeWorld()) {
  const id = await approveDeletion(world);
  const { azure } = world;
  azure.answerCalls({
    kind: 'accepted',
    status: 202,
    pollUrl: 'https://management.example/operations/1',
    pollStyle: 'location',
    retryAfterMs: 10_000,
  });
  await world.execute(lastMessage(world, 'execute'));
  return { world, id };
}

function lastCheckLease(world: World, id: string) {
  const message = world.announcer.announced.findLast(({ purpose, operationId }) => purpose === 'checkLease' && operationId === id);
  if (message === undefined) throw new RangeError('nothing announced a check of the lease');
  return message;
}

import { describe, expect, it } from 'vitest';
import { isTerminal } from '../../shared/domain/operation.ts';
import { AnnounceError } from '../../shared/ports/announcer.ts';
import type { CallOutcome } from '../../shared/ports/azure.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { approveDeletion, lastMessage, operationOf } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

/*
 * Azure has answered, and at that moment nobody can be told of anything. What the answer was is known nowhere else, so that it is written nevertheless; the message that set
 * off the call comes again and tells the others.
 */

const answered: CallOutcome = { kind: 'answered', answer: { status: 204, body: undefined } };
const accepted: CallOutcome = {
  kind: 'accepted',
  status: 202,
  pollUrl: 'https://management.example/operations/1',
  pollStyle: 'asyncOperation',
  retryAfterMs: 10_000,
};

async function answeredWhileNobodyListens(outcome: CallOutcome) {
  const world = makeWorld();
  const id = await approveDeletion(world);
  failAnnouncements(world, outcome);
  const message = lastMessage(world, 'execute');
  await expect(world.execute(message)).rejects.toBeInstanceOf(AnnounceError);
  return { world, id, message };
}

function failAnnouncements(world: World, outcome: CallOutcome): void {
  world.azure.answerCalls(outcome);
  const { callOnce } = world.azure.caller;
  world.azure.caller.callOnce = async (...call) => {
    world.announcer.failNext();
    return await callOnce(...call);
  };
}

describe('what Azure answered is written', () => {
  it.each<[string, CallOutcome, object]>([
    ['its success', answered, { status: 'succeeded' }],
    ['its refusal', { kind: 'answered', answer: { status: 409, body: undefined } }, { status: 'failed' }],
    ['that it goes on', accepted, { status: 'executing', phase: 'polling' }],
    ['that it is too busy', { kind: 'busy', status: 429, retryAfterMs: 1_000 }, { status: 'approved', deferrals: 1 }],
    ['that it could not be reached', { kind: 'notSent', reason: 'No connection.' }, { status: 'approved', attempts: 1 }],
    ['that nobody knows', { kind: 'doubtful', reason: 'The connection was cut.' }, { status: 'executing', phase: 'readingBack' }],
  ])('%s', async (_, outcome, expected) => {
    const { world, id } = await answeredWhileNobodyListens(outcome);
    expect(await operationOf(world, id)).toMatchObject(expected);
  });
});

describe('the others are told when the message comes again', () => {
  it('of an end', async () => {
    const { world, message } = await answeredWhileNobodyListens(answered);
    world.effects.length = 0;
    await world.execute(message);
    expect(world.effects).toEqual(['announce project@13']);
  });

  it('of a call that goes on, so that somebody asks for it', async () => {
    const { world, id, message } = await answeredWhileNobodyListens(accepted);
    world.effects.length = 0;
    await world.execute(message);
    expect(world.effects).toEqual(['announce checkLease@13', 'announce project@13', 'announce poll@13']);
    world.azure.answerPolls({ kind: 'answered', answer: { status: 200, body: undefined }, succeeded: true });
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });

  it.each<[string, CallOutcome]>([
    ['of a doubt', { kind: 'doubtful', reason: 'The connection was cut.' }],
    ['of what is to be tried again', { kind: 'notSent', reason: 'No connection.' }],
    ['of what was put off', { kind: 'busy', status: 429, retryAfterMs: 1_000 }],
  ])('%s', async (_, outcome) => {
    const { world, id } = await answeredWhileNobodyListens(outcome);
    const delivery = makeMessageDelivery(world);
    await delivery.deliverAll();
    expect(delivery.deadLettered).toEqual([]);
    const operation = await operationOf(world, id);
    expect(isTerminal(operation), operation.status).toBe(true);
    expect(await world.index.query({ top: 10 })).toMatchObject({ entries: [{ id, status: operation.status }] });
  });
});

describe('before the call nothing is written that nobody can be told of', () => {
  it('neither the claim nor the intent', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    world.announcer.failNext();
    await expect(world.execute(lastMessage(world, 'execute'))).rejects.toBeInstanceOf(AnnounceError);
    expect((await operationOf(world, id)).status).toBe('approved');
    expect(world.azure.calls).toEqual([]);
  });
});

it('an outcome that cannot be stored is looked for when the lease is over', async () => {
  const world = makeWorld();
  const id = await approveDeletion(world);
  const { callOnce } = world.azure.caller;
  world.azure.caller.callOnce = async (...call) => {
    const outcome = await callOnce(...call);
    world.azure.remove(call[0].path);
    world.store.failNext('before');
    return outcome;
  };
  await expect(world.execute(lastMessage(world, 'execute'))).rejects.toMatchObject({ code: 'unreachable' });
  expect(await operationOf(world, id)).toMatchObject({ phase: 'calling' });
  await makeMessageDelivery(world).deliverAll();
  expect(await operationOf(world, id)).toMatchObject({
    status: 'succeeded',
    detail: expect.stringContaining('It was there before the call and is gone.'),
  });
  expect(world.azure.calls).toHaveLength(1);
});

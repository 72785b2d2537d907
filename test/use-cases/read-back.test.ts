import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../shared/domain/json.ts';
import type { OperationId } from '../../shared/domain/operation.ts';
import type { CallOutcome } from '../../shared/ports/azure.ts';
import { anna } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import {
  account,
  accountState,
  approveDeletion,
  kindsOf,
  lastMessage,
  operationOf,
  storedOf,
  voteFor,
  voterOf,
  waitForVotes,
} from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

const lost: CallOutcome = { kind: 'doubtful', reason: 'The connection was cut.' };
const asked = { tags: { environment: 'prod' }, properties: { minimumTlsVersion: 'TLS1_2' } };
const put = { target: { method: 'PUT', body: asked } } as const;
const restart = { target: { method: 'POST', path: `${account}/failover` } } as const;

/** A world in which a call was made whose answer is lost; `effect` is what it did before. */
async function answerLost(changes: Parameters<typeof approveDeletion>[1] = {}, effect: (world: World) => void = () => undefined) {
  const world = makeWorld();
  const id = await approveDeletion(world, changes);
  loseAnswer(world, effect);
  await world.execute(lastMessage(world, 'execute'));
  return { world, id };
}

function loseAnswer(world: World, effect: (world: World) => void): void {
  const { callOnce } = world.azure.caller;
  world.azure.caller.callOnce = async (...call) => {
    await callOnce(...call);
    effect(world);
    return lost;
  };
}

const stand = (state: JsonValue) => (world: World) => world.azure.set(account, state);
const written = { ...accountState, properties: { ...accountState.properties, minimumTlsVersion: 'TLS1_2' } };

async function finished({ world, id }: { world: World; id: OperationId }) {
  await makeMessageDelivery(world).deliverAll();
  return await operationOf(world, id);
}

describe('a call whose answer is lost is in doubt', () => {
  it('durably, with the reason and with messages that look for it', async () => {
    const { world, id } = await answerLost();
    expect(world.effects.slice(-5)).toEqual([
      'call DELETE',
      'announce readBack@13',
      'announce checkLease@13',
      'announce project@13',
      'commit outcomeDoubted',
    ]);
    expect(await operationOf(world, id)).toMatchObject({ phase: 'readingBack', doubt: 'The connection was cut.' });
    expect(lastMessage(world, 'readBack').notBefore).toBe('2026-11-21T20:12:05.000Z');
    expect(lastMessage(world, 'checkLease').notBefore).toBe('2026-11-21T20:27:00.000Z');
  });

  it('and what the target was before the call is in the intent', async () => {
    const { world, id } = await answerLost(put);
    const { events } = await storedOf(world, id);
    expect(events.find(({ detail }) => detail.kind === 'callStarted')?.detail).toMatchObject({
      before: { state: 'present', digest: expect.stringMatching(/^sha256:/), asAsked: false },
    });
  });

  it('and is looked for soon at first, then less and less often', async () => {
    const { world, id } = await answerLost(restart);
    const times: (string | undefined)[] = [];
    for (let round = 0; round < 8; round += 1) {
      const message = lastMessage(world, 'readBack');
      times.push(message.notBefore?.slice(11, 19));
      world.clock.setTo(message.notBefore ?? '');
      await world.check(message);
    }
    expect(times).toEqual(['20:12:05', '20:12:20', '20:13:00', '20:14:00', '20:16:00', '20:19:00', '20:23:00', '20:27:00']);
    expect((await operationOf(world, id)).status).toBe('outcomeUnknown');
  });
});

describe('the call is not made again', () => {
  it.each<[string, Parameters<typeof approveDeletion>[1], (world: World) => void]>([
    ['where a deletion may yet come, since the target is still there', {}, () => undefined],
    ['where a POST may have been', restart, () => undefined],
    ['where a PUT is not as asked, and the target is not as before', put, stand({ ...accountState, etag: '2' })],
    ['where the target can no longer be read', put, ({ azure }) => azure.setUnreadable(account, 'The reader has no right.')],
    ['where the log has noted the call, though the target is as before', put, ({ azure }) => azure.noteCalls({ outcome: 'goingOn' })],
  ])('%s', async (_, changes, effect) => {
    const lookedFor = await answerLost(changes, effect);
    expect(await finished(lookedFor)).toMatchObject({ status: 'outcomeUnknown', updatedAt: '2026-11-21T20:27:00.000Z' });
    expect(lookedFor.world.azure.calls).toHaveLength(1);
  });
});

describe('the target tells', () => {
  it('that a deletion succeeded: it was there before the call and is gone', async () => {
    const lookedFor = await answerLost({}, ({ azure }) => azure.remove(account));
    expect(await finished(lookedFor)).toMatchObject({
      status: 'succeeded',
      updatedAt: '2026-11-21T20:12:05.000Z',
      detail: 'The answer was lost. The target tells: It was there before the call and is gone.',
    });
    const { events } = await storedOf(lookedFor.world, lookedFor.id);
    expect(events.at(-1)?.detail).toMatchObject({ readBack: { by: 'target', found: 'It was there before the call and is gone.' } });
  });

  it('that a PUT succeeded: it is as asked, which it was not before', async () => {
    const lookedFor = await answerLost(put, stand(written));
    expect((await finished(lookedFor)).status).toBe('succeeded');
    expect(lookedFor.world.azure.calls).toHaveLength(1);
  });

  it('that a PUT had no effect: then it is made once more, after a while', async () => {
    const { world, id } = await answerLost(put);
    await makeMessageDelivery(world).deliverAll();
    const { events } = await storedOf(world, id);
    const released = events.find(({ detail }) => detail.kind === 'executionReleased');
    expect(released).toMatchObject({
      at: '2026-11-21T20:16:00.000Z',
      detail: { reason: 'The connection was cut.', readBack: { by: 'target', found: 'It is to the letter what it was before the call.' } },
    });
    expect(world.azure.calls).toHaveLength(3);
    expect(await operationOf(world, id)).toMatchObject({ status: 'failed', detail: 'Tried 3 times. The connection was cut.' });
  });
});

describe('the activity log tells', () => {
  it.each([
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
  ] as const)('that the call %s', async (outcome, status) => {
    const lookedFor = await answerLost(restart, ({ azure }) => azure.noteCalls({ outcome }));
    expect(await finished(lookedFor)).toMatchObject({
      status,
      detail: `The answer was lost. The activity log tells: The call ${outcome}.`,
    });
  });

  it('nothing by a failure that may be of an earlier call of the same operation', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world, restart);
    world.azure.answerCalls({ kind: 'notSent', reason: 'No connection.' }, lost);
    world.azure.noteCalls({ outcome: 'failed' });
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({
      status: 'outcomeUnknown',
      detail: expect.stringContaining('One of several calls failed.'),
    });
  });

  it('is asked for the target, the id of the operation and the time of the call', async () => {
    const { world, id } = await answerLost(restart);
    const questions: unknown[] = [];
    world.azure.activityLog.find = async (question) => {
      questions.push(question);
      return { outcome: 'succeeded' };
    };
    await makeMessageDelivery(world).deliverAll();
    expect(questions).toEqual([
      { resourceId: account.toLowerCase(), clientRequestId: id, from: '2026-11-21T20:07:00.000Z', to: '2026-11-21T20:17:05.000Z' },
    ]);
  });
});

describe('what Azure took and then forgot', () => {
  const accepted: CallOutcome = {
    kind: 'accepted',
    status: 202,
    pollUrl: 'https://management.example/operations/1',
    pollStyle: 'asyncOperation',
    retryAfterMs: 10_000,
  };

  it('has succeeded where the status of its operation says so after all', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    world.azure.answerCalls(accepted);
    world.azure.answerPolls(
      { kind: 'gone', reason: 'Azure answered 404.' },
      { kind: 'answered', answer: { status: 200, body: { status: 'Succeeded' } }, succeeded: true },
    );
    await makeMessageDelivery(world).deliverAll();
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', result: { status: 200 } });
    const { events } = await storedOf(world, id);
    expect(events.at(-1)?.detail).toMatchObject({ readBack: { by: 'operationStatus' } });
  });

  it('is never made again where it did not even say how to ask', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world, put);
    world.azure.answerCalls({ kind: 'doubtful', reason: 'Azure took the call (202) and gave no address.', accepted: true });
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('outcomeUnknown');
    expect(world.azure.calls).toHaveLength(1);
  });

  it('is never made again, though the target is as before', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world, put);
    world.azure.answerCalls(accepted);
    world.azure.answerPolls({ kind: 'gone', reason: 'Azure answered 404.' });
    await makeMessageDelivery(world).deliverAll();
    expect((await operationOf(world, id)).status).toBe('outcomeUnknown');
    expect(world.azure.calls).toHaveLength(1);
  });
});

it('the person who must look is told what was sent and when, why nobody knows, what was read, and where to look', async () => {
  const lookedFor = await answerLost(restart);
  const { world, id } = lookedFor;
  expect(await finished(lookedFor)).toMatchObject({
    detail: [
      `POST ${account}/failover was sent at 2026-11-21T20:12:00.000Z with x-ms-client-request-id ${id}, and nobody knows what became of it.`,
      'The connection was cut.',
      'It was looked for until 2026-11-21T20:27:00.000Z.',
      'Target: What the call does cannot be seen by reading the target.',
      'Activity log: The call is not noted.',
      'Look at the target, and in its activity log for that id from 2026-11-21T20:12:00.000Z on, then record what you found.',
    ].join(' '),
  });
  expect(await kindsOf(world, id)).toContain('outcomeDoubted');
});

describe('an executor that was only slow', () => {
  async function slow(meanwhile: (world: World) => Promise<unknown>) {
    const world = makeWorld();
    const id = await waitForVotes(world);
    await world.recordVote(voterOf(anna), await voteFor(world, id));
    const { callOnce } = world.azure.caller;
    world.azure.caller.callOnce = async (...call) => {
      await callOnce(...call);
      world.clock.setTo('2026-11-21T20:17:00.000Z');
      await world.check(lastMessage(world, 'checkLease'));
      await meanwhile(world);
      return { kind: 'answered', answer: { status: 204, body: undefined } };
    };
    await world.execute(lastMessage(world, 'execute'));
    return { world, id };
  }

  it('tells what Azure answered, although it is in doubt by then', async () => {
    const { world, id } = await slow(async () => undefined);
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', detail: 'Azure answered 204.' });
    expect(await kindsOf(world, id)).toContain('outcomeDoubted');
  });

  it('changes nothing once the outcome was found', async () => {
    const { world, id } = await slow(async (world) => {
      world.azure.remove(account);
      await world.check(lastMessage(world, 'readBack'));
    });
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded', detail: expect.stringContaining('The answer was lost.') });
  });
});

import { describe, expect, it } from 'vitest';
import { isTerminal, type OperationId } from '../../shared/domain/operation.ts';
import { RequestError } from '../../shared/domain/request-error.ts';
import type { CallOutcome } from '../../shared/ports/azure.ts';
import type { Submission } from '../../shared/use-cases/submit-operation.ts';
import { agentCaller, anna, deployAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { deleteAccount, operationOf, readAccount, standAccount, storedOf, voteFor, voterOf } from '../support/scenarios.ts';
import { deny } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

/*
 * The process dies after every single call of a port on the whole way of an operation, before anybody learns of the call's answer, and is
 * started again: the agent repeats its request, the approver presses again, the queues deliver again. Dying after a call that only reads
 * leaves what dying before it leaves, so that those are passed over.
 */

type Way = {
  readonly name: string;
  readonly submission: Submission;
  readonly decision?: 'approve' | 'reject';
  readonly prepare?: (world: World) => void;
  /** Where it ends if nobody dies. */
  readonly end: string;
  /** How many calls may leave: one that has an effect, and any that were not sent or have none. */
  readonly mostCalls: number;
};

const repeatabilityId = 'r-1';
const answered: CallOutcome = { kind: 'answered', answer: { status: 200, body: { properties: { adminPassword: 'hunter2-hunter2' } } } };
const accepted: CallOutcome = {
  kind: 'accepted',
  status: 202,
  pollUrl: 'https://management.example/operations/1',
  pollStyle: 'asyncOperation',
  retryAfterMs: 10_000,
};

const ways: readonly Way[] = [
  {
    name: 'a read',
    submission: readAccount({ repeatabilityId }),
    prepare: ({ azure }) => azure.answerCalls(answered),
    end: 'succeeded',
    mostCalls: 3,
  },
  {
    name: 'a deletion that goes on in Azure',
    submission: deleteAccount({ repeatabilityId }),
    prepare: ({ azure }) => {
      azure.answerCalls(accepted);
      azure.answerPolls(
        { kind: 'pending', retryAfterMs: 60_000 },
        { kind: 'answered', answer: { status: 204, body: undefined }, succeeded: true },
      );
    },
    end: 'succeeded',
    mostCalls: 1,
  },
  {
    name: 'a deletion that is sent at the second attempt',
    submission: deleteAccount({ repeatabilityId }),
    prepare: ({ azure }) => azure.answerCalls({ kind: 'notSent', reason: 'The host could not be found.' }, answered),
    end: 'succeeded',
    mostCalls: 2,
  },
  { name: 'a rejected deletion', submission: deleteAccount({ repeatabilityId }), decision: 'reject', end: 'rejected', mostCalls: 0 },
  {
    name: 'a deletion that the second look denies',
    submission: deleteAccount({ repeatabilityId }),
    prepare: ({ policies, announcer }) => {
      const { announce } = announcer;
      announcer.announce = async (announcements) => {
        policies.script('risky', deny('Not any more.'));
        await announce(announcements);
      };
    },
    end: 'denied',
    mostCalls: 0,
  },
];

describe.each(ways)('$name', (way) => {
  it(`ends as ${way.end} where nobody dies`, async () => {
    const world = makeWorld();
    const id = await live(world, way);
    expect((await operationOf(world, id)).status).toBe(way.end);
    await expectPromises(world, way, id);
  });

  it('keeps every promise wherever the process dies', { timeout: 60_000 }, async () => {
    const calls = await rehearse(way);
    expect(calls.length).toBeGreaterThan(5);
    for (const call of calls) {
      const world = makeWorld();
      world.interruptions.dieAfter(call);
      const id = await live(world, way);
      const where = `died after call ${call}, ${world.interruptions.calls[call - 1]}`;
      expect(world.interruptions.happened, where).toBe(true);
      await expectPromises(world, way, id, where);
    }
  });
});

const reads: readonly string[] = ['store.read', 'store.readDocument', 'directory.account', 'directory.memberOf', 'reader.read'];

/** The places of all calls that have an effect, 1 for the first, where nobody dies. */
async function rehearse(way: Way): Promise<readonly number[]> {
  const world = makeWorld();
  await live(world, way);
  return world.interruptions.calls.flatMap((call, index) => (reads.includes(call) ? [] : index + 1));
}

/** The whole way: the agent asks until it is answered, the messages are delivered, the approver presses until it counts, time passes. */
async function live(world: World, way: Way): Promise<OperationId> {
  standAccount(world);
  way.prepare?.(world);
  const delivery = makeMessageDelivery(world);
  const { id } = await insisting(world, () => world.submit(agentCaller(deployAgent), way.submission));
  await delivery.deliverDue();
  world.clock.advanceMs(3 * 60_000);
  await delivery.deliverDue();
  if ((await operationOf(world, id)).status === 'awaitingApproval') await insisting(world, () => pressOnce(world, id, way));
  await delivery.deliverAll();
  expect(delivery.deadLettered).toEqual([]);
  return id;
}

/** A press counts, or the person is told that an earlier one did. */
async function pressOnce(world: World, id: OperationId, way: Way): Promise<void> {
  try {
    await world.recordVote(voterOf(anna), await voteFor(world, id, { decision: way.decision ?? 'approve' }));
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'AlreadyVoted') throw error;
  }
}

/** What a person or a client does after an error: the same once more. */
async function insisting<Answer>(world: World, act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ProcessDied') throw error;
    world.interruptions.restart();
    return await act();
  }
}

async function expectPromises(world: World, way: Way, id: OperationId, where = 'undisturbed'): Promise<void> {
  const { operation, events } = await storedOf(world, id);
  expect(isTerminal(operation), `${where}: it has ended, as ${operation.status}`).toBe(true);

  expect(world.azure.calls.length, `${where}: one effect`).toBeLessThanOrEqual(way.mostCalls);
  const intents = world.effects.filter((effect) => effect === 'commit credentialIssued callStarted' || effect.startsWith('call '));
  for (const [place, effect] of intents.entries()) {
    if (effect.startsWith('call '))
      expect(intents[place - 1], `${where}: an intent before each call`).toBe('commit credentialIssued callStarted');
  }
  if (operation.status === 'succeeded') expect(world.azure.calls.length, `${where}: a success was called for`).toBeGreaterThan(0);

  const listed = await world.index.query({ top: 10 });
  expect(listed, `${where}: the listing is up to date`).toMatchObject({ entries: [{ id, status: operation.status }] });
  const hanging = world.channel.shown.filter(({ group }) => operation.cards.some((card) => card.group === group)).at(-1);
  if (hanging !== undefined) expect(hanging.subject.operation.status, `${where}: the card is up to date`).toBe(operation.status);
  expect(JSON.stringify(events), `${where}: no secret in an event`).not.toContain('hunter2');
}

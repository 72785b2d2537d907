import { describe, expect, it } from 'vitest';
import type { OperationId } from '../../shared/domain/operation.ts';
import type { Announcement } from '../../shared/ports/announcer.ts';
import { agentCaller, anna, boris, deployAgent, olga } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import {
  approveDeletion,
  deleteAccount,
  lastMessage,
  operationOf,
  standAccount,
  storedOf,
  voteFor,
  voterOf,
  waitForVotes,
} from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

/*
 * Before every single call of a port that a step makes, somebody else does something, whole. Whatever it is and whenever it comes, the step
 * keeps its promises.
 */

type Step = (world: World, id: OperationId) => Promise<unknown>;
type Competitor = { readonly name: string; readonly act: (world: World, id: OperationId, message: Announcement) => Promise<unknown> };

const refusedVote: Competitor = {
  name: 'a vote is refused',
  act: async (world, id) => await settled(world.recordVote(voterOf(olga, ['auditors']), await voteFor(world, id))),
};
const deadLetter: Competitor = {
  name: 'a dead letter of the same operation comes',
  act: async (world, _id, message) =>
    await world.recordDeadLetter({
      message: { ...message, purpose: 'project' },
      stray: { queue: 'changes', messageId: 'm-1', reason: 'MaxDeliveryCountExceeded', bodyDigest: 'sha256:00', seenAt: world.clock.now() },
    }),
};
const listing: Competitor = {
  name: 'the listing is brought up to date',
  act: async (world) => await makeMessageDelivery(world).deliverDueOf('project'),
};
const cancellation: Competitor = {
  name: 'a cancellation',
  act: async (world, id) => await settled(world.cancel(agentCaller(deployAgent), id)),
};

describe('an execution', { timeout: 60_000 }, () => {
  const harmless: readonly Competitor[] = [
    { name: 'its message is delivered twice', act: async (world, _id, message) => await world.execute(message) },
    refusedVote,
    deadLetter,
    listing,
  ];

  it.each(harmless)('succeeds at once with one call whenever $name', async ({ act }) => {
    await everywhere(
      approveDeletion,
      (world) => world.execute(lastMessage(world, 'execute')),
      (world, id) => act(world, id, lastMessage(world, 'execute')),
      async (world, id, where) => {
        await makeMessageDelivery(world).deliverDueOf('execute');
        expect(world.azure.calls, where).toHaveLength(1);
        expect((await operationOf(world, id)).status, where).toBe('succeeded');
      },
    );
  });

  it('makes one call or none whenever the agent cancels', async () => {
    await everywhere(
      approveDeletion,
      (world) => world.execute(lastMessage(world, 'execute')),
      (world, id) => cancellation.act(world, id, lastMessage(world, 'execute')),
      async (world, id, where) => {
        const { status } = await operationOf(world, id);
        expect(['succeeded', 'cancelled'], where).toContain(status);
        expect(world.azure.calls, where).toHaveLength(status === 'succeeded' ? 1 : 0);
      },
    );
  });

  it('makes at most one call whenever it is held up until its lease and every message behind it are through', async () => {
    await everywhere(
      approveDeletion,
      (world) => world.execute(lastMessage(world, 'execute')),
      async (world) => {
        await makeMessageDelivery(world).deliverAll();
      },
      async (world, id, where) => {
        expect(world.azure.calls.length, where).toBeLessThanOrEqual(1);
        expect(['succeeded', 'outcomeUnknown', 'expired'], where).toContain((await operationOf(world, id)).status);
      },
    );
  });
});

describe('a check', { timeout: 60_000 }, () => {
  const polling = async (world: World): Promise<OperationId> => {
    const id = await approveDeletion(world);
    world.azure.answerCalls({
      kind: 'accepted',
      status: 202,
      pollUrl: 'https://management.example/operations/1',
      pollStyle: 'location',
      retryAfterMs: 10_000,
    });
    world.azure.answerPolls({ kind: 'answered', answer: { status: 200, body: undefined }, succeeded: true });
    await world.execute(lastMessage(world, 'execute'));
    world.clock.advanceMs(10_000);
    return id;
  };

  it.each([
    { name: 'its message is delivered twice', act: async (world: World) => await world.check(lastMessage(world, 'poll')) },
    refusedVote,
    deadLetter,
  ])('finds the end of an accepted call, at the latest a second later, whenever $name', async ({ act }) => {
    await everywhere(
      polling,
      (world) => world.check(lastMessage(world, 'poll')),
      (world, id) => act(world, id, lastMessage(world, 'poll')),
      async (world, id, where) => {
        world.clock.advanceMs(1_000);
        await makeMessageDelivery(world).deliverDueOf('poll');
        expect((await operationOf(world, id)).status, where).toBe('succeeded');
        expect(world.azure.calls, where).toHaveLength(1);
      },
    );
  });
});

describe('a vote', { timeout: 60_000 }, () => {
  const cast: Step = async (world, id) => await settled(world.recordVote(voterOf(anna), await voteFor(world, id)));

  it.each([
    { name: 'the same person votes as well', act: cast },
    {
      name: 'another approver votes as well',
      act: async (world: World, id: OperationId) => await settled(world.recordVote(voterOf(boris), await voteFor(world, id))),
    },
    { name: 'a vote is refused', act: refusedVote.act },
  ])('counts once and runs once whenever $name', async ({ act }) => {
    await everywhere(
      waitForVotes,
      cast,
      (world, id) => act(world, id, lastMessage(world, 'requestApproval')),
      async (world, id, where) => {
        const { operation } = await storedOf(world, id);
        expect(operation.status, where).toBe('approved');
        expect(operation.votes, where).toHaveLength(1);
        await makeMessageDelivery(world).deliverDueOf('execute');
        expect(world.azure.calls, where).toHaveLength(1);
      },
    );
  });
});

describe('the request for approval', { timeout: 60_000 }, () => {
  const submitted = async (world: World): Promise<OperationId> => {
    standAccount(world);
    return (await world.submit(agentCaller(deployAgent), deleteAccount())).id;
  };
  const request: Step = async (world) => {
    await makeMessageDelivery(world).deliverDueOf('requestApproval');
  };
  const again: Competitor = {
    name: 'its message is delivered twice',
    act: async (world, _id, message) => await world.requestApproval(message),
  };

  it.each([again, refusedVote, deadLetter])('shows one preview, and every card of it, whenever $name', async ({ act }) => {
    await everywhere(
      submitted,
      request,
      (world, id) => act(world, id, lastMessage(world, 'requestApproval')),
      async (world, id, where) => {
        world.clock.advanceMs(1_000);
        await makeMessageDelivery(world).deliverDueOf('requestApproval');
        const { operation, events } = await storedOf(world, id);
        expect(
          events.filter(({ detail }) => detail.kind === 'previewed'),
          where,
        ).toHaveLength(1);
        expect(operation.cards.length, where).toBe(world.channel.shown.filter(({ what }) => what === 'post').length);
        expect(operation.cards.length, where).toBeGreaterThan(0);
      },
    );
  });

  it('leaves no card that asks for votes whenever the agent cancels', async () => {
    await everywhere(
      submitted,
      request,
      (world, id) => cancellation.act(world, id, lastMessage(world, 'requestApproval')),
      async (world, id, where) => {
        await makeMessageDelivery(world).deliverAll();
        expect((await operationOf(world, id)).status, where).toBe('cancelled');
        const hanging = world.channel.shown.at(-1)?.subject.operation.status ?? 'cancelled';
        expect(hanging, where).toBe('cancelled');
      },
    );
  });
});

/** Runs the step once for each of its calls, with the competitor before that call; `expectations` then hold. */
async function everywhere(
  prepare: (world: World) => Promise<OperationId>,
  step: Step,
  competitor: (world: World, id: OperationId) => Promise<unknown>,
  expectations: (world: World, id: OperationId, where: string) => Promise<void>,
): Promise<void> {
  for (let call = 1; ; call += 1) {
    const world = makeWorld();
    const id = await prepare(world);
    const { interruptions } = world;
    const place = interruptions.calls.length + call;
    interruptions.runBefore(place, async () => {
      await competitor(world, id);
    });
    await step(world, id);
    if (!interruptions.happened) {
      expect(call).toBeGreaterThan(2);
      return;
    }
    await expectations(world, id, `before call ${call}, ${interruptions.calls[place - 1]}`);
  }
}

/** Resolves once it is over, whichever way. */
async function settled(act: Promise<unknown>): Promise<void> {
  await Promise.allSettled([act]);
}

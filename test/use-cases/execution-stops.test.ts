import { describe, expect, it } from 'vitest';
import { instant } from '../../shared/domain/instant.ts';
import type { OperationId } from '../../shared/domain/operation.ts';
import { OperationDamagedError } from '../../shared/use-cases/find-announced.ts';
import { agentCaller, anna, boris, deployAgent, owen } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import {
  account,
  accountState,
  approveDeletion,
  deleteAccount,
  lastMessage,
  operationOf,
  readAccount,
  storedOf,
  voteFor,
  voterOf,
} from '../support/scenarios.ts';
import { deny, requireApproval } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

type Stop = {
  readonly why: string;
  readonly arrange: (world: World, id: OperationId) => Promise<unknown> | unknown;
  readonly code: string;
  readonly end: string;
  readonly detail?: string;
};

const stops: readonly Stop[] = [
  { why: 'the target has changed', arrange: ({ azure }) => azure.set(account, { tags: {} }), code: 'drifted', end: 'expired' },
  { why: 'the target is gone', arrange: ({ azure }) => azure.remove(account), code: 'drifted', end: 'expired' },
  {
    why: 'the target can no longer be read',
    arrange: ({ azure }) => azure.setUnreadable(account, 'The reader has no right.'),
    code: 'drifted',
    end: 'expired',
  },
  {
    why: 'the voter has left the group',
    arrange: ({ directory }) => directory.place(anna.id, []),
    code: 'voterNoLongerMember',
    end: 'expired',
  },
  {
    why: "the voter's account is disabled",
    arrange: ({ directory }) => directory.setAccount(anna.id, 'disabled'),
    code: 'voterNoLongerMember',
    end: 'expired',
  },
  {
    why: 'the voter has become the owner of the agent',
    arrange: ({ agents }) => agents.register({ ...deployAgent, ownerId: anna.id }),
    code: 'voterNoLongerMember',
    end: 'expired',
  },
  {
    why: 'the policies no longer let the voter approve',
    arrange: ({ policies }) => policies.letApprove('security'),
    code: 'voterNoLongerMember',
    end: 'expired',
  },
  {
    why: 'the policies now ask for two',
    arrange: ({ policies }) => policies.script('risky', requireApproval(2, ['approvers'])),
    code: 'voterNoLongerMember',
    end: 'expired',
  },
  {
    why: 'the policies now ask another group',
    arrange: ({ policies }) => policies.script('risky', requireApproval(1, ['security'])),
    code: 'voterNoLongerMember',
    end: 'expired',
  },
  {
    why: 'the policies now deny it',
    arrange: ({ policies }) => policies.script('risky', deny('Not any more.')),
    code: 'policyRefuses',
    end: 'denied',
    detail: 'Not any more.',
  },
  {
    why: 'the agent is frozen',
    arrange: ({ agents }) => agents.register({ ...deployAgent, frozen: true }),
    code: 'agentRefused',
    end: 'denied',
    detail: 'The agent is frozen.',
  },
  {
    why: "the agent's registration has expired",
    arrange: ({ agents }) => agents.register({ ...deployAgent, expiresAt: instant('2026-11-21T20:12:00.000Z') }),
    code: 'agentRefused',
    end: 'denied',
    detail: "The agent's registration has expired.",
  },
  {
    why: 'the agent was struck off',
    arrange: ({ agents }) => agents.strikeOff(deployAgent),
    code: 'agentRefused',
    end: 'denied',
    detail: 'The agent is no longer registered.',
  },
  {
    why: "the agent's owner is gone",
    arrange: ({ directory }) => directory.setAccount(owen.id, 'missing'),
    code: 'agentRefused',
    end: 'denied',
    detail: "The account of the agent's owner is disabled or gone.",
  },
  {
    why: "another operation's request lies in the place of its own",
    arrange: async (world, id) => {
      const other = await world.submit(agentCaller(deployAgent), deleteAccount());
      world.store.moveDocument(other.id, id, 'request');
    },
    code: 'digestMismatch',
    end: 'denied',
    detail: 'The stored request cannot be opened.',
  },
];

describe.each(stops)('where $why', ({ arrange, code, end, detail }) => {
  it(`ends as ${end} with ${code}, without credential or call`, async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    const message = lastMessage(world, 'execute');
    await arrange(world, id);
    world.effects.length = 0;
    await world.execute(message);
    expect(world.effects).toEqual([
      'announce checkLease@10',
      'announce project@10',
      'commit executionStarted',
      'announce project@11',
      'commit executionStopped',
    ]);
    const { operation, events } = await storedOf(world, id);
    expect(operation).toMatchObject({ status: end, ...(detail === undefined ? {} : { detail }) });
    expect(events.at(-1)?.detail).toMatchObject({ kind: 'executionStopped', code, end });
    expect(world.azure.calls).toEqual([]);
  });
});

describe('what needed no approval', () => {
  it('does not run where the policies have come to ask for one', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    world.policies.script('low', requireApproval(1, ['approvers']));
    await world.execute(lastMessage(world, 'execute'));
    expect(world.azure.calls).toEqual([]);
    expect(await operationOf(world, id)).toMatchObject({
      status: 'expired',
      detail: 'The policies now require an approval. Submit it again.',
    });
  });
});

describe('what two have approved', () => {
  it('does not run once one of them has left the group', async () => {
    const world = makeWorld();
    world.policies.script('risky', requireApproval(2, ['approvers']));
    const id = await approveDeletion(world);
    await world.recordVote(voterOf(boris), await voteFor(world, id));
    world.directory.place(boris.id, []);
    await world.execute(lastMessage(world, 'execute'));
    expect(world.azure.calls).toEqual([]);
    expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({ kind: 'executionStopped', code: 'voterNoLongerMember' });
  });
});

describe('a stored operation that somebody has changed', () => {
  it.each([
    ['a vote', 8, (text: string) => text.replace(anna.name, boris.name)],
    ['the target that people saw', 1, (text: string) => text.replace('stshop', 'stsafe')],
    ['the decision', 5, (text: string) => text.replace('"required":1', '"required":0')],
  ])('does not run: %s', async (_what, sequence, rewrite) => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    world.store.rewriteEvent(id, sequence, rewrite);
    await expect(world.execute(lastMessage(world, 'execute'))).rejects.toBeInstanceOf(OperationDamagedError);
    expect(world.azure.calls).toEqual([]);
  });

  it('ends up where people look, with nothing sent', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    world.store.rewriteEvent(id, 8, (text) => text.replace(anna.name, boris.name));
    await makeMessageDelivery(world).deliverAll();
    expect(world.azure.calls).toEqual([]);
    expect(world.strays.recorded.map(({ queue }) => queue)).toContain('executions');
  });
});

describe('a target that changed is named by its places, and never by its values', () => {
  it.each<[string, (world: World) => void, string]>([
    [
      'what changed',
      ({ azure }) => azure.set(account, { ...accountState, tags: { environment: 'test' }, sku: { name: 'hunter2' } }),
      'The target is no longer what the approvers saw: tags.environment, sku changed. Submit it again.',
    ],
    [
      'that it is gone',
      ({ azure }) => azure.remove(account),
      'The target is no longer what the approvers saw: it is gone. Submit it again.',
    ],
    [
      'that it cannot be read',
      ({ azure }) => azure.setUnreadable(account, 'The reader has no right.'),
      'The target is no longer what the approvers saw, or nobody can say: it cannot be read now. Submit it again.',
    ],
  ])('%s', async (_what, change, detail) => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    change(world);
    await world.execute(lastMessage(world, 'execute'));
    expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({ code: 'drifted', detail });
  });

  it('a secret that changed is a masked value', async () => {
    const world = makeWorld();
    world.azure.set(account, { ...accountState, properties: { adminPassword: 'hunter2-hunter2' } });
    const id = await approveDeletionOf(world);
    world.azure.set(account, { ...accountState, properties: { adminPassword: 'hunter3-hunter3' } });
    await world.execute(lastMessage(world, 'execute'));
    expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({
      detail: 'The target is no longer what the approvers saw: a masked value changed. Submit it again.',
    });
  });

  it('and what Azure changes by itself is no change', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    world.azure.set(account, { ...accountState, etag: 'W/"2"', properties: { provisioningState: 'Updating' } });
    await world.execute(lastMessage(world, 'execute'));
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });
});

/** A deletion of the account as the world has it, approved by Anna. */
async function approveDeletionOf(world: World): Promise<OperationId> {
  const { id } = await world.submit(agentCaller(deployAgent), deleteAccount());
  await world.requestApproval(lastMessage(world, 'requestApproval'));
  await world.recordVote(voterOf(anna), await voteFor(world, id));
  return id;
}

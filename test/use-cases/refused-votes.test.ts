import { describe, expect, it } from 'vitest';
import type { OperationId } from '../../shared/domain/operation.ts';
import { type CastVote, recordedRefusals, type VotingCaller } from '../../shared/use-cases/record-vote.ts';
import { agentCaller, anna, boris, deployAgent, olga, otherAgent, owen, stranger } from '../support/cast.ts';
import { deleteAccount, kindsOf, operationOf, standAccount, storedOf, voteFor, voterOf, waitForVotes } from '../support/scenarios.ts';
import { requireApproval } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

type Refusal = {
  readonly why: string;
  readonly caller: VotingCaller;
  readonly arrange?: (world: World, id: OperationId) => Promise<unknown> | unknown;
  readonly changes?: Partial<CastVote>;
  readonly code: string;
  readonly event: string;
};

const otherDigest = `sha256:${'0'.repeat(64)}`;
const refusals: readonly Refusal[] = [
  {
    why: 'an agent',
    caller: { kind: 'agent', id: otherAgent.objectId, name: otherAgent.objectId },
    code: 'PersonRequired',
    event: 'notAPerson',
  },
  { why: 'the owner of the agent, approver or not', caller: voterOf(owen), code: 'VoterOwnsAgent', event: 'ownRequest' },
  {
    why: 'who has become the owner of the agent since',
    caller: voterOf(boris),
    arrange: ({ agents }) => agents.register({ ...deployAgent, ownerId: boris.id }),
    code: 'VoterOwnsAgent',
    event: 'ownRequest',
  },
  { why: 'who may read and not vote', caller: voterOf(olga, ['auditors']), code: 'VoterNotInGroup', event: 'notInGroup' },
  {
    why: 'an approver of another group than the operation asks for',
    caller: voterOf(boris, ['security']),
    code: 'VoterNotInGroup',
    event: 'notInGroup',
  },
  {
    why: 'who has voted',
    caller: voterOf(anna),
    arrange: async (world, id) => await world.recordVote(voterOf(anna), await voteFor(world, id)),
    code: 'AlreadyVoted',
    event: 'alreadyVoted',
  },
  {
    why: 'who comes at the very moment at which voting ends',
    caller: voterOf(anna),
    arrange: ({ clock }) => clock.setTo('2026-11-22T00:12:00.000Z'),
    code: 'VotingEnded',
    event: 'tooLate',
  },
  {
    why: 'who comes after somebody rejected it',
    caller: voterOf(anna),
    arrange: async (world, id) => await world.recordVote(voterOf(boris), await voteFor(world, id, { decision: 'reject' })),
    code: 'NotAwaitingApproval',
    event: 'notWaiting',
  },
  {
    why: 'who comes after the agent took it back',
    caller: voterOf(anna),
    arrange: async (world, id) => await world.cancel(agentCaller(deployAgent), id),
    code: 'NotAwaitingApproval',
    event: 'notWaiting',
  },
  {
    why: 'who saw something else',
    caller: voterOf(anna),
    changes: { digest: otherDigest },
    code: 'ApprovalDigestMismatch',
    event: 'wrongDigest',
  },
  { why: 'who names no digest', caller: voterOf(anna), changes: { digest: '' }, code: 'ApprovalDigestMismatch', event: 'wrongDigest' },
];

describe.each(refusals)('a vote of $why', ({ caller, arrange, changes, code, event }) => {
  it(`is refused as ${code} and recorded as ${event}`, async () => {
    const { world, id } = await waitingForTwo();
    await arrange?.(world, id);
    const before = await operationOf(world, id);
    await expect(world.recordVote(caller, await voteFor(world, id, changes))).rejects.toMatchObject({ name: 'RequestError', code });
    const { operation, events } = await storedOf(world, id);
    expect(operation).toMatchObject({ status: before.status, votes: before.votes, refusedVotes: before.refusedVotes + 1 });
    expect(events.at(-1)).toMatchObject({
      actor: { kind: caller.kind, id: caller.id },
      detail: { kind: 'voteRefused', voter: { id: caller.id }, refusal: event, channel: 'teams' },
    });
  });
});

it('is refused before the preview is stored, since there is nothing to vote on', async () => {
  const world = makeWorld();
  standAccount(world);
  const { id } = await world.submit(agentCaller(deployAgent), deleteAccount());
  await expect(world.recordVote(voterOf(anna), await voteFor(world, id))).rejects.toMatchObject({
    code: 'NotYetPreviewed',
    retryAfterSeconds: 2,
  });
  expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({ kind: 'voteRefused', refusal: 'notPreviewed' });
});

it('is refused once the deadline was found to be over', async () => {
  const { world, id } = await waitingForTwo();
  world.clock.setTo('2026-11-22T00:12:00.000Z');
  await world.check({ ...(await announcementOf(world, id)), purpose: 'checkDeadline' });
  await expect(world.recordVote(voterOf(anna), await voteFor(world, id))).rejects.toMatchObject({ code: 'VotingEnded' });
});

it('tells a stranger that there is no such operation, and records the attempt', async () => {
  const { world, id } = await waitingForTwo();
  await expect(world.recordVote(voterOf(stranger, []), await voteFor(world, id))).rejects.toMatchObject({ code: 'OperationNotFound' });
  expect((await storedOf(world, id)).events.at(-1)).toMatchObject({ actor: { id: stranger.id }, detail: { refusal: 'notInGroup' } });
});

it('tells anybody that there is no operation where there is none', async () => {
  const world = makeWorld();
  const cast: CastVote = { operationId: `op_${'z'.repeat(26)}`, decision: 'approve', digest: otherDigest, reason: '', channel: 'api' };
  await expect(world.recordVote(voterOf(anna), cast)).rejects.toMatchObject({ code: 'OperationNotFound' });
  expect(world.effects).toEqual([]);
});

it('is counted by nobody where the policies leave no group', async () => {
  const world = makeWorld();
  world.policies.script('risky', requireApproval(1, []));
  const id = await waitForVotes(world);
  await expect(world.recordVote(voterOf(anna), await voteFor(world, id))).rejects.toMatchObject({ code: 'VoterNotInGroup' });
});

it('is recorded twenty times and no more, and refused all the same', async () => {
  const { world, id } = await waitingForTwo();
  const cast = await voteFor(world, id);
  for (let vote = 1; vote <= recordedRefusals + 3; vote += 1) {
    await expect(world.recordVote(voterOf(olga, ['auditors']), cast)).rejects.toMatchObject({ code: 'VoterNotInGroup' });
  }
  expect((await kindsOf(world, id)).filter((kind) => kind === 'voteRefused')).toHaveLength(20);
});

it('announces nothing but the listing', async () => {
  const { world, id } = await waitingForTwo();
  world.effects.length = 0;
  await expect(world.recordVote(voterOf(owen), await voteFor(world, id))).rejects.toMatchObject({ code: 'VoterOwnsAgent' });
  expect(world.effects).toEqual(['announce project@8', 'commit voteRefused']);
});

async function waitingForTwo(): Promise<{ world: World; id: OperationId }> {
  const world = makeWorld();
  world.policies.script('risky', requireApproval(2, ['approvers']));
  return { world, id: await waitForVotes(world) };
}

async function announcementOf(world: World, operationId: OperationId) {
  const { head } = await operationOf(world, operationId);
  return { operationId, sequence: head.sequence, commit: head.hash, attempt: 0 };
}

import { describe, expect, it } from 'vitest';
import type { Caller } from '../../shared/ports/token-verifier.ts';
import { makeAuthorizeVoter } from '../../shared/use-cases/authorize-voter.ts';
import { agentCaller, anna, consoleClientId, deployAgent, issuer, owen, personCaller } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { lastMessage, operationOf, readAccount, storedOf, voteFor, waitForVotes } from '../support/scenarios.ts';
import { requireApproval } from '../support/scripted-policies.ts';
import { makeWorld } from '../support/world.ts';

const okta = 'https://contoso.okta.com/oauth2/default';
const gate: Caller = {
  kind: 'ci',
  issuer: 'https://token.actions.githubusercontent.com',
  tenantId: 'github-actions',
  objectId: 'repo:octo-org/octo-repo:environment:release-gate',
  roles: ['Operation.Submit', 'Operation.Approve', 'Audit.Read'],
  absentGroups: [],
  proof: { issuer: 'https://token.actions.githubusercontent.com' },
};

describe('a gate of a pipeline', () => {
  it('asks for nothing', async () => {
    await expect(makeWorld().submit(gate, readAccount())).rejects.toMatchObject({ code: 'AgentRequired' });
  });

  it('reads nothing', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    await expect(world.read(gate, id)).rejects.toMatchObject({ code: 'PersonRequired' });
    await expect(world.list(gate, { top: 10 })).rejects.toMatchObject({ code: 'PersonRequired' });
  });

  it('has no vote', async () => {
    await expect(makeWorld().authorizeVoter(gate)).rejects.toMatchObject({ code: 'PersonRequired' });
  });

  it('is no agent, even where an agent has its name', async () => {
    const world = makeWorld();
    world.agents.register({ ...deployAgent, tenantId: gate.tenantId, objectId: gate.objectId });
    await expect(world.submit(gate, readAccount())).rejects.toMatchObject({ code: 'AgentRequired' });
  });
});

describe('a client that people sign in through', () => {
  it('counts for its own issuer only', async () => {
    const caller = { ...personCaller(anna), issuer: okta };
    await expect(makeWorld().authorizeVoter(caller)).rejects.toMatchObject({ code: 'ClientNotAllowed' });
  });

  it('counts where its issuer is configured with it', async () => {
    const world = makeWorld();
    const personClients = new Map([...world.deps.personClients, [okta, new Set(['0oa2c0n50le000000005'])] as const]);
    const authorize = makeAuthorizeVoter({ ...world.deps, personClients });
    const caller = { ...personCaller(anna, ['Operation.Approve'], '0oa2c0n50le000000005'), issuer: okta, tenantId: 'okta' };
    expect(await authorize(caller)).toEqual({ kind: 'person', ...anna, groups: ['approvers'] });
    await expect(authorize({ ...caller, clientId: consoleClientId })).rejects.toMatchObject({ code: 'ClientNotAllowed' });
  });
});

describe('one person', () => {
  it('has one vote, however the person signed in', async () => {
    const world = makeWorld();
    world.policies.script('risky', requireApproval(2, ['approvers']));
    const id = await waitForVotes(world);
    await world.recordVote({ kind: 'person', ...anna, groups: ['approvers'] }, await voteFor(world, id));
    const again = world.recordVote(
      { kind: 'person', ...anna, name: 'ada@contoso.example', groups: ['approvers'] },
      await voteFor(world, id),
    );
    await expect(again).rejects.toMatchObject({ code: 'AlreadyVoted' });
  });
});

describe('a group that the issuer names and the token does not', () => {
  it('refuses the agent that is registered in it, since a policy may forbid what its members do', async () => {
    const caller = { ...agentCaller(deployAgent), absentGroups: ['deployers'] };
    await expect(makeWorld().submit(caller, readAccount())).rejects.toMatchObject({ code: 'MissingRole' });
  });

  it('refuses the person who is in it', async () => {
    const caller = { ...personCaller(anna), absentGroups: ['approvers'] };
    await expect(makeWorld().authorizeVoter(caller)).rejects.toMatchObject({ code: 'MissingRole' });
  });

  it('is nothing to an agent and to a person outside it', async () => {
    const world = makeWorld();
    const absentGroups = ['somebody-elses'];
    await expect(world.submit({ ...agentCaller(deployAgent), absentGroups }, readAccount())).resolves.toMatchObject({ status: 'approved' });
    expect(await world.authorizeVoter({ ...personCaller(anna), absentGroups })).toMatchObject({ groups: ['approvers'] });
  });
});

describe('an agent', () => {
  const firstVersion = 'https://sts.windows.net/11111111-1111-4111-8111-111111111111/';
  const managedIdentity = '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg/providers/x/y/z';

  it('that repeats its request with a token of the other version gets the same operation', async () => {
    const world = makeWorld();
    const first = await world.submit(agentCaller(deployAgent), readAccount({ repeatabilityId: 'r-1' }));
    const caller = { ...agentCaller(deployAgent), proof: { issuer: firstVersion, client: 'another-client' } };
    expect(await world.submit(caller, readAccount({ repeatabilityId: 'r-1' }))).toEqual(first);
  });

  it('leaves in the evidence how it came by its token', async () => {
    const world = makeWorld();
    const proof = { issuer: firstVersion, client: 'c', managedIdentity };
    const { id } = await world.submit({ ...agentCaller(deployAgent), proof }, readAccount());
    expect((await storedOf(world, id)).events[0]?.detail).toMatchObject({ kind: 'submitted', agent: { issuer }, proof });
  });

  it('sees nothing of an agent that has its id under another issuer', async () => {
    const world = makeWorld();
    const id = await waitForVotes(world);
    const namesake = { ...deployAgent, tenantId: 'okta' };
    world.agents.register(namesake);
    await makeMessageDelivery(world).deliverDueOf('project');
    expect((await world.list(agentCaller(deployAgent), { top: 10 })).entries).toMatchObject([{ id }]);
    expect((await world.list(agentCaller(namesake), { top: 10 })).entries).toEqual([]);
    await expect(world.read(agentCaller(namesake), id)).rejects.toMatchObject({ code: 'OperationNotFound' });
  });

  it('whose owner has left is told of those who may name another', async () => {
    const world = makeWorld();
    world.agents.register({ ...deployAgent, sponsorGroup: 'security' });
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    world.directory.setAccount(owen.id, 'missing');
    await world.execute(lastMessage(world, 'execute'));
    const refusal = "The account of the agent's owner is disabled or gone. The group security may name another.";
    expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({
      kind: 'executionStopped',
      code: 'agentRefused',
      detail: refusal,
    });
    expect(await operationOf(world, id)).toMatchObject({ status: 'denied' });
  });
});

import { describe, expect, it } from 'vitest';
import { instant } from '../../shared/domain/instant.ts';
import { agentCaller, anna, approvers, auditors, boris, deployAgent, otherAgent, owen, personCaller, stranger } from '../support/cast.ts';
import { readAccount } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

const refused = {
  name: 'RequestError',
  code: 'AgentRefused',
  message: 'This agent may not use Countersign. Ask whoever registers agents.',
};

describe('an agent is refused', () => {
  const cases: readonly { readonly why: string; readonly arrange: (world: World) => void }[] = [
    { why: 'that nobody registered', arrange: ({ agents }) => agents.strikeOff(deployAgent) },
    {
      why: 'whose registration expires at this very moment',
      arrange: ({ agents }) => agents.register({ ...deployAgent, expiresAt: instant('2026-11-21T20:12:00.000Z') }),
    },
    { why: 'that is frozen', arrange: ({ agents }) => agents.register({ ...deployAgent, frozen: true }) },
    { why: 'whose owner is disabled', arrange: ({ directory }) => directory.setAccount(owen.id, 'disabled') },
    { why: 'whose owner is gone', arrange: ({ directory }) => directory.setAccount(owen.id, 'missing') },
  ];

  it.each(cases)('$why, in words that do not say so, and nothing is stored', async ({ arrange }) => {
    const world = makeWorld();
    arrange(world);
    await expect(world.submit(agentCaller(deployAgent), readAccount())).rejects.toMatchObject(refused);
    expect(world.effects).toEqual([]);
  });

  it.each(cases)('$why, when it reads, lists, cancels and asks what would be', async ({ arrange }) => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    arrange(world);
    const caller = agentCaller(deployAgent);
    await expect(world.read(caller, id)).rejects.toMatchObject(refused);
    await expect(world.readEvents(caller, id)).rejects.toMatchObject(refused);
    await expect(world.list(caller, { top: 10 })).rejects.toMatchObject(refused);
    await expect(world.cancel(caller, id)).rejects.toMatchObject(refused);
    await expect(world.assess(caller, readAccount())).rejects.toMatchObject(refused);
  });

  it('of another tenant that has the same object id', async () => {
    const world = makeWorld();
    const foreign = { ...agentCaller(deployAgent), tenantId: '11111111-1111-4111-8111-222222222222' };
    await expect(world.submit(foreign, readAccount())).rejects.toMatchObject(refused);
  });

  it('whose token lacks the role', async () => {
    const world = makeWorld();
    const caller = agentCaller(deployAgent, ['Operation.Approve']);
    await expect(world.submit(caller, readAccount())).rejects.toMatchObject({ code: 'MissingRole' });
    expect(world.effects).toEqual([]);
  });
});

describe('a person', () => {
  it('does not submit, whatever the scopes say', async () => {
    const world = makeWorld();
    await expect(world.submit(personCaller(anna, ['Operation.Submit']), readAccount())).rejects.toMatchObject({ code: 'AgentRequired' });
    expect(world.effects).toEqual([]);
  });

  it('does not cancel', async () => {
    const world = makeWorld();
    const { id } = await world.submit(agentCaller(deployAgent), readAccount());
    await expect(world.cancel(personCaller(anna), id)).rejects.toMatchObject({ code: 'AgentRequired' });
  });

  it('is refused with a token that a command line obtained', async () => {
    const world = makeWorld();
    const caller = personCaller(anna, ['Operation.Approve'], '04b07795-8ddb-461a-bbee-02f9e1bf7b46');
    await expect(world.authorizeVoter(caller)).rejects.toMatchObject({ code: 'ClientNotAllowed' });
    await expect(world.list(caller, { top: 10 })).rejects.toMatchObject({ code: 'ClientNotAllowed' });
  });

  it('needs the scope of approvers to vote, and that of auditors does not do', async () => {
    const world = makeWorld();
    await expect(world.authorizeVoter(personCaller(anna, ['Audit.Read']))).rejects.toMatchObject({ code: 'MissingRole' });
  });

  it('votes with the groups that the directory names now', async () => {
    const world = makeWorld();
    world.directory.place(boris.id, [approvers.id, auditors.id]);
    expect(await world.authorizeVoter(personCaller(boris))).toEqual({ kind: 'person', ...boris, groups: ['approvers', 'auditors'] });
  });

  it('is in no group once the account is disabled', async () => {
    const world = makeWorld();
    world.directory.setAccount(anna.id, 'disabled');
    expect(await world.authorizeVoter(personCaller(anna))).toMatchObject({ groups: [] });
  });

  it('is in no group that nobody registered', async () => {
    const world = makeWorld();
    world.directory.place(stranger.id, ['77777777-7777-4777-8777-000000000099']);
    expect(await world.authorizeVoter(personCaller(stranger))).toMatchObject({ groups: [] });
  });

  it('waits while the directory is away', async () => {
    const world = makeWorld();
    world.directory.setAway(true);
    await expect(world.authorizeVoter(personCaller(anna))).rejects.toMatchObject({ code: 'Unavailable', retryAfterSeconds: 10 });
  });
});

it('lets an agent through to its vote as what it is, so that its attempt is recorded', async () => {
  const world = makeWorld();
  const id = otherAgent.objectId;
  expect(await world.authorizeVoter(agentCaller(otherAgent))).toEqual({ kind: 'agent', id, name: id });
});
